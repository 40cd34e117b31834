#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace rtcroom::embedded {

enum class MediaKind { Video, Audio };
enum class CodecId { H264, Hevc, Av1, Vp9, Aac, Opus };

using Bytes = std::vector<uint8_t>;

/// One compressed unit on its way between encoder, transport, decoder and recorder. Immutable once made; copies share
/// the bytes.
struct EncodedPacket {
    MediaKind kind = MediaKind::Video;
    CodecId codec = CodecId::H264;
    /// H.264: an AVCDecoderConfigurationRecord; HEVC: an HEVCDecoderConfigurationRecord; AV1: an
    /// AV1CodecConfigurationRecord; AAC: an AudioSpecificConfig; Opus: an OpusHead; VP9: anything, it says nothing.
    /// Comes before the first coded unit and again after a change.
    bool isConfig = false;
    bool keyFrame = false;
    /// ms in the stream's own time; never decreases within a kind on the pusher's side.
    int64_t dtsMs = 0;
    /// Presentation minus decoding time, ms; 0 without B-frames and for sound.
    int32_t ctsMs = 0;
    /// A picture of the pusher's: when it was taken, µs of `clockMicros()`; 0 is not known.
    int64_t captureUs = 0;
    /// H.264 and HEVC: length-prefixed (4 bytes) NAL units, no start codes; AV1: one temporal unit without its
    /// delimiter; AAC: one raw access unit, no ADTS; Opus: one packet.
    std::shared_ptr<const Bytes> data;

    int64_t ptsMs() const { return dtsMs + ctsMs; }
};

} // namespace rtcroom::embedded
