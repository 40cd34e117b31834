#pragma once

#include <optional>

#include "embedded/media/EncodedPacket.h"
#include "embedded/media/ffmpeg.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// Puts codec configuration where FFmpeg wants it, padded. Throws std::bad_alloc.
void setExtradata(AVCodecContext &context, const Bytes &config);
void setExtradata(AVCodecParameters &parameters, const Bytes &config);

/// An open AAC decoder for an AudioSpecificConfig: its fields tell rate, layout and frame size. Null when FFmpeg cannot
/// read the configuration.
CodecPtr openAacDecoder(const Bytes &audioSpecificConfig);

/// The cropped size of a coded picture, from the SPS of its configuration or of the unit itself. None when no valid
/// SPS belongs to it.
std::optional<engine::Size> h264PictureSize(const Bytes &avcC, const Bytes &unit);

/// The parameter sets of an AVCDecoderConfigurationRecord as NAL units with 4-byte lengths, to be put in front of a key
/// frame. Empty when the record is damaged.
Bytes h264ParameterSets(const Bytes &avcC);

/// A copy with the padding that FFmpeg's readers need. Throws std::bad_alloc.
PacketPtr paddedPacket(const Bytes &unit);

} // namespace rtcroom::embedded
