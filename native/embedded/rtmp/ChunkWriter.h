#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>

#include "embedded/rtmp/Message.h"
#include "embedded/rtmp/OutputBuffer.h"

namespace rtcroom::embedded {

/// Our chunk streams: 2 is the protocol's own (5.4), the rest a matter of custom.
enum class ChunkStreamId : uint8_t { Control = 2, Command = 3, Audio = 4, Data = 5, Video = 6, StreamCommand = 8 };

/// Cuts messages into chunks (RTMP 1.0, 5.3.1): a full header for the first message of a chunk stream, after it time
/// differences, which keep clear of extended timestamps.
class ChunkWriter {
  public:
    /// Before any payload larger than the default of 128 bytes; announce it in a message first.
    void setChunkSize(uint32_t size) { chunkSize_ = size; }

    struct Header {
        ChunkStreamId chunkStream{};
        MessageType type{};
        uint32_t timestamp = 0;
        uint32_t streamId = 0;
    };
    /// Body = prefix (at most 5 bytes) and payload; the payload may be null.
    void write(OutputBuffer &out, const Header &header, std::span<const uint8_t> prefix,
               const std::shared_ptr<const Bytes> &payload);

  private:
    struct Last {
        uint32_t timestamp = 0;
        uint32_t streamId = 0;
    };

    uint32_t chunkSize_ = defaultChunkSize;
    std::map<ChunkStreamId, Last> last_;
};

} // namespace rtcroom::embedded
