#include "embedded/media/InputFile.h"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>

#ifdef _WIN32
#include <io.h>
#include <share.h>
#else
#include <sys/file.h>
#include <unistd.h>
#endif

namespace rtcroom::embedded {

namespace {

std::error_code lastError() { return {errno, std::generic_category()}; }

#ifdef _WIN32
std::error_code openShared(const std::string &path, int share, int &fd) {
    const std::filesystem::path name(std::u8string(path.begin(), path.end()));
    return _wsopen_s(&fd, name.c_str(), _O_RDONLY | _O_BINARY | _O_NOINHERIT, share, 0) ? lastError()
                                                                                        : std::error_code();
}
#endif

} // namespace

std::error_code InputFile::open(const std::string &path) {
    if (path.empty() || path.find('\0') != std::string::npos)
        return std::make_error_code(std::errc::invalid_argument);
#ifdef _WIN32
    std::error_code ignored;
    if (std::filesystem::is_directory(std::u8string(path.begin(), path.end()), ignored))
        return std::make_error_code(std::errc::is_a_directory);
    // Refused while somebody has it open to write.
    if (const std::error_code error = openShared(path, _SH_DENYWR, fd_)) {
        fd_ = -1;
        int other = -1;
        if (error != std::errc::permission_denied || openShared(path, _SH_DENYNO, other))
            return error;
        ::_close(other);
        return std::make_error_code(std::errc::device_or_resource_busy);
    }
    struct _stat64 about {};
    const bool known = ::_fstat64(fd_, &about) == 0;
    const bool regular = known && (about.st_mode & _S_IFREG);
#else
    // O_NONBLOCK: a pipe would wait for its writer.
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd_ < 0)
        return lastError();
    struct stat about {};
    const bool known = ::fstat(fd_, &about) == 0;
    const bool regular = known && S_ISREG(about.st_mode);
    if (known && S_ISDIR(about.st_mode)) {
        close();
        return std::make_error_code(std::errc::is_a_directory);
    }
    if (regular && ::flock(fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close();
        return std::make_error_code(std::errc::device_or_resource_busy);
    }
#endif
    if (!regular) {
        const std::error_code error = known ? std::make_error_code(std::errc::invalid_argument) : lastError();
        close();
        return error;
    }
    size_ = about.st_size;
    return {};
}

int64_t InputFile::readAt(int64_t position, std::span<uint8_t> out, std::error_code &error) const {
    size_t done = 0;
#ifdef _WIN32
    if (::_lseeki64(fd_, position, SEEK_SET) < 0) {
        error = lastError();
        return -1;
    }
#endif
    while (done < out.size()) {
#ifdef _WIN32
        const auto got = ::_read(fd_, out.data() + done, static_cast<unsigned>(out.size() - done));
#else
        const auto got = ::pread(fd_, out.data() + done, out.size() - done, position + static_cast<int64_t>(done));
#endif
        if (got == 0)
            break;
        if (got > 0) {
            done += static_cast<size_t>(got);
        } else if (errno != EINTR) {
            error = lastError();
            return -1;
        }
    }
    return static_cast<int64_t>(done);
}

void InputFile::allowReplacing() {
#ifdef _WIN32
    close();
#endif
}

void InputFile::close() {
    if (fd_ < 0)
        return;
#ifdef _WIN32
    ::_close(fd_);
#else
    ::close(fd_);
#endif
    fd_ = -1;
}

} // namespace rtcroom::embedded
