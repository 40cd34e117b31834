#pragma once

#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <vector>

#include "embedded/net/FileDescriptor.h"
#include "embedded/net/SocketAddress.h"

namespace rtcroom::test {

/// A port of 127.0.0.1 that answers no further connection: its backlog is full and nobody accepts.
class FullBacklog {
  public:
    FullBacklog() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address_;
        if (::bind(listener_.get(), address(), length) != 0 || ::listen(listener_.get(), 0) != 0 ||
            ::getsockname(listener_.get(), address(), &length) != 0)
            throw std::runtime_error("no port to listen on");
        // One more than the backlog of 0 lets in; the rest wait for an answer that does not come.
        for (int i = 0; i < 4; ++i) {
            waiting_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
            (void)::connect(waiting_.back().get(), address(), sizeof address_);
        }
    }
    std::string url() const { return "rtmp://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/live/x"; }
    embedded::SocketAddress socketAddress() const {
        embedded::SocketAddress out;
        std::memcpy(&out.storage, &address_, sizeof address_);
        out.length = sizeof address_;
        return out;
    }
    /// Has room again.
    void acceptAll() {
        for (pollfd poller{listener_.get(), POLLIN, 0}; ::poll(&poller, 1, 0) > 0;)
            accepted_.emplace_back(::accept(listener_.get(), nullptr, nullptr));
    }

  private:
    sockaddr *address() { return reinterpret_cast<sockaddr *>(&address_); }

    embedded::FileDescriptor listener_;
    sockaddr_in address_{};
    std::vector<embedded::FileDescriptor> waiting_;
    std::vector<embedded::FileDescriptor> accepted_;
};

} // namespace rtcroom::test
