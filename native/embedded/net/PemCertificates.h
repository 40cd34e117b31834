#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace rtcroom::embedded {

/// What stands between the lines BEGIN CERTIFICATE (or X509 CERTIFICATE) and END of each certificate in a PEM text: its
/// Base64, with line ends. Other blocks and text between them are skipped (RFC 7468, 2). Nothing when a block has no
/// end.
std::optional<std::vector<std::string_view>> pemCertificates(std::string_view pem);

} // namespace rtcroom::embedded
