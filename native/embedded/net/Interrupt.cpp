#include "embedded/net/Interrupt.h"

#include <array>
#include <span>
#include <utility>

#include "embedded/net/SessionFailure.h"
#include "embedded/net/SocketCalls.h"

namespace rtcroom::embedded {

void Interrupt::throwIfStopped() const {
    if (stopped())
        throw SessionFailure(SessionEnd::Stopped, "stopped");
}

void Interrupt::checkPath() {
    if (!takeNetworkChange())
        return;
    std::string cause = path_.lost();
    if (cause.empty())
        return;
    path_.forgetRoutes();
    throw SessionFailure(SessionEnd::NetworkChanged, std::move(cause));
}

Interrupt::Ready Interrupt::wait(SocketHandle socket, bool wantRead, bool wantWrite, const Deadline &deadline) {
    for (;;) {
        throwIfStopped();
        std::array<PollEntry, 2> fds{{{waker_.fd(), POLLIN, 0}, {socket, 0, 0}}};
        fds[1].events = static_cast<short>((wantRead ? POLLIN : 0) | (wantWrite ? POLLOUT : 0));
        if (pollSockets(std::span(fds).first(socket != noSocket ? 2 : 1), deadline.pollTimeoutMs()) < 0)
            continue;
        Ready ready;
        ready.woken = fds[0].revents != 0;
        if (ready.woken)
            drain();
        throwIfStopped();
        if (ready.woken)
            checkPath();
        const bool broken = (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
        ready.readable = wantRead && (broken || (fds[1].revents & POLLIN));
        ready.writable = wantWrite && (broken || (fds[1].revents & POLLOUT));
        return ready;
    }
}

} // namespace rtcroom::embedded
