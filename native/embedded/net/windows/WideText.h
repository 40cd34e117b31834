#pragma once

#include <string>

namespace rtcroom::embedded {

/// UTF-16 of UTF-8.
std::wstring toWide(const std::string &utf8);

/// A host's name in the letters that certificates and TLS have (A-labels); as it is where it cannot be written so.
std::wstring toAsciiName(const std::string &host);

} // namespace rtcroom::embedded
