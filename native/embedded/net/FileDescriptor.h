#pragma once

#include <utility>

#include "embedded/net/SocketTypes.h"

namespace rtcroom::embedded {

/// Owns a file descriptor; on Windows, where sockets are none, a socket.
class FileDescriptor {
  public:
    FileDescriptor() = default;
    explicit FileDescriptor(SocketHandle fd) : fd_(fd) {}
    ~FileDescriptor() { close(); }
    FileDescriptor(FileDescriptor &&other) noexcept : fd_(std::exchange(other.fd_, noSocket)) {}
    FileDescriptor &operator=(FileDescriptor &&other) noexcept {
        if (this != &other) {
            close();
            fd_ = std::exchange(other.fd_, noSocket);
        }
        return *this;
    }

    SocketHandle get() const { return fd_; }
    explicit operator bool() const { return fd_ != noSocket; }
    void close() {
        if (fd_ != noSocket)
            closeSocket(std::exchange(fd_, noSocket));
    }

  private:
    SocketHandle fd_ = noSocket;
};

} // namespace rtcroom::embedded
