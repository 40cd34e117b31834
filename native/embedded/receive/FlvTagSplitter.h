#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>

#include "embedded/rtmp/Message.h"

namespace rtcroom::embedded {

/// Cuts an FLV file that comes over a network (Adobe, FLV 10.1, E.2 and E.3) into its audio, video and data tags, as
/// messages with 32-bit times. What a header says of the stream's kinds and of the size of the tag before is not looked
/// at; tags of other types and encrypted ones are skipped.
///
/// A tag has at most 16 MB, the format's own limit. take() throws ProtocolError for what is no FLV.
class FlvTagSplitter {
  public:
    /// Takes all of it.
    void take(std::span<const uint8_t> bytes, const std::function<void(Message &)> &onMessage);
    /// The file's header is there: it is FLV.
    bool started() const { return state_ != State::FileHeader; }
    /// A tag is half here.
    bool hasPartial() const { return state_ == State::Body || (state_ == State::TagHeader && have_ > 0); }
    /// Bytes of sound and pictures so far, those of the tag that is half here among them.
    uint64_t mediaBytes() const { return mediaBytes_; }

  private:
    enum class State { FileHeader, Skip, TagHeader, Body };

    /// Fills `header_` up to `size` bytes; true when it is there.
    bool fill(std::span<const uint8_t> &bytes, size_t size);
    void readFileHeader();
    void readTagHeader();
    void skip(uint64_t bytes);

    State state_ = State::FileHeader;
    std::array<uint8_t, 11> header_{};
    size_t have_ = 0;
    /// Left to skip, or of the body.
    uint64_t left_ = 0;
    uint64_t mediaBytes_ = 0;
    Message message_;
};

} // namespace rtcroom::embedded
