#include "embedded/media/AacIntake.h"

#include <span>
#include <string>
#include <utility>

#include "embedded/media/BitReader.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

using engine::EngineException;
using engine::ErrorCode;

// 6144 bits a channel (ISO/IEC 14496-3, 4.5.3.1), and what an encoder adds; the length of ADTS has 13 bits.
constexpr size_t maxUnitBytes = 8191;
// More than a second a call is no live sound.
constexpr size_t maxUnits = 100;
constexpr size_t maxConfigBytes = 64;

[[noreturn]] void malformed(const std::string &what) { throw EngineException(ErrorCode::InvalidArgument, what); }

/// adts_fixed_header and adts_variable_header (1.A.2.2).
struct AdtsHeader {
    Bytes config;
    size_t headerBytes = 0;
    size_t frameBytes = 0;
};

AdtsHeader readAdts(std::span<const uint8_t> bytes) {
    constexpr uint32_t syncWord = 0xfff, lastRate = 12;
    try {
        BitReader in(bytes);
        AdtsHeader header;
        if (in.bits(12) != syncWord)
            malformed("the bytes do not begin with ADTS (ff f); give raw AAC as 'aac' with its config");
        in.skip(1); // MPEG-4 or MPEG-2
        if (in.bits(2) != 0)
            malformed("this is MPEG sound of another layer than AAC");
        header.headerBytes = in.flag() ? 7 : 9;
        const uint32_t profile = in.bits(2);
        const uint32_t rate = in.bits(4);
        in.skip(1);
        const uint32_t channels = in.bits(3);
        in.skip(4);
        header.frameBytes = in.bits(13);
        in.skip(11);
        const uint32_t blocks = in.bits(2) + 1;
        if (rate > lastRate)
            malformed("no sample rate of AAC has the number " + std::to_string(rate));
        if (channels == 0)
            malformed("the ADTS frame does not say how many channels it has; give raw AAC as 'aac' with its config");
        if (blocks > 1)
            malformed("an ADTS frame holds " + std::to_string(blocks) + " units; one is taken");
        if (header.frameBytes <= header.headerBytes || header.frameBytes > bytes.size())
            malformed("an ADTS frame says that it has " + std::to_string(header.frameBytes) + " bytes, and " +
                      std::to_string(bytes.size()) + " are there");
        const uint32_t config = (profile + 1) << 11 | rate << 7 | channels << 3;
        header.config = {static_cast<uint8_t>(config >> 8), static_cast<uint8_t>(config)};
        return header;
    } catch (const Truncated &) {
        malformed("an ADTS frame ends in its header");
    }
}

} // namespace

std::vector<AacUnit> AacIntake::take(const engine::UserAudio &audio) {
    if (!audio.data || audio.size == 0)
        malformed("there are no bytes of AAC");
    std::span<const uint8_t> bytes(audio.data, audio.size);
    if (audio.format == engine::UserAudioFormat::Aac) {
        if (!audio.config.empty())
            configure(audio.config);
        if (!config_)
            throw EngineException(ErrorCode::InvalidState, "raw AAC has nothing of its format in it; give its "
                                                           "AudioSpecificConfig as config with the first unit");
        if (bytes.size() >= 2 && bytes[0] == 0xff && (bytes[1] & 0xf0) == 0xf0)
            malformed("this is ADTS, and not raw AAC; send it as 'adts'");
        return {unit(bytes)};
    }
    std::vector<AacUnit> units;
    while (!bytes.empty()) {
        if (units.size() == maxUnits)
            malformed("more than " + std::to_string(maxUnits) + " units of AAC are in the call; send fewer");
        AdtsHeader header = readAdts(bytes);
        configure(std::move(header.config));
        units.push_back(unit(bytes.subspan(header.headerBytes, header.frameBytes - header.headerBytes)));
        bytes = bytes.subspan(header.frameBytes);
    }
    return units;
}

void AacIntake::configure(Bytes config) {
    if (config_ && *config_ == config)
        return;
    if (config.size() < 2 || config.size() > maxConfigBytes)
        malformed(std::to_string(config.size()) + " bytes are no AudioSpecificConfig");
    const auto format = readAacConfig(config);
    const CodecPtr decoder = format ? openAacDecoder(config) : nullptr;
    if (!decoder)
        malformed("the AudioSpecificConfig is damaged, or of a kind of AAC that FFmpeg does not know");
    if (decoder->ch_layout.nb_channels > 2)
        malformed("the AAC has " + std::to_string(decoder->ch_layout.nb_channels) +
                  " channels; 1 or 2 are what is pushed");
    channels_ = decoder->ch_layout.nb_channels;
    format_ = *format;
    config_ = std::make_shared<const Bytes>(std::move(config));
}

AacUnit AacIntake::unit(std::span<const uint8_t> bytes) const {
    if (bytes.size() > maxUnitBytes)
        malformed(std::to_string(bytes.size()) + " bytes are too many for a unit of AAC");
    return {std::make_shared<const Bytes>(bytes.begin(), bytes.end()), config_, format_, channels_};
}

} // namespace rtcroom::embedded
