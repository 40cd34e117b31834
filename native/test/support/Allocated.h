#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <malloc.h>
#include <thread>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RTCROOM_TEST_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RTCROOM_TEST_SANITIZED
#endif
#endif
#ifdef RTCROOM_TEST_SANITIZED
/// Of the sanitizers' runtimes; GCC comes without their header.
extern "C" size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace rtcroom::test {

/// Bytes that this process has allocated and not freed: unlike resident memory, the same under sanitizers.
inline size_t allocatedBytes() {
#ifdef RTCROOM_TEST_SANITIZED
    return __sanitizer_get_current_allocated_bytes();
#else
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#endif
}

/// How much more than at its beginning was ever allocated while it is there.
class AllocationPeak {
  public:
    AllocationPeak()
        : before_(allocatedBytes()), thread_([this] {
              while (!over_) {
                  note();
                  std::this_thread::sleep_for(std::chrono::milliseconds(2));
              }
          }) {}
    ~AllocationPeak() {
        over_ = true;
        thread_.join();
    }
    AllocationPeak(const AllocationPeak &) = delete;
    AllocationPeak &operator=(const AllocationPeak &) = delete;

    size_t bytes() const { return peak_; }

  private:
    void note() {
        const size_t now = allocatedBytes();
        if (now > before_ && now - before_ > peak_)
            peak_ = now - before_;
    }

    const size_t before_;
    std::atomic<size_t> peak_{0};
    std::atomic<bool> over_{false};
    std::thread thread_;
};

} // namespace rtcroom::test
