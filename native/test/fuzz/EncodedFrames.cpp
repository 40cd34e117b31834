#include "Target.h"
#include "embedded/media/AacIntake.h"
#include "embedded/media/CodecConfig.h"
#include "embedded/media/H264Intake.h"
#include "engine/Error.h"

using namespace rtcroom;
using namespace rtcroom::embedded;

namespace {

void check(const H264Unit &unit) {
    size_t at = 0;
    while (at + 4 < unit.data.size()) {
        const size_t length = static_cast<size_t>(unit.data[at]) << 24 | static_cast<size_t>(unit.data[at + 1]) << 16 |
                              static_cast<size_t>(unit.data[at + 2]) << 8 | unit.data[at + 3];
        fuzz::expect(length > 0 && length <= unit.data.size() - at - 4, "a NAL unit has the length that it says");
        at += 4 + length;
    }
    fuzz::expect(!unit.data.empty() && at == unit.data.size(), "a picture is whole NAL units");
    fuzz::expect(unit.premature || unit.config, "a picture that can be decoded has a configuration");
    fuzz::expect(!unit.keyFrame || !unit.premature, "a key frame is never premature");
    if (!unit.config)
        return;
    fuzz::expect(unit.size.width > 0 && unit.size.height > 0, "a picture has a size");
    fuzz::expect(!h264ParameterSets(*unit.config).empty(), "a configuration holds its parameter sets");
}

void check(const AacUnit &unit) {
    fuzz::expect(!unit.data->empty() && unit.config->size() >= 2, "sound has bytes and a configuration");
    fuzz::expect(unit.durationUs() > 0 && (unit.channels == 1 || unit.channels == 2), "sound has a format");
}

/// Of calls of one application: nothing but what is refused is thrown, and then nothing has changed.
template <typename Intake, typename Call> void call(Intake &intake, Call take) {
    Intake after = intake;
    try {
        take(after);
    } catch (const engine::EngineException &refused) {
        const engine::ErrorCode code = refused.error().code;
        fuzz::expect(code == engine::ErrorCode::InvalidArgument || code == engine::ErrorCode::InvalidState,
                     "what is refused says whether it is the bytes or their order");
        return;
    }
    intake = std::move(after);
}

} // namespace

// Calls: what it is (1 byte: 0 H.264, 1 ADTS, else a raw unit behind a configuration of that many bytes less one), its
// size (2 bytes), the bytes.
RTCROOM_FUZZ_TARGET(EncodedFrames, input) {
    H264Intake pictures;
    AacIntake sound;
    fuzz::Parts parts(input);
    while (!parts.empty()) {
        const auto kind = static_cast<size_t>(parts.number(1));
        const fuzz::Input bytes = parts.bytes(parts.number(2));
        if (kind == 0) {
            call(pictures, [&](H264Intake &intake) {
                if (const auto unit = intake.take(bytes))
                    check(*unit);
            });
            continue;
        }
        engine::UserAudio audio{bytes.data(), bytes.size(), 0, 0, -1, engine::UserAudioFormat::Adts};
        if (kind > 1) {
            const size_t config = std::min(kind - 2, bytes.size());
            audio.format = engine::UserAudioFormat::Aac;
            audio.config.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(config));
            audio.data += config;
            audio.size -= config;
        }
        call(sound, [&](AacIntake &intake) {
            for (const AacUnit &unit : intake.take(audio))
                check(unit);
        });
    }
}
