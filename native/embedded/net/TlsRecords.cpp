#include "embedded/net/TlsRecords.h"

#include <cstring>

namespace rtcroom::embedded {

namespace {

// change_cipher_spec, alert, handshake, application_data.
constexpr uint8_t firstType = 20;
constexpr uint8_t lastType = 23;
constexpr uint8_t majorVersion = 3;

} // namespace

std::span<uint8_t> TlsRecords::room() noexcept {
    if (begin_ > 0 && bytes_.size() - end_ < maxRecordBytes) {
        std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    return {bytes_.data() + end_, bytes_.size() - end_};
}

TlsRecords::Next TlsRecords::next(size_t offset) const noexcept {
    const size_t at = begin_ + offset;
    const size_t here = end_ - at;
    if (here >= 1 && (bytes_[at] < firstType || bytes_[at] > lastType))
        return Next::NotTls;
    if (here >= 2 && bytes_[at + 1] != majorVersion)
        return Next::NotTls;
    if (here < headerBytes)
        return Next::Part;
    if (sizeAt(at) > maxRecordBytes)
        return Next::TooLong;
    return here >= sizeAt(at) ? Next::Whole : Next::Part;
}

std::span<uint8_t> TlsRecords::record(size_t offset) noexcept {
    return {bytes_.data() + begin_ + offset, sizeAt(begin_ + offset)};
}

} // namespace rtcroom::embedded
