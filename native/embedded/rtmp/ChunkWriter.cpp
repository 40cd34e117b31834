#include "embedded/rtmp/ChunkWriter.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "embedded/media/ByteOrder.h"

namespace rtcroom::embedded {

namespace {

constexpr uint32_t extendedMark = 0xffffff;

class HeaderBytes {
  public:
    void put(uint64_t value, size_t bytes) {
        writeBigEndian(bytes_.data() + size_, value, bytes);
        size_ += bytes;
    }
    void put(std::span<const uint8_t> bytes) {
        std::ranges::copy(bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += bytes.size();
    }
    std::span<const uint8_t> get() const { return {bytes_.data(), size_}; }

  private:
    std::array<uint8_t, OutputBuffer::maxInline> bytes_{};
    size_t size_ = 0;
};

} // namespace

void ChunkWriter::write(OutputBuffer &out, const Header &header, std::span<const uint8_t> prefix,
                        const std::shared_ptr<const Bytes> &payload) {
    assert(prefix.size() <= 5 && prefix.size() <= chunkSize_);
    const auto id = static_cast<uint8_t>(header.chunkStream);
    const auto found = last_.find(header.chunkStream);
    // A step of half the range or more is a step back.
    const bool full = found == last_.end() || found->second.streamId != header.streamId ||
                      header.timestamp - found->second.timestamp >= 0x80000000;
    const uint32_t time = full ? header.timestamp : header.timestamp - found->second.timestamp;
    const bool extended = time >= extendedMark;
    last_.insert_or_assign(header.chunkStream, Last{header.timestamp, header.streamId});

    const size_t payloadSize = payload ? payload->size() : 0;
    HeaderBytes bytes;
    bytes.put(full ? id : 0x40u | id, 1);
    bytes.put(std::min(time, extendedMark), 3);
    bytes.put(prefix.size() + payloadSize, 3);
    bytes.put(static_cast<uint8_t>(header.type), 1);
    if (full)
        for (int shift = 0; shift < 32; shift += 8) // the one little-endian field
            bytes.put(header.streamId >> shift & 0xff, 1);
    if (extended)
        bytes.put(time, 4);
    bytes.put(prefix);
    out.appendCopy(bytes.get());

    size_t offset = std::min<size_t>(chunkSize_ - prefix.size(), payloadSize);
    out.appendSlice(payload, 0, offset);
    while (offset < payloadSize) {
        HeaderBytes next;
        next.put(0xc0u | id, 1);
        if (extended)
            next.put(time, 4);
        out.appendCopy(next.get());
        const size_t size = std::min<size_t>(chunkSize_, payloadSize - offset);
        out.appendSlice(payload, offset, size);
        offset += size;
    }
}

} // namespace rtcroom::embedded
