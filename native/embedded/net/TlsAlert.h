#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace rtcroom::embedded {

/// RFC 8446, 6.
struct TlsAlert {
    static constexpr uint8_t recordType = 21;
    static constexpr uint8_t closeNotify = 0;

    uint8_t level = 0;
    uint8_t description = 0;

    bool isWarning() const { return level == 1 && description != closeNotify; }
    /// "handshake_failure"; "alert 200" for an unknown one.
    std::string name() const;
};

/// The alert of a whole record that is one and is not encrypted.
std::optional<TlsAlert> plainAlert(std::span<const uint8_t> record);

} // namespace rtcroom::embedded
