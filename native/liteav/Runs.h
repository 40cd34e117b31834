#pragma once

#include <atomic>
#include <cstdint>

namespace rtcroom::liteav {

/// Which push or playback the application wants, and which one the SDK's thread works on, as numbers: what is still
/// told of one that was stopped does not end the next, which may have been asked for already.
class Runs {
  public:
    // From any thread.
    /// The number of a new one; 0 when one is wanted already.
    uint64_t want() {
        const uint64_t number = ++last_;
        uint64_t none = 0;
        return wanted_.compare_exchange_strong(none, number) ? number : 0;
    }
    void drop() { wanted_ = 0; }
    bool wanted() const { return wanted_ != 0; }
    bool wants(uint64_t number) const { return wanted_ == number; }

    // On the SDK's thread.
    void begin(uint64_t number) { current_ = number; }
    void end() { current_ = 0; }
    uint64_t current() const { return current_; }
    bool running() const { return current_ != 0 && wanted_ == current_; }
    bool running(uint64_t number) const { return number == current_ && running(); }
    /// The one that runs is wanted no more; false when it was not.
    bool fail() {
        uint64_t mine = current_;
        return mine != 0 && wanted_.compare_exchange_strong(mine, 0);
    }

  private:
    std::atomic<uint64_t> last_{0};
    std::atomic<uint64_t> wanted_{0};
    uint64_t current_ = 0;
};

} // namespace rtcroom::liteav
