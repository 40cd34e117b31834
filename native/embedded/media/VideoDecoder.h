#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>

#include "embedded/media/Codecs.h"
#include "embedded/media/EncodedPacket.h"
#include "embedded/media/ffmpeg.h"

namespace rtcroom::embedded {

/// Video of any codec with low delay: a picture comes out with the unit that completes it. Streams with B-frames come
/// out in presentation order, as late as their reordering asks. Errors are EngineException DecodeFailed.
class VideoDecoder {
  public:
    /// A picture with pts in ms and cropping applied; valid during the call, may be moved from.
    using Sink = std::function<void(AVFrame &)>;

    explicit VideoDecoder(DecoderLookup lookup = findDecoder) : lookup_(std::move(lookup)) {}

    /// Takes a configuration. True when a decoder was opened, false when this configuration is in use already. A
    /// decoder that is replaced gives out its last pictures first. Throws DecoderMissing as well.
    bool configure(CodecId codec, const Bytes &config, const Sink &sink);
    bool configured() const { return context_ != nullptr; }
    const char *name() const { return context_ ? context_->codec->name : ""; }
    /// After an error the decoder has forgotten everything: go on at a key frame.
    void decode(const EncodedPacket &unit, const Sink &sink);
    /// Gives out what waits for reordering, then forgets everything but the configuration.
    void drain(const Sink &sink);
    /// Forgets everything but the configuration.
    void flush();
    /// Units that were taken and whose pictures have not come out: as many as the stream is reordered by.
    size_t held() const { return held_.size(); }

  private:
    void receive(const Sink &sink);
    /// `what` follows the codec's name.
    [[noreturn]] void fail(const std::string &what);

    const DecoderLookup lookup_;
    CodecPtr context_;
    CodecId codec_ = CodecId::H264;
    FramePtr frame_{av_frame_alloc()};
    Bytes config_;
    int64_t lastPtsMs_ = INT64_MIN;
    /// By the times of their pictures.
    std::multiset<int64_t> held_;
};

} // namespace rtcroom::embedded
