#pragma once

#include <chrono>

namespace rtcroom::test {

/// How long it has been there.
class Watch {
  public:
    std::chrono::milliseconds passed() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin_);
    }

  private:
    const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

} // namespace rtcroom::test
