#pragma once

#include <optional>

#include "embedded/media/EncodedPacket.h"
#include "embedded/media/ffmpeg.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// Puts codec configuration where FFmpeg wants it, padded. Throws std::bad_alloc.
void setExtradata(AVCodecContext &context, const Bytes &config);
void setExtradata(AVCodecParameters &parameters, const Bytes &config);

/// What an AudioSpecificConfig tells of the coded core (SBR may double rate and unit when it is decoded).
struct AacFormat {
    int sampleRate = 0;
    /// Samples a channel in one unit: 1024, or 960 on request of the encoder.
    int unitSamples = 1024;
};
/// None when it is damaged.
std::optional<AacFormat> readAacConfig(const Bytes &audioSpecificConfig);

/// An open AAC decoder for an AudioSpecificConfig, its sample rate filled in. Null when the configuration cannot be
/// read.
CodecPtr openAacDecoder(const Bytes &audioSpecificConfig);

/// The cropped size of a coded picture, from the SPS of its configuration or of the unit itself. None when no valid
/// SPS belongs to it.
std::optional<engine::Size> h264PictureSize(const Bytes &avcC, const Bytes &unit);

/// The parameter sets of an AVCDecoderConfigurationRecord as NAL units with 4-byte lengths, to be put in front of a key
/// frame. Empty when the record is damaged.
Bytes h264ParameterSets(const Bytes &avcC);

/// An open Opus decoder for an OpusHead. Null when the head cannot be read.
CodecPtr openOpusDecoder(const AVCodec *codec, const Bytes &opusHead);

/// The cropped size of a coded picture, by its configuration or what the unit itself says. None when neither is valid,
/// and for VP9.
std::optional<engine::Size> pictureSize(CodecId codec, const Bytes &config, const Bytes &unit);

/// What of a configuration has to be put in front of a key frame that follows it in a file with another one. Empty when
/// it is damaged, and for codecs whose key frames have it in them.
Bytes inBandConfig(CodecId codec, const Bytes &config);

/// A copy with the padding that FFmpeg's readers need. Throws std::bad_alloc.
PacketPtr paddedPacket(const Bytes &unit);

} // namespace rtcroom::embedded
