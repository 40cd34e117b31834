#pragma once

#include <cstdint>
#include <span>

#include "embedded/http/ResponseHead.h"

namespace rtcroom::embedded {

/// Takes the body out of what follows an HTTP response's head, however it comes apart: chunked, of a length, or all
/// until the connection ends (RFC 9112, 6.3).
///
/// Limits against hostile peers: chunks below 2^60 bytes, 256 bytes a chunk's line, 4 KB of trailers; beyond them, and
/// for a broken chunk, next() throws ProtocolError.
class ResponseBody {
  public:
    explicit ResponseBody(const ResponseHead &head);

    /// The next piece of the body that `bytes` holds; `bytes` goes on to what follows it. Empty when all of it is taken
    /// or the body is over.
    std::span<const uint8_t> next(std::span<const uint8_t> &bytes);
    bool complete() const { return state_ == State::Complete; }
    /// The connection's end is the body's.
    bool endsWithConnection() const { return state_ == State::UntilClosed; }

  private:
    enum class State { UntilClosed, Length, ChunkSize, ChunkExtension, Chunk, ChunkEnd, Trailer, Complete };
    void takeLineByte(char c);

    State state_;
    /// Of the body, or of the chunk.
    uint64_t left_ = 0;
    /// Of a chunk's size line, or of all trailers.
    size_t lineBytes_ = 0;
    size_t digits_ = 0;
    bool emptyLine_ = true;
};

} // namespace rtcroom::embedded
