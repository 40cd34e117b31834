#include "Target.h"
#include "embedded/media/CodecConfig.h"
#include "embedded/rtmp/SequenceHeaders.h"

using namespace rtcroom;
using namespace rtcroom::embedded;

RTCROOM_FUZZ_TARGET(AacConfig, input) {
    const Bytes config(input.begin(), input.end());
    if (const auto format = readAudioFormat(config))
        fuzz::expect(format->sampleRate > 0 && format->channels >= 0 && format->channels <= 8, "sound has a format");
    const auto format = readAacConfig(config);
    if (format)
        fuzz::expect(format->sampleRate > 0 && format->sampleRate <= 96000 &&
                         (format->unitSamples == 960 || format->unitSamples == 1024),
                     "a unit of sound has a rate and a length");
    if (const CodecPtr decoder = openAacDecoder(config))
        fuzz::expect(format && decoder->sample_rate > 0 && decoder->ch_layout.nb_channels > 0,
                     "an open decoder knows rate and channels");
}
