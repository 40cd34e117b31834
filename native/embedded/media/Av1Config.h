#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "embedded/media/EncodedPacket.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// AV1CodecConfigurationRecord (AV1 in ISOBMFF, 2.3.3) with the sequence header of an OBU stream of 4:2:0 and 8 bits.
/// Empty when there is none that can be read.
Bytes av1ConfigFromObus(std::span<const uint8_t> stream);

bool isAv1Config(std::span<const uint8_t> av1C);

/// Whether a unit is a row of OBUs, to its end.
bool isObuRow(std::span<const uint8_t> unit);

/// A temporal unit as containers have it: without its delimiter. Unchanged when it cannot be read.
Bytes withoutTemporalDelimiter(std::span<const uint8_t> unit);

/// The size of the largest picture, from the sequence header in the unit or else in its configuration. None when
/// neither has a valid one.
std::optional<engine::Size> av1PictureSize(std::span<const uint8_t> av1C, std::span<const uint8_t> unit = {});

} // namespace rtcroom::embedded
