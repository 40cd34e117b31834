#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

namespace rtcroom::embedded {

/// A new file that is written once. Never opens, truncates or replaces a file that is there. Paths are UTF-8.
class OutputFile {
  public:
    OutputFile() = default;
    ~OutputFile() { close(); }
    OutputFile(const OutputFile &) = delete;
    OutputFile &operator=(const OutputFile &) = delete;

    /// Creates the file; `std::errc::file_exists` when there is one. It is locked against InputFile until it is closed.
    std::error_code create(const std::string &path);
    bool isOpen() const { return fd_ >= 0; }
    /// All bytes or an error.
    std::error_code write(const uint8_t *data, size_t size);
    /// Position from the start, bytes.
    std::error_code seek(int64_t position);
    int64_t position() const { return position_; }
    /// Cuts the file, bytes from the start.
    std::error_code truncate(int64_t size);
    /// Waits until what was written would survive a loss of power.
    std::error_code sync();
    std::error_code close();

  private:
    int fd_ = -1;
    int64_t position_ = 0;
};

/// A name that is free now in the directory of `path`; short, so that it fits wherever `path` fits.
std::string temporaryPathBeside(const std::string &path);

/// What a process that ended midway left of such files of `path`. Only while nobody else can be making one.
void removeTemporariesOf(const std::string &path) noexcept;

/// A file, a directory or a dangling link.
bool pathExists(const std::string &path) noexcept;

/// Renames; fails with `std::errc::file_exists` instead of replacing.
std::error_code renameWithoutReplacing(const std::string &from, const std::string &to);

/// Renames over what is there.
std::error_code renameReplacing(const std::string &from, const std::string &to);

/// Makes a rename survive a loss of power, where the system has a way.
void syncDirectoryOf(const std::string &path) noexcept;

void removeFile(const std::string &path) noexcept;

/// The part of an error's message that tells what to do about `reason`.
std::string fileRemedy(std::error_code reason);

} // namespace rtcroom::embedded
