#include "embedded/net/Waker.h"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <system_error>

#ifdef __linux__
#include <sys/eventfd.h>
#endif

namespace rtcroom::embedded {

#ifdef __linux__

Waker::Waker() : readEnd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (!readEnd_)
        throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Waker::wake() noexcept {
    const uint64_t one = 1;
    while (::write(readEnd_.get(), &one, sizeof one) < 0 && errno == EINTR) {
    }
}

void Waker::drain() noexcept {
    uint64_t count = 0;
    while (::read(readEnd_.get(), &count, sizeof count) < 0 && errno == EINTR) {
    }
}

#else

Waker::Waker() {
    int ends[2];
    if (pipe(ends) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe");
    readEnd_ = FileDescriptor(ends[0]);
    writeEnd_ = FileDescriptor(ends[1]);
    for (const int fd : ends) {
        fcntl(fd, F_SETFL, O_NONBLOCK);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
}

void Waker::wake() noexcept {
    const char one = 1;
    // A full pipe is readable: the wake is already there.
    while (::write(writeEnd_.get(), &one, 1) < 0 && errno == EINTR) {
    }
}

void Waker::drain() noexcept {
    char bytes[64];
    for (;;) {
        const auto got = ::read(readEnd_.get(), bytes, sizeof bytes);
        if (got <= 0 && !(got < 0 && errno == EINTR))
            return;
    }
}

#endif

} // namespace rtcroom::embedded
