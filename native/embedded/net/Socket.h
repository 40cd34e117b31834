#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "embedded/net/FileDescriptor.h"
#include "embedded/net/SocketAddress.h"

namespace rtcroom::embedded {

/// A non-blocking TCP socket for small messages: no Nagle delay, at most 32 KB unsent in the kernel.
class Socket {
  public:
    Socket() = default;
    /// Begins a connect; `error()` is 0 while it goes on.
    static Socket connecting(const SocketAddress &address);

    enum class Io { Done, WouldBlock, Closed, Failed };
    struct IoResult {
        Io status = Io::Done;
        size_t bytes = 0;
        int error = 0; // with Failed; numbers of SocketCalls.h
    };
    IoResult receive(std::span<uint8_t> out) noexcept;
    IoResult send(std::span<const SendPart> parts) noexcept;

    SocketHandle fd() const { return fd_.get(); }
    explicit operator bool() const { return static_cast<bool>(fd_); }
    /// The error of the connect: what connecting() met, or what the kernel found since.
    int error() const noexcept;

  private:
    FileDescriptor fd_;
    int startError_ = 0;
};

} // namespace rtcroom::embedded
