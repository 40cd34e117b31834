#include "embedded/media/OpusConfig.h"

#include <algorithm>
#include <string_view>

namespace rtcroom::embedded {

std::optional<OpusFormat> readOpusHead(std::span<const uint8_t> head) {
    constexpr std::string_view magic = "OpusHead";
    constexpr size_t size = 19, mappingAt = 18;
    // A version up to 15 has this layout.
    if (head.size() < size || !std::ranges::equal(head.first(magic.size()), magic) || head[8] > 15 || head[9] == 0)
        return std::nullopt;
    const int channels = head[9];
    // Other mappings than mono and stereo have a table: streams, coupled ones, a byte a channel.
    if (head[mappingAt] == 0 ? channels > 2 : head.size() < size + 2 + static_cast<size_t>(channels))
        return std::nullopt;
    return OpusFormat{channels, head[10] | head[11] << 8};
}

std::optional<int> opusUnitSamples(std::span<const uint8_t> unit) {
    if (unit.empty())
        return std::nullopt;
    const int mode = unit[0] >> 3;
    int frame = 120 << (mode & 3); // CELT: 2.5 to 20 ms
    if (mode < 12)
        frame = (mode & 3) == 3 ? 2880 : 480 << (mode & 3); // SILK: 10 to 60 ms
    else if (mode < 16)
        frame = 480 << (mode & 1); // both
    int frames = 1;
    if ((unit[0] & 3) == 3) {
        if (unit.size() < 2)
            return std::nullopt;
        frames = unit[1] & 0x3f;
    } else if ((unit[0] & 3) != 0) {
        frames = 2;
    }
    constexpr int most = 5760; // 120 ms
    return frames > 0 && frame * frames <= most ? std::optional(frame * frames) : std::nullopt;
}

} // namespace rtcroom::embedded
