#include "embedded/net/NetworkMonitor.h"

#ifdef __linux__

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <exception>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <thread>
#include <utility>

#include "embedded/net/SocketCalls.h"
#include "embedded/net/Waker.h"

namespace rtcroom::embedded {

namespace {

// A new address comes just before its routes, a move is one address less and one more: told as one.
constexpr int settleMs = 50;

class NetlinkMonitor final : public NetworkMonitor {
  public:
    NetlinkMonitor(FileDescriptor socket, std::function<void()> onChange)
        : socket_(std::move(socket)), onChange_(std::move(onChange)), thread_([this] { run(); }) {}
    ~NetlinkMonitor() override {
        ended_ = true;
        waker_.wake();
        thread_.join();
    }

  private:
    void run() noexcept {
        try {
            while (awaitChange() && settle())
                onChange_();
        } catch (const std::exception &) {
            // Nothing more is told, as where the system cannot.
        }
    }

    bool awaitChange() {
        std::array<PollEntry, 2> fds{{{waker_.fd(), POLLIN, 0}, {socket_.get(), POLLIN, 0}}};
        while (!ended_)
            if (pollSockets(fds, -1) > 0 && fds[1].revents != 0)
                return drain();
        return false;
    }

    bool settle() {
        std::array<PollEntry, 1> fds{{{waker_.fd(), POLLIN, 0}}};
        pollSockets(fds, settleMs);
        return !ended_ && drain();
    }

    /// What changed does not matter: who watches looks for himself. False when the socket is of no more use.
    bool drain() {
        std::array<char, 8192> buffer;
        for (;;) {
            const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
            // ENOBUFS: more changed than the kernel keeps for us.
            if (got > 0 || (got < 0 && (errno == EINTR || errno == ENOBUFS)))
                continue;
            return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        }
    }

    FileDescriptor socket_;
    const std::function<void()> onChange_;
    Waker waker_;
    std::atomic<bool> ended_{false};
    // Last: it uses the rest.
    std::thread thread_;
};

FileDescriptor openNetlink() {
    FileDescriptor fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
    if (fd && ::bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        fd.close();
    return fd;
}

bool sameAddress(const sockaddr &one, const SocketAddress &other) {
    if (one.sa_family != other.family())
        return false;
    if (one.sa_family == AF_INET)
        return reinterpret_cast<const sockaddr_in &>(one).sin_addr.s_addr ==
               reinterpret_cast<const sockaddr_in &>(other.storage).sin_addr.s_addr;
    return std::memcmp(&reinterpret_cast<const sockaddr_in6 &>(one).sin6_addr,
                       &reinterpret_cast<const sockaddr_in6 &>(other.storage).sin6_addr, sizeof(in6_addr)) == 0;
}

bool canBind(SocketAddress address) {
    const FileDescriptor socket = openDatagramSocket(address.family());
    if (!socket)
        return true;
    if (address.family() == AF_INET)
        reinterpret_cast<sockaddr_in &>(address.storage).sin_port = 0;
    else
        reinterpret_cast<sockaddr_in6 &>(address.storage).sin6_port = 0;
    return ::bind(socket.get(), reinterpret_cast<const sockaddr *>(&address.storage), address.length) == 0 ||
           errno != EADDRNOTAVAIL;
}

struct AddressListDeleter {
    void operator()(ifaddrs *list) const { freeifaddrs(list); }
};

} // namespace

std::unique_ptr<NetworkMonitor> NetworkMonitor::start(std::function<void()> onChange) noexcept {
    try {
        if (FileDescriptor socket = openNetlink())
            return std::make_unique<NetlinkMonitor>(std::move(socket), std::move(onChange));
    } catch (const std::exception &) {
        // No thread or descriptor left.
    }
    return nullptr;
}

AddressState addressState(const SocketAddress &local) noexcept {
    // The list below still has the IPv4 addresses of an interface that is down.
    if (!canBind(local))
        return AddressState::Gone;
    ifaddrs *list = nullptr;
    if (getifaddrs(&list) != 0)
        return AddressState::Usable;
    const std::unique_ptr<ifaddrs, AddressListDeleter> owner(list);
    for (const ifaddrs *entry = list; entry; entry = entry->ifa_next)
        if (entry->ifa_addr && sameAddress(*entry->ifa_addr, local))
            return entry->ifa_flags & IFF_RUNNING ? AddressState::Usable : AddressState::NoCarrier;
    return AddressState::Usable;
}

} // namespace rtcroom::embedded

#else

namespace rtcroom::embedded {

std::unique_ptr<NetworkMonitor> NetworkMonitor::start(std::function<void()>) noexcept { return nullptr; }

AddressState addressState(const SocketAddress &) noexcept { return AddressState::Usable; }

} // namespace rtcroom::embedded

#endif
