#include "embedded/encode/pushSettings.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/Error.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;
using engine::requireRange;

void check(const VideoSettings &settings) {
    requireRange("the picture's width", settings.width, 64, 4096);
    requireRange("the picture's height", settings.height, 64, 4096);
    if (settings.width % 2 || settings.height % 2)
        throw EngineException(ErrorCode::InvalidArgument, "the picture's width and height must be even, not " +
                                                              std::to_string(settings.width) + "x" +
                                                              std::to_string(settings.height));
    requireRange("the frame rate", settings.fps, 1, 120);
    requireRange("the video bitrate in kbps", settings.bitrateKbps, 10, 100'000);
    if (!(settings.gopSeconds >= 0.1 && settings.gopSeconds <= 60))
        throw EngineException(ErrorCode::InvalidArgument, "the key-frame distance may be 0.1 to 60 s");
}

void check(const AudioSettings &settings) {
    // Those that both AAC and RTMP players know.
    constexpr std::array RATES{8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000};
    if (std::find(RATES.begin(), RATES.end(), settings.sampleRate) == RATES.end())
        throw EngineException(ErrorCode::InvalidArgument,
                              "no AAC sample rate up to 48000 Hz is " + std::to_string(settings.sampleRate) +
                                  "; 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025 and 8000 are");
    requireRange("the number of channels", settings.channels, 1, 2);
    requireRange("the audio bitrate in kbps", settings.bitrateKbps, 8, 512);
}

} // namespace rtcroom::embedded
