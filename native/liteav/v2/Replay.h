#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace rtcroom::liteav::v2 {

/// What an SDK object was set to, in order, to be set again on the object that follows it. On the SDK thread only.
class Replay {
  public:
    using Setting = std::function<void()>;

    /// Runs `setting` and, unless it throws, keeps it in the place of what `key` had.
    void apply(const std::string &key, Setting setting);
    /// Keeps `setting` without running it; nothing for a key that has none.
    void replace(const std::string &key, Setting setting);
    void forget(const std::string &key);
    /// Runs all.
    void again() const;

  private:
    std::vector<std::pair<std::string, Setting>> settings_;
};

} // namespace rtcroom::liteav::v2
