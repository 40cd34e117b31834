#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace rtcroom::embedded {

enum class MediaKind { Video, Audio };
enum class CodecId { H264, Aac };

using Bytes = std::vector<uint8_t>;

/// One compressed unit on its way between encoder, transport, decoder and recorder. Immutable once made; copies share
/// the bytes.
struct EncodedPacket {
    MediaKind kind = MediaKind::Video;
    CodecId codec = CodecId::H264;
    /// H.264: an AVCDecoderConfigurationRecord; AAC: an AudioSpecificConfig. Comes before the first coded unit and
    /// again after a change.
    bool isConfig = false;
    bool keyFrame = false;
    /// ms in the stream's own time; never decreases within a kind on the pusher's side.
    int64_t dtsMs = 0;
    /// Presentation minus decoding time, ms; 0 without B-frames and for sound.
    int32_t ctsMs = 0;
    /// H.264: length-prefixed (4 bytes) NAL units, no start codes; AAC: one raw access unit, no ADTS.
    std::shared_ptr<const Bytes> data;

    int64_t ptsMs() const { return dtsMs + ctsMs; }
};

} // namespace rtcroom::embedded
