#include "embedded/media/Av1Config.h"

#include "embedded/media/BitReader.h"

namespace rtcroom::embedded {

namespace {

constexpr size_t recordHeaderSize = 4;
constexpr uint8_t markerAndVersion = 0x81;
enum ObuType : uint8_t { SequenceHeaderObu = 1, TemporalDelimiterObu = 2 };

struct Obu {
    uint8_t type;
    std::span<const uint8_t> whole;
    std::span<const uint8_t> payload;
};

/// Takes the first open bitstream unit (AV1, 5.3) from the front; none at the end or where it is damaged.
std::optional<Obu> takeObu(std::span<const uint8_t> &stream) {
    constexpr uint8_t forbiddenBit = 0x80, extensionBit = 4, sizeBit = 2;
    if (stream.empty() || (stream[0] & forbiddenBit))
        return std::nullopt;
    size_t at = stream[0] & extensionBit ? 2 : 1;
    uint64_t size = 0;
    if (stream[0] & sizeBit) {
        // leb128: 7 bits a byte, the lowest first.
        constexpr int maxBytes = 8;
        for (int i = 0;; ++i, ++at) {
            if (i == maxBytes || at >= stream.size())
                return std::nullopt;
            size |= static_cast<uint64_t>(stream[at] & 0x7f) << (7 * i);
            if (!(stream[at] & 0x80))
                break;
        }
        ++at;
    } else {
        size = at <= stream.size() ? stream.size() - at : 0;
    }
    if (at > stream.size() || size > stream.size() - at)
        return std::nullopt;
    const auto type = static_cast<uint8_t>(stream[0] >> 3 & 0x0f);
    const Obu obu{type, stream.first(at + size), stream.subspan(at, size)};
    stream = stream.subspan(at + size);
    return obu;
}

std::optional<Obu> findSequenceHeader(std::span<const uint8_t> stream) {
    while (const auto obu = takeObu(stream))
        if (obu->type == SequenceHeaderObu)
            return obu;
    return std::nullopt;
}

struct SequenceHeader {
    uint32_t profile = 0;
    /// Of the first operating point.
    uint32_t level = 0;
    uint32_t tier = 0;
    engine::Size size;
};

/// What a decoder model says of one operating point (5.5.5) and of buffers (5.5.4).
struct DecoderModel {
    bool present = false;
    int delayBits = 0;
};

DecoderModel skipTimingInfo(BitReader &in) {
    in.skip(64);
    if (in.flag())
        in.ue(); // uvlc() has the same bits
    DecoderModel model{in.flag(), 0};
    if (model.present) {
        model.delayBits = static_cast<int>(in.bits(5)) + 1;
        in.skip(32 + 5 + 5);
    }
    return model;
}

void readOperatingPoints(BitReader &in, const DecoderModel &model, SequenceHeader &out) {
    constexpr uint32_t lastLevelWithoutTier = 7;
    const bool hasDisplayDelay = in.flag();
    const uint32_t last = in.bits(5);
    for (uint32_t i = 0; i <= last; ++i) {
        in.skip(12);
        const uint32_t level = in.bits(5);
        const uint32_t tier = level > lastLevelWithoutTier ? in.bits(1) : 0;
        if (i == 0) {
            out.level = level;
            out.tier = tier;
        }
        if (model.present && in.flag())
            in.skip(2 * model.delayBits + 1);
        if (hasDisplayDelay && in.flag())
            in.skip(4);
    }
}

/// sequence_header_obu (5.5.1) up to the size.
std::optional<SequenceHeader> readSequenceHeader(std::span<const uint8_t> payload) {
    BitReader in(payload);
    SequenceHeader out;
    try {
        out.profile = in.bits(3);
        in.skip(1); // still picture
        if (in.flag()) {
            out.level = in.bits(5);
        } else {
            const DecoderModel model = in.flag() ? skipTimingInfo(in) : DecoderModel();
            readOperatingPoints(in, model, out);
        }
        const int widthBits = static_cast<int>(in.bits(4)) + 1;
        const int heightBits = static_cast<int>(in.bits(4)) + 1;
        out.size.width = static_cast<int>(in.bits(widthBits)) + 1;
        out.size.height = static_cast<int>(in.bits(heightBits)) + 1;
        return out;
    } catch (const Truncated &) {
        return std::nullopt;
    }
}

std::optional<engine::Size> sizeIn(std::span<const uint8_t> stream) {
    const auto obu = findSequenceHeader(stream);
    const auto header = obu ? readSequenceHeader(obu->payload) : std::nullopt;
    return header ? std::optional(header->size) : std::nullopt;
}

} // namespace

Bytes av1ConfigFromObus(std::span<const uint8_t> stream) {
    const auto obu = findSequenceHeader(stream);
    const auto header = obu ? readSequenceHeader(obu->payload) : std::nullopt;
    if (!header)
        return {};
    constexpr uint8_t subsampledBothWays = 0x0c;
    Bytes out{markerAndVersion, static_cast<uint8_t>(header->profile << 5 | header->level),
              static_cast<uint8_t>(header->tier << 7 | subsampledBothWays), 0};
    out.insert(out.end(), obu->whole.begin(), obu->whole.end());
    return out;
}

bool isAv1Config(std::span<const uint8_t> av1C) {
    return av1C.size() >= recordHeaderSize && av1C[0] == markerAndVersion;
}

bool isObuRow(std::span<const uint8_t> unit) {
    while (!unit.empty())
        if (!takeObu(unit))
            return false;
    return true;
}

Bytes withoutTemporalDelimiter(std::span<const uint8_t> unit) {
    std::span<const uint8_t> rest(unit);
    const auto first = takeObu(rest);
    if (first && first->type == TemporalDelimiterObu)
        unit = rest;
    return {unit.begin(), unit.end()};
}

std::optional<engine::Size> av1PictureSize(std::span<const uint8_t> av1C, std::span<const uint8_t> unit) {
    if (const auto size = sizeIn(unit))
        return size;
    return isAv1Config(av1C) ? sizeIn(av1C.subspan(recordHeaderSize)) : std::nullopt;
}

} // namespace rtcroom::embedded
