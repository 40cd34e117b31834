// Cameras for a machine without one. LD_PRELOAD puts this between a program and the C library; RTCROOM_STAND_IN_CAMERAS
// is a folder in which each file `video<n>` is a camera /dev/video<n>, with its name in the first line. To take the
// file away is to unplug it; while there is a file `hanging<n>` its driver hangs when it is opened, and tells so by a
// file `hanging<n>.entered`. What V4L2 programs do with such a camera (open, ioctl, mmap of its buffers) is answered
// here.
#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "test/v4l2-stand-in/Camera.h"

namespace {

using rtcroom::standin::Camera;

constexpr const char *PREFIX = "/dev/video";

struct Cameras {
    std::mutex mutex;
    std::map<int, std::shared_ptr<Camera>> open;
    /// So that a close of anything else takes no lock.
    std::atomic<int> count{0};
};

Cameras &cameras() {
    // Never destroyed: devices close while a process exits.
    static Cameras &only = *std::make_unique<Cameras>().release();
    return only;
}

template <typename Function> Function next(const char *name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

const char *folder() { return std::getenv("RTCROOM_STAND_IN_CAMERAS"); }

/// The file that stands for that camera; empty for anything else.
std::string fileOf(const char *path) {
    if (!path || !folder() || std::strncmp(path, PREFIX, std::strlen(PREFIX)) != 0)
        return {};
    return std::string(folder()) + "/" + (path + std::strlen("/dev/"));
}

int openCamera(const std::string &file, const char *path, int flags) {
    if (::access(file.c_str(), F_OK) != 0)
        return -1;
    const int descriptor = ::memfd_create("stand-in camera", MFD_CLOEXEC);
    if (descriptor < 0)
        return -1;
    const int number = std::atoi(path + std::strlen(PREFIX));
    const std::lock_guard lock(cameras().mutex);
    cameras().open[descriptor] = std::make_shared<Camera>(file, number, descriptor, (flags & O_NONBLOCK) != 0);
    ++cameras().count;
    return descriptor;
}

std::shared_ptr<Camera> find(int descriptor) {
    if (cameras().count == 0)
        return nullptr;
    const std::lock_guard lock(cameras().mutex);
    const auto found = cameras().open.find(descriptor);
    return found == cameras().open.end() ? nullptr : found->second;
}

using Open = int (*)(const char *, int, ...);

int openAny(const char *name, const char *path, int flags, mode_t mode) {
    const std::string file = fileOf(path);
    return file.empty() ? next<Open>(name)(path, flags, mode) : openCamera(file, path, flags);
}

} // namespace

#define RTCROOM_EXPORT extern "C" __attribute__((visibility("default")))
#define RTCROOM_OPEN(name)                                                                                             \
    RTCROOM_EXPORT int name(const char *path, int flags, ...) {                                                        \
        mode_t mode = 0;                                                                                               \
        if (flags & (O_CREAT | O_TMPFILE)) {                                                                           \
            va_list rest;                                                                                              \
            va_start(rest, flags);                                                                                     \
            mode = va_arg(rest, mode_t);                                                                               \
            va_end(rest);                                                                                              \
        }                                                                                                              \
        return openAny(#name, path, flags, mode);                                                                      \
    }

RTCROOM_OPEN(open)
RTCROOM_OPEN(open64)

// What a program compiled with _FORTIFY_SOURCE calls.
RTCROOM_EXPORT int __open_2(const char *path, int flags) { return openAny("open", path, flags, 0); }
RTCROOM_EXPORT int __open64_2(const char *path, int flags) { return openAny("open64", path, flags, 0); }

RTCROOM_EXPORT DIR *opendir(const char *path) {
    const bool devices = folder() && (std::strcmp(path, "/dev") == 0 || std::strcmp(path, "/dev/") == 0);
    return next<DIR *(*)(const char *)>("opendir")(devices ? folder() : path);
}

RTCROOM_EXPORT int ioctl(int descriptor, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (const auto camera = find(descriptor))
        return camera->control(request, argument);
    return next<int (*)(int, unsigned long, ...)>("ioctl")(descriptor, request, argument);
}

RTCROOM_EXPORT int close(int descriptor) {
    std::shared_ptr<Camera> closed;
    if (cameras().count > 0) {
        const std::lock_guard lock(cameras().mutex);
        if (const auto found = cameras().open.extract(descriptor)) {
            closed = std::move(found.mapped());
            --cameras().count;
        }
    }
    closed.reset();
    return next<int (*)(int)>("close")(descriptor);
}
