#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rtcroom::embedded {

/// Cuts what comes over a connection into TLS records (RFC 8446, 5.1), for a TLS library that has no reading of its
/// own. Nothing throws; holds at most `capacity` bytes.
class TlsRecords {
  public:
    static constexpr size_t headerBytes = 5;
    /// The body of a TLS 1.2 record (RFC 5246, 6.2.3), which is the longest of all.
    static constexpr size_t maxBodyBytes = 16 * 1024 + 2048;
    static constexpr size_t maxRecordBytes = headerBytes + maxBodyBytes;
    /// As much as a flight of handshake messages may have.
    static constexpr size_t capacity = 128 * 1024;

    enum class Next {
        Whole,
        Part,
        NotTls,  // no record begins like this
        TooLong, // its header promises more than a record may have
    };

    TlsRecords() : bytes_(capacity) {}

    /// Where to put what comes next; has room for a record unless `capacity` is nearly full.
    std::span<uint8_t> room() noexcept;
    void add(size_t bytes) noexcept { end_ += bytes; }

    /// Of the record that begins `offset` bytes behind the front. A broken header tells as soon as it is here in part.
    Next next(size_t offset = 0) const noexcept;
    /// The whole record there, with its header.
    std::span<uint8_t> record(size_t offset = 0) noexcept;
    /// The first bytes that are here.
    std::span<uint8_t> front(size_t bytes) noexcept { return {bytes_.data() + begin_, bytes}; }
    void consume(size_t bytes) noexcept { begin_ += bytes; }

  private:
    size_t sizeAt(size_t at) const noexcept { return headerBytes + (bytes_[at + 3] << 8 | bytes_[at + 4]); }

    std::vector<uint8_t> bytes_;
    size_t begin_ = 0;
    size_t end_ = 0;
};

} // namespace rtcroom::embedded
