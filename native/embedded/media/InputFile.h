#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <system_error>

namespace rtcroom::embedded {

/// A file that is read by position, and that nobody else changes meanwhile. Paths are UTF-8.
class InputFile {
  public:
    InputFile() = default;
    ~InputFile() { close(); }
    InputFile(const InputFile &) = delete;
    InputFile &operator=(const InputFile &) = delete;

    /// `std::errc::device_or_resource_busy` while an OutputFile or another InputFile has it, in this process or another
    /// (where the file system knows locks); `is_a_directory` for that, `invalid_argument` for what is no file at all.
    std::error_code open(const std::string &path);
    /// Bytes when it was opened.
    int64_t size() const { return size_; }
    /// Fills `out` as far as the file goes; the bytes that were read, or -1 with `error`.
    int64_t readAt(int64_t position, std::span<uint8_t> out, std::error_code &error) const;
    /// Before another file takes its name: Windows replaces no file that is open, elsewhere it stays locked.
    void allowReplacing();
    void close();

  private:
    int fd_ = -1;
    int64_t size_ = 0;
};

} // namespace rtcroom::embedded
