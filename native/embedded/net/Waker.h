#pragma once

#include "embedded/net/FileDescriptor.h"

namespace rtcroom::embedded {

/// Ends a poll() from another thread. Wakes add up to one until drain().
class Waker {
  public:
    /// Throws std::system_error when the process has no file descriptor left.
    Waker();
    Waker(const Waker &) = delete;
    Waker &operator=(const Waker &) = delete;

    void wake() noexcept;
    void drain() noexcept;
    /// Readable after wake().
    SocketHandle fd() const { return readEnd_.get(); }

  private:
    FileDescriptor readEnd_;
    FileDescriptor writeEnd_; // a pipe's; otherwise one end is both
};

} // namespace rtcroom::embedded
