#include "embedded/media/H264Config.h"
#include "Target.h"
#include "embedded/media/CodecConfig.h"
#include "embedded/rtmp/SequenceHeaders.h"

using namespace rtcroom;
using namespace rtcroom::embedded;

namespace {

void readConfig(const Bytes &config, const Bytes &unit) {
    nalLengthSize(config);
    if (const auto format = readVideoFormat(config))
        fuzz::expect(format->width > 0 && format->height > 0 && format->framesPerSecond >= 0, "a picture has a size");
    if (const auto size = h264PictureSize(config, unit))
        fuzz::expect(size->width > 0 && size->height > 0, "a picture has a size");
    h264ParameterSets(config);
}

} // namespace

// The size of a configuration (2 bytes), the configuration, a coded unit; the same bytes as an Annex B stream too.
RTCROOM_FUZZ_TARGET(H264Config, input) {
    fuzz::Parts parts(input);
    const fuzz::Input config = parts.bytes(parts.number(2));
    const fuzz::Input unit = parts.rest();
    const Bytes unitBytes(unit.begin(), unit.end());
    readConfig(Bytes(config.begin(), config.end()), unitBytes);
    for (const auto nal : splitAnnexB(unit))
        fuzz::expect(!nal.empty(), "a NAL unit of a stream has bytes");
    if (const Bytes made = avcConfigFromAnnexB(unit); !made.empty()) {
        fuzz::expect(nalLengthSize(made) == 4, "a configuration that is made is valid");
        fuzz::expect(!h264ParameterSets(made).empty(), "a configuration that is made holds its parameter sets");
        readConfig(made, unitBytes);
    }
}
