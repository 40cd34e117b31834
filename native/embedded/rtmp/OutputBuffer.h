#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "embedded/media/EncodedPacket.h"
#include "embedded/net/SocketTypes.h"

namespace rtcroom::embedded {

/// Bytes on their way to a socket: small headers by value, payloads as slices of shared buffers that are never copied.
class OutputBuffer {
  public:
    /// The largest header: 3 + 11 + 4 bytes of chunk header and 5 of FLV tag header fit.
    static constexpr size_t maxInline = 24;

    /// At most maxInline bytes.
    void appendCopy(std::span<const uint8_t> bytes);
    void appendSlice(std::shared_ptr<const Bytes> owner, size_t offset, size_t size);

    bool empty() const { return size_ == 0; }
    size_t size() const { return size_; }
    /// The front, for one gathering write; valid until the buffer changes.
    std::span<const SendPart> front();
    /// Removes what was written.
    void consume(size_t bytes);
    void clear();

  private:
    struct Part {
        std::shared_ptr<const Bytes> owner; // null: inline
        size_t offset = 0;
        size_t size = 0;
        std::array<uint8_t, maxInline> bytes{};
        const uint8_t *data() const { return (owner ? owner->data() : bytes.data()) + offset; }
    };

    std::vector<Part> parts_;
    size_t head_ = 0;
    size_t size_ = 0;
    std::vector<SendPart> front_;
};

} // namespace rtcroom::embedded
