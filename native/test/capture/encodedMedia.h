#pragma once

#include "support.h"

#include <span>

#include "embedded/media/AacIntake.h"
#include "embedded/media/CodecConfig.h"
#include "embedded/media/H264Config.h"
#include "embedded/media/H264Intake.h"

namespace rtcroom::embedded::test {

/// NAL units of a coded unit or of parameter sets with 4-byte lengths, as a byte stream.
inline Bytes annexB(std::span<const uint8_t> unit) {
    Bytes out;
    for (size_t at = 0; at + 4 <= unit.size();) {
        const size_t length = static_cast<size_t>(unit[at]) << 24 | static_cast<size_t>(unit[at + 1]) << 16 |
                              static_cast<size_t>(unit[at + 2]) << 8 | unit[at + 3];
        out.insert(out.end(), {0, 0, 0, 1});
        out.insert(out.end(), unit.begin() + static_cast<std::ptrdiff_t>(at + 4),
                   unit.begin() + static_cast<std::ptrdiff_t>(at + 4 + length));
        at += 4 + length;
    }
    return out;
}

/// What an encoder of the application gives out: our own pipeline's, of the pattern with the clock and the beeps.
struct EncodedMedia {
    struct Picture {
        Bytes sets; // of a key frame, in Annex B
        Bytes bytes;
        bool keyFrame = false;
        int64_t dtsMs = 0;

        Bytes whole() const {
            Bytes out = sets;
            out.insert(out.end(), bytes.begin(), bytes.end());
            return out;
        }
    };
    struct Sound {
        std::shared_ptr<const Bytes> unit;
        int64_t dtsMs = 0;

        /// With a header of ADTS: AAC-LC, 48 kHz, mono.
        Bytes adts() const {
            const size_t size = unit->size() + 7;
            Bytes out{0xff,
                      0xf1,
                      0x4c,
                      static_cast<uint8_t>(0x40 | size >> 11),
                      static_cast<uint8_t>(size >> 3),
                      static_cast<uint8_t>((size & 7) << 5 | 0x1f),
                      0xfc};
            out.insert(out.end(), unit->begin(), unit->end());
            return out;
        }
    };

    std::vector<Picture> pictures;
    std::vector<Sound> sounds;
    Bytes audioConfig;
    Bytes videoConfig;
};

inline EncodedMedia makeMedia(engine::Size size, int pictures, double gopSeconds = 0.5) {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {size.width, size.height, 30, 800, gopSeconds}, {});
    pipeline.openVideo({SourceKind::Synthetic, ""});
    pipeline.openAudio({SourceKind::Synthetic, "", false});
    pipeline.start();
    REQUIRE(sink.waitFor([&] { return sink.count(MediaKind::Video) >= static_cast<size_t>(pictures); }, 30'000));
    pipeline.stop();
    EncodedMedia media;
    for (const Arrival &each : sink.of(MediaKind::Video)) {
        if (each.packet.isConfig)
            media.videoConfig = *each.packet.data;
        else
            media.pictures.push_back({each.packet.keyFrame ? annexB(h264ParameterSets(media.videoConfig)) : Bytes(),
                                      annexB(*each.packet.data), each.packet.keyFrame, each.packet.dtsMs});
    }
    for (const Arrival &each : sink.of(MediaKind::Audio)) {
        if (each.packet.isConfig)
            media.audioConfig = *each.packet.data;
        else
            media.sounds.push_back({each.packet.data, each.packet.dtsMs});
    }
    return media;
}

inline engine::UserVideo h264(std::span<const uint8_t> bytes, int64_t timestampMs = -1, int64_t dtsMs = -1) {
    return {bytes.data(), bytes.size(), 0, 0, timestampMs, engine::UserVideoFormat::H264, dtsMs};
}

} // namespace rtcroom::embedded::test
