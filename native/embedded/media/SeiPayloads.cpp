#include "embedded/media/SeiPayloads.h"

#include <utility>

#include "embedded/media/ByteOrder.h"
#include "embedded/media/H264Config.h"
#include "embedded/media/HevcConfig.h"

namespace rtcroom::embedded {

namespace {

constexpr uint8_t rbspTrailingBits = 0x80;
// A pusher's picture has 33 at most; a hostile unit of 16 MB could hold millions.
constexpr size_t maxPayloads = 256;

/// Types and sizes: 255 as often as it fits, then the rest.
void appendNumber(Bytes &out, size_t value) {
    for (; value >= 255; value -= 255)
        out.push_back(255);
    out.push_back(static_cast<uint8_t>(value));
}

/// Two zeros and a byte up to 3 would look like a start code.
Bytes escaped(std::span<const uint8_t> rbsp) {
    Bytes out;
    out.reserve(rbsp.size() + rbsp.size() / 64 + 4);
    int zeros = 0;
    for (const uint8_t byte : rbsp) {
        if (zeros == 2 && byte <= 3) {
            out.push_back(3);
            zeros = 0;
        }
        out.push_back(byte);
        zeros = byte == 0 ? zeros + 1 : 0;
    }
    return out;
}

/// Reads a type or a size; false at the end of the data.
bool takeNumber(std::span<const uint8_t> &from, size_t &value) {
    value = 0;
    while (!from.empty()) {
        const uint8_t byte = from.front();
        from = from.subspan(1);
        value += byte;
        if (byte != 255)
            return true;
    }
    return false;
}

size_t headerSize(CodecId codec) { return codec == CodecId::Hevc ? 2 : 1; }

bool isSei(CodecId codec, std::span<const uint8_t> nal) {
    return codec == CodecId::Hevc ? hevcNalType(nal) == HevcNalType::PrefixSei : nalType(nal) == NalType::Sei;
}

bool isPicture(CodecId codec, std::span<const uint8_t> nal) {
    return codec == CodecId::Hevc ? hevcNalType(nal) <= HevcNalType::LastPicture
                                  : nalType(nal) == NalType::NonIdr || nalType(nal) == NalType::Idr;
}

void takePayloads(std::span<const uint8_t> escapedPayloads, std::vector<SeiPayload> &out) {
    const Bytes rbsp = withoutEmulationPrevention(escapedPayloads);
    std::span<const uint8_t> left(rbsp);
    size_t type = 0, size = 0;
    // A single byte is the trailing bits.
    while (out.size() < maxPayloads && left.size() > 1 && takeNumber(left, type) && takeNumber(left, size) &&
           size <= left.size()) {
        const auto payload = left.first(size);
        left = left.subspan(size);
        out.push_back({type, {payload.begin(), payload.end()}});
    }
}

} // namespace

bool hasSei(CodecId codec) { return codec == CodecId::H264 || codec == CodecId::Hevc; }

Bytes seiUnit(CodecId codec, std::span<const SeiPayload> payloads) {
    Bytes rbsp;
    for (const SeiPayload &payload : payloads) {
        appendNumber(rbsp, payload.type);
        appendNumber(rbsp, payload.data.size());
        rbsp.insert(rbsp.end(), payload.data.begin(), payload.data.end());
    }
    rbsp.push_back(rbspTrailingBits);
    Bytes out = escaped(rbsp);
    // HEVC: of layer 0, temporal id 1.
    const Bytes header = codec == CodecId::Hevc ? Bytes{static_cast<uint8_t>(HevcNalType::PrefixSei) << 1, 1}
                                                : Bytes{static_cast<uint8_t>(NalType::Sei)};
    out.insert(out.begin(), header.begin(), header.end());
    return out;
}

std::vector<SeiPayload> seiPayloads(CodecId codec, std::span<const uint8_t> unit) {
    std::vector<SeiPayload> out;
    while (hasSei(codec) && unit.size() > 4) {
        const size_t size = static_cast<size_t>(readBigEndian(unit.data(), 4));
        unit = unit.subspan(4);
        if (size == 0 || size > unit.size())
            break;
        const auto nal = unit.first(size);
        unit = unit.subspan(size);
        // It stands before the picture.
        if (isPicture(codec, nal))
            break;
        if (isSei(codec, nal) && size > headerSize(codec))
            takePayloads(nal.subspan(headerSize(codec)), out);
    }
    return out;
}

void attachSei(EncodedPacket &picture, std::span<const SeiPayload> payloads) {
    const Bytes unit = seiUnit(picture.codec, payloads);
    auto data = std::make_shared<Bytes>();
    data->reserve(unit.size() + 4 + picture.data->size());
    appendLengthPrefixed(*data, unit);
    data->insert(data->end(), picture.data->begin(), picture.data->end());
    picture.data = std::move(data);
}

} // namespace rtcroom::embedded
