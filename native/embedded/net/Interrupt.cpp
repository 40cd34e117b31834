#include "embedded/net/Interrupt.h"

#include <cerrno>
#include <poll.h>
#include <system_error>

#include "embedded/net/SessionFailure.h"

namespace rtcroom::embedded {

void Interrupt::throwIfStopped() const {
    if (stopped())
        throw SessionFailure(SessionEnd::Stopped, "stopped");
}

Interrupt::Ready Interrupt::wait(int socket, bool wantRead, bool wantWrite, const Deadline &deadline) {
    for (;;) {
        throwIfStopped();
        pollfd fds[2] = {{waker_.fd(), POLLIN, 0}, {socket, 0, 0}};
        fds[1].events = static_cast<short>((wantRead ? POLLIN : 0) | (wantWrite ? POLLOUT : 0));
        const int count = poll(fds, socket >= 0 ? 2 : 1, deadline.pollTimeoutMs());
        if (count < 0) {
            if (errno == EINTR)
                continue;
            throw std::system_error(errno, std::generic_category(), "poll");
        }
        Ready ready;
        ready.woken = fds[0].revents != 0;
        if (ready.woken)
            drain();
        throwIfStopped();
        const bool broken = (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
        ready.readable = wantRead && (broken || (fds[1].revents & POLLIN));
        ready.writable = wantWrite && (broken || (fds[1].revents & POLLOUT));
        return ready;
    }
}

} // namespace rtcroom::embedded
