#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace rtcroom::embedded {

/// Opus counts its samples at this rate, whatever the encoder was given.
constexpr int opusSampleRate = 48000;

struct OpusFormat {
    int channels = 0;
    /// Samples at the beginning of a file that are not to be heard.
    int preSkip = 0;
};

/// From an identification header, "OpusHead" (RFC 7845, 5.1). None when it is damaged.
std::optional<OpusFormat> readOpusHead(std::span<const uint8_t> head);

/// The samples a channel of a packet, by its first bytes (RFC 6716, 3.1). None when it is damaged.
std::optional<int> opusUnitSamples(std::span<const uint8_t> unit);

} // namespace rtcroom::embedded
