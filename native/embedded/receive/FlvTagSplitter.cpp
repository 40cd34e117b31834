#include "embedded/receive/FlvTagSplitter.h"

#include <algorithm>

#include "embedded/media/ByteOrder.h"
#include "embedded/net/ProtocolError.h"
#include "embedded/rtmp/FlvFormat.h"

namespace rtcroom::embedded {

namespace {

constexpr size_t fileHeaderSize = 9;
constexpr size_t tagHeaderSize = 11;
constexpr uint64_t previousTagSize = 4;
// Version 1 has 9; room for a later one.
constexpr uint64_t maxDataOffset = 1024;
constexpr uint8_t reservedBits = 0xc0;
constexpr uint8_t encryptedBit = 0x20;
constexpr uint8_t typeBits = 0x1f;
// A tag's announced size is not believed beyond this before its bytes come.
constexpr uint64_t maxReserve = 256 * 1024;

} // namespace

void FlvTagSplitter::take(std::span<const uint8_t> bytes, const std::function<void(Message &)> &onMessage) {
    while (!bytes.empty()) {
        switch (state_) {
        case State::FileHeader:
            if (fill(bytes, fileHeaderSize))
                readFileHeader();
            break;
        case State::TagHeader:
            if (fill(bytes, tagHeaderSize))
                readTagHeader();
            break;
        case State::Skip:
        case State::Body: {
            const auto piece = bytes.first(static_cast<size_t>(std::min<uint64_t>(left_, bytes.size())));
            bytes = bytes.subspan(piece.size());
            left_ -= piece.size();
            if (state_ == State::Body) {
                message_.body.insert(message_.body.end(), piece.begin(), piece.end());
                mediaBytes_ += isMedia(message_.type) ? piece.size() : 0;
            }
            if (left_ > 0)
                break;
            if (state_ == State::Skip) {
                state_ = State::TagHeader;
                break;
            }
            skip(previousTagSize);
            onMessage(message_);
            break;
        }
        }
    }
}

bool FlvTagSplitter::fill(std::span<const uint8_t> &bytes, size_t size) {
    const auto piece = bytes.first(std::min(size - have_, bytes.size()));
    std::ranges::copy(piece, header_.begin() + static_cast<std::ptrdiff_t>(have_));
    bytes = bytes.subspan(piece.size());
    have_ += piece.size();
    if (have_ < size)
        return false;
    have_ = 0;
    return true;
}

void FlvTagSplitter::readFileHeader() {
    const uint64_t dataOffset = readBigEndian(header_.data() + 5, 4);
    if (header_[0] != 'F' || header_[1] != 'L' || header_[2] != 'V' || dataOffset < fileHeaderSize ||
        dataOffset > maxDataOffset)
        throw ProtocolError("it has no FLV header");
    skip(dataOffset - fileHeaderSize + previousTagSize);
}

void FlvTagSplitter::readTagHeader() {
    if (header_[0] & reservedBits)
        throw ProtocolError("a tag has a type that FLV does not have");
    const uint64_t size = readBigEndian(header_.data() + 1, 3);
    const auto type = static_cast<MessageType>(header_[0] & typeBits);
    const bool known = type == MessageType::Audio || type == MessageType::Video || type == MessageType::DataAmf0;
    if (!known || (header_[0] & encryptedBit) || size == 0) {
        skip(size + previousTagSize);
        return;
    }
    message_.type = type;
    message_.timestamp = flv::readTimestamp(header_.data() + 4);
    message_.streamId = 0;
    message_.body.clear();
    message_.body.reserve(static_cast<size_t>(std::min(size, maxReserve)));
    left_ = size;
    state_ = State::Body;
}

void FlvTagSplitter::skip(uint64_t bytes) {
    left_ = bytes;
    state_ = State::Skip;
}

} // namespace rtcroom::embedded
