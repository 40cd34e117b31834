#include "embedded/net/TlsAlert.h"

#include <algorithm>
#include <array>

#include "embedded/net/TlsRecords.h"

namespace rtcroom::embedded {

namespace {

// An encrypted one is longer by its tag.
constexpr size_t plainBytes = 2;

struct Name {
    uint8_t description;
    const char *text;
};

// RFC 8446, B.2; RFC 5246, 7.2; RFC 7301, 3.2.
constexpr std::array names{
    Name{0, "close_notify"},
    Name{10, "unexpected_message"},
    Name{20, "bad_record_mac"},
    Name{22, "record_overflow"},
    Name{40, "handshake_failure"},
    Name{42, "bad_certificate"},
    Name{43, "unsupported_certificate"},
    Name{44, "certificate_revoked"},
    Name{45, "certificate_expired"},
    Name{46, "certificate_unknown"},
    Name{47, "illegal_parameter"},
    Name{48, "unknown_ca"},
    Name{49, "access_denied"},
    Name{50, "decode_error"},
    Name{51, "decrypt_error"},
    Name{70, "protocol_version"},
    Name{71, "insufficient_security"},
    Name{80, "internal_error"},
    Name{86, "inappropriate_fallback"},
    Name{90, "user_canceled"},
    Name{100, "no_renegotiation"},
    Name{109, "missing_extension"},
    Name{110, "unsupported_extension"},
    Name{112, "unrecognized_name"},
    Name{116, "certificate_required"},
    Name{120, "no_application_protocol"},
};

} // namespace

std::string TlsAlert::name() const {
    const auto known = std::ranges::find(names, description, &Name::description);
    return known == names.end() ? "alert " + std::to_string(description) : known->text;
}

std::optional<TlsAlert> plainAlert(std::span<const uint8_t> record) {
    if (record.size() != TlsRecords::headerBytes + plainBytes || record[0] != TlsAlert::recordType)
        return std::nullopt;
    return TlsAlert{record[TlsRecords::headerBytes], record[TlsRecords::headerBytes + 1]};
}

} // namespace rtcroom::embedded
