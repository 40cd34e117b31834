#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "embedded/media/EncodedPacket.h"
#include "embedded/media/ffmpeg.h"
#include "engine/Error.h"
#include "engine/Options.h"
#include "engine/System.h"

namespace rtcroom::embedded {

/// For people: "H.264", "HEVC" …
const char *codecName(CodecId codec);
/// "An H.264", "A VP9" …
std::string withArticle(CodecId codec);
MediaKind kindOf(CodecId codec);
AVCodecID ffmpegCodec(CodecId codec);

CodecId codecOf(engine::VideoCodec codec);
CodecId codecOf(engine::AudioCodec codec);

/// A decoder of the linked FFmpeg that works without hardware, or null.
const AVCodec *findDecoder(CodecId codec);
using DecoderLookup = std::function<const AVCodec *(CodecId)>;

/// The pusher's encoders of a codec, by their names in FFmpeg, the best first. Empty for those that it does not push.
std::vector<const char *> encoderNames(CodecId codec);
/// Those on hardware, in the order in which they are tried: which of them FFmpeg has depends on the platform. None of
/// codecs whose hardware is rare.
std::vector<const char *> hardwareEncoderNames(CodecId codec);
/// Why FFmpeg cannot have an encoder of that name on that system; null when it may.
const char *encoderUnsupported(std::string_view name, engine::System system);
using EncoderLookup = std::function<const AVCodec *(const char *name)>;
/// Throws Unsupported, with what to install, when FFmpeg has none of them.
void requireEncoder(CodecId codec, const EncoderLookup &find = avcodec_find_encoder_by_name);

/// The linked FFmpeg cannot decode a stream at all.
class DecoderMissing : public engine::EngineException {
  public:
    explicit DecoderMissing(CodecId codec);
    CodecId codec() const { return codec_; }

  private:
    CodecId codec_;
};

} // namespace rtcroom::embedded
