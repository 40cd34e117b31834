#include "embedded/media/OutputFile.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <random>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#include <share.h>
#include <sys/stat.h>
#else
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#endif

namespace rtcroom::embedded {

namespace {

namespace fs = std::filesystem;

std::error_code lastError() { return {errno, std::generic_category()}; }

fs::path toPath(const std::string &utf8) {
    return fs::path(std::u8string(reinterpret_cast<const char8_t *>(utf8.data()), utf8.size()));
}

std::string toUtf8(const fs::path &path) {
    const std::u8string text = path.u8string();
    return {reinterpret_cast<const char *>(text.data()), text.size()};
}

constexpr const char *temporaryEnding = ".tmp";

/// What all names of temporaries of that file begin with: FNV-1a of its name.
std::string temporaryPrefix(const fs::path &file) {
    uint32_t hash = 2166136261u;
    for (const char8_t byte : file.filename().u8string())
        hash = (hash ^ byte) * 16777619u;
    char prefix[20];
    std::snprintf(prefix, sizeof prefix, ".rtcroom-%08x", hash);
    return prefix;
}

} // namespace

std::error_code OutputFile::create(const std::string &path) {
    // The system would cut the name at a zero byte.
    if (path.empty() || path.find('\0') != std::string::npos)
        return std::make_error_code(std::errc::invalid_argument);
#ifdef _WIN32
    if (_wsopen_s(&fd_, toPath(path).c_str(), _O_CREAT | _O_EXCL | _O_WRONLY | _O_BINARY | _O_NOINHERIT, _SH_DENYNO,
                  _S_IREAD | _S_IWRITE) != 0)
        fd_ = -1;
#else
    fd_ = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    // For InputFile; a file system without locks does without.
    if (fd_ >= 0)
        ::flock(fd_, LOCK_EX | LOCK_NB);
#endif
    position_ = 0;
    return fd_ < 0 ? lastError() : std::error_code();
}

std::error_code OutputFile::write(const uint8_t *data, size_t size) {
    while (size > 0) {
#ifdef _WIN32
        const auto written = ::_write(fd_, data, static_cast<unsigned>(size));
#else
        const auto written = ::write(fd_, data, size);
#endif
        if (written < 0) {
            if (errno == EINTR)
                continue;
            return lastError();
        }
        if (written == 0)
            return std::make_error_code(std::errc::io_error);
        position_ += written;
        data += written;
        size -= static_cast<size_t>(written);
    }
    return {};
}

std::error_code OutputFile::seek(int64_t position) {
#ifdef _WIN32
    const int64_t reached = ::_lseeki64(fd_, position, SEEK_SET);
#else
    const int64_t reached = ::lseek(fd_, position, SEEK_SET);
#endif
    if (reached < 0)
        return lastError();
    position_ = reached;
    return {};
}

std::error_code OutputFile::truncate(int64_t size) {
#ifdef _WIN32
    const int failed = ::_chsize_s(fd_, size);
#else
    const int failed = ::ftruncate(fd_, size);
#endif
    return failed ? lastError() : std::error_code();
}

std::error_code OutputFile::sync() {
#ifdef _WIN32
    const int failed = ::_commit(fd_);
#else
    const int failed = ::fsync(fd_);
#endif
    return failed ? lastError() : std::error_code();
}

std::error_code OutputFile::close() {
    if (fd_ < 0)
        return {};
#ifdef _WIN32
    const int failed = ::_close(fd_);
#else
    const int failed = ::close(fd_);
#endif
    fd_ = -1;
    return failed ? lastError() : std::error_code();
}

std::string temporaryPathBeside(const std::string &path) {
    std::random_device random;
    char number[20];
    std::snprintf(number, sizeof number, "%08x%s", random(), temporaryEnding);
    return toUtf8(toPath(path).parent_path() / (temporaryPrefix(toPath(path)) + number));
}

void removeTemporariesOf(const std::string &path) noexcept {
    std::error_code ignored;
    const fs::path parent = toPath(path).parent_path();
    const std::string prefix = temporaryPrefix(toPath(path));
    fs::directory_iterator at(parent.empty() ? fs::path(".") : parent, ignored);
    for (; !ignored && at != fs::directory_iterator(); at.increment(ignored)) {
        const std::string name = toUtf8(at->path().filename());
        if (name.starts_with(prefix) && name.ends_with(temporaryEnding))
            removeFile(toUtf8(at->path()));
    }
}

bool pathExists(const std::string &path) noexcept {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(toPath(path), ignored));
}

std::error_code renameWithoutReplacing(const std::string &from, const std::string &to) {
    std::error_code error;
    // A hard link is the portable step that is atomic and never replaces; file systems without links (FAT) are left
    // with a check and a rename.
    fs::create_hard_link(toPath(from), toPath(to), error);
    if (!error) {
        removeFile(from);
        return {};
    }
    if (error == std::errc::file_exists)
        return error;
    if (pathExists(to))
        return std::make_error_code(std::errc::file_exists);
    return renameReplacing(from, to);
}

std::error_code renameReplacing(const std::string &from, const std::string &to) {
    std::error_code error;
    fs::rename(toPath(from), toPath(to), error);
    return error;
}

void syncDirectoryOf(const std::string &path) noexcept {
#ifndef _WIN32
    const fs::path parent = toPath(path).parent_path();
    const int fd = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    ::fsync(fd);
    ::close(fd);
#else
    static_cast<void>(path);
#endif
}

void removeFile(const std::string &path) noexcept {
    std::error_code ignored;
    fs::remove(toPath(path), ignored);
}

std::string fileRemedy(std::error_code reason) {
    if (reason == std::errc::no_space_on_device || reason == std::errc::file_too_large)
        return "free space or choose another disk";
    if (reason == std::errc::permission_denied || reason == std::errc::read_only_file_system ||
        reason == std::errc::operation_not_permitted)
        return "choose a directory that this process may write to";
    if (reason == std::errc::no_such_file_or_directory || reason == std::errc::not_a_directory)
        return "create the directory first";
    if (reason == std::errc::filename_too_long)
        return "choose a shorter path";
    if (reason == std::errc::file_exists)
        return "choose a name that is not taken; files are never overwritten";
    if (reason == std::errc::too_many_files_open)
        return "close files or raise the limit of open files";
    return "choose another path or check the disk";
}

} // namespace rtcroom::embedded
