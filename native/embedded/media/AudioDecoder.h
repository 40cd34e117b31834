#pragma once

#include <functional>
#include <utility>

#include "embedded/media/Codecs.h"
#include "embedded/media/EncodedPacket.h"
#include "embedded/media/ffmpeg.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

/// AAC and Opus to interleaved 16-bit PCM at the stream's own rate and channel count. Errors are EngineException
/// DecodeFailed.
class AudioDecoder {
  public:
    using Sink = std::function<void(engine::AudioFrame)>;

    explicit AudioDecoder(DecoderLookup lookup = findDecoder) : lookup_(std::move(lookup)) {}

    /// Takes a configuration. True when a decoder was opened, false when this configuration is in use already. Throws
    /// DecoderMissing as well.
    bool configure(CodecId codec, const Bytes &config);
    bool configured() const { return context_ != nullptr; }
    void decode(const EncodedPacket &unit, const Sink &sink);
    void flush();

  private:
    engine::AudioFrame toPcm(AVFrame &frame);

    const DecoderLookup lookup_;
    CodecPtr context_;
    CodecId codec_ = CodecId::Aac;
    FramePtr frame_{av_frame_alloc()};
    SwrPtr resampler_;
    AVSampleFormat resamplerFormat_ = AV_SAMPLE_FMT_NONE;
    int resamplerRate_ = 0;
    int resamplerChannels_ = 0;
    Bytes config_;
    engine::FramePool pool_{16};
};

} // namespace rtcroom::embedded
