#include "Target.h"
#include "embedded/media/Av1Config.h"
#include "embedded/media/HevcConfig.h"
#include "embedded/media/OpusConfig.h"

using namespace rtcroom;
using namespace rtcroom::embedded;

namespace {

void checkSize(const std::optional<engine::Size> &size) {
    if (size)
        fuzz::expect(size->width > 0 && size->height > 0, "a picture has a size");
}

void readHevc(const Bytes &config, const Bytes &unit) {
    checkSize(hevcPictureSize(config, unit));
    hevcParameterSets(config);
    if (const Bytes made = hevcConfigFromAnnexB(unit); !made.empty()) {
        fuzz::expect(hevcNalLengthSize(made) == 4, "a configuration that is made is valid");
        fuzz::expect(!hevcParameterSets(made).empty(), "a configuration that is made holds its parameter sets");
    }
}

void readAv1(const Bytes &config, const Bytes &unit) {
    checkSize(av1PictureSize(config, unit));
    if (const Bytes made = av1ConfigFromObus(unit); !made.empty()) {
        fuzz::expect(isAv1Config(made), "a configuration that is made is valid");
        fuzz::expect(av1PictureSize(made).has_value(), "a configuration that is made has a size");
    }
    fuzz::expect(withoutTemporalDelimiter(unit).size() <= unit.size(), "a unit only loses its delimiter");
}

void readOpus(const Bytes &config, const Bytes &unit) {
    if (const auto head = readOpusHead(config))
        fuzz::expect(head->channels > 0 && head->preSkip >= 0, "sound has channels");
    if (const auto samples = opusUnitSamples(unit))
        fuzz::expect(*samples >= 120 && *samples <= 5760, "a packet has 2.5 to 120 ms");
}

} // namespace

// The size of a configuration (2 bytes), the configuration, a coded unit: as each of the codecs.
RTCROOM_FUZZ_TARGET(EnhancedConfig, input) {
    fuzz::Parts parts(input);
    const fuzz::Input first = parts.bytes(parts.number(2));
    const fuzz::Input rest = parts.rest();
    const Bytes config(first.begin(), first.end());
    const Bytes unit(rest.begin(), rest.end());
    readHevc(config, unit);
    readAv1(config, unit);
    readOpus(config, unit);
}
