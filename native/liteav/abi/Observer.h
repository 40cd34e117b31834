#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>

#include "liteav/abi/Call.h"

namespace rtcroom::liteav {

/// The SDK calls a void or int method with up to 6 arguments; on x64 the caller cleans up, so that one function without
/// parameters serves all that we do not know.
int RTCROOM_SDK_METHOD ignoreCallback(void *observer);

/// Keeps `observer` for the rest of the process: the SDK's threads may still call it after its object was released. The
/// cost is below 600 bytes an object that was ever made.
void keepForever(std::shared_ptr<void> observer);

/// What the SDK takes for an object with virtual methods. Its table is an array, padded with a function that does
/// nothing, so that a revision with more callbacks than we know finds something to call.
///
/// `Sink` is told on the SDK's threads, under a lock; after `shut()` has returned it is not told any more.
template <typename Sink> class Observer {
  public:
    static constexpr size_t SLOTS = 32;

    explicit Observer(Sink &sink) : sink_(&sink) {
        slots_.fill(reinterpret_cast<void *>(&ignoreCallback));
        table_ = slots_.data();
    }
    Observer(const Observer &) = delete;
    Observer &operator=(const Observer &) = delete;

    /// `callback` is a static function with the observer first. An absent slot is left to the padding.
    template <typename Callback> void place(int slot, Callback callback) {
        if (slot >= 0 && static_cast<size_t>(slot) < SLOTS)
            slots_[static_cast<size_t>(slot)] = reinterpret_cast<void *>(callback);
    }
    /// What the SDK is given.
    void *object() { return this; }
    void shut() {
        const std::lock_guard lock(mutex_);
        sink_ = nullptr;
    }
    /// Runs `tell(sink)` unless the observer is shut. Nothing may throw into the SDK.
    template <typename Tell> static void tell(void *self, Tell tell) noexcept {
        auto &observer = *static_cast<Observer *>(self);
        const std::lock_guard lock(observer.mutex_);
        if (observer.sink_ == nullptr)
            return;
        try {
            tell(*observer.sink_);
        } catch (...) {
            // Out of memory while copying: this callback is lost, the next may be not.
        }
    }

  private:
    // First, where a C++ object has its table's address.
    void *const *table_ = nullptr;
    std::array<void *, SLOTS> slots_{};
    std::mutex mutex_;
    Sink *sink_;
};

} // namespace rtcroom::liteav
