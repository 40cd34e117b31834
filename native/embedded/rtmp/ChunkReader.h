#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "embedded/rtmp/Message.h"

namespace rtcroom::embedded {

/// Puts messages together from a peer's chunk stream (RTMP 1.0, 5.3). Chunk size and abort messages are obeyed here and
/// handed on like all others.
///
/// Limits against hostile peers: 16 MB a message (the format's own), 32 MB of unfinished messages, 64 chunk streams;
/// beyond them, and for a chunk size of 0 or above 2^31 - 1, next() throws ProtocolError.
class ChunkReader {
  public:
    ChunkReader();

    /// Room for received bytes, at least 1; then commit() what was filled, then next() until it is false.
    std::span<uint8_t> writable();
    void commit(size_t bytes) { end_ += bytes; }
    /// The next complete message.
    bool next(Message &out);
    /// Bytes of sound and pictures so far, those of unfinished messages among them.
    uint64_t mediaBytes() const { return mediaBytes_; }

  private:
    struct ChunkStream {
        uint32_t timestamp = 0;
        /// The header's timestamp field: what a type 3 chunk adds at the start of a message.
        uint32_t delta = 0;
        uint32_t length = 0;
        uint32_t streamId = 0;
        uint8_t type = 0;
        bool extended = false;
        bool known = false;
        bool inMessage = false;
        /// Left of the chunk being read.
        uint32_t chunkLeft = 0;
        Bytes body;
    };

    size_t available() const { return end_ - begin_; }
    /// Reads a chunk header if it is there as a whole.
    bool readHeader();
    void beginMessage(ChunkStream &stream);
    void dropPartial(ChunkStream &stream);
    bool finish(ChunkStream &stream, Message &out);
    void obey(const Message &message);

    std::vector<uint8_t> buffer_;
    size_t begin_ = 0;
    size_t end_ = 0;
    uint32_t chunkSize_ = defaultChunkSize;
    std::unordered_map<uint32_t, ChunkStream> streams_;
    /// Whose chunk is being read; map nodes stay where they are.
    ChunkStream *current_ = nullptr;
    size_t pendingBytes_ = 0;
    uint64_t mediaBytes_ = 0;
};

} // namespace rtcroom::embedded
