#pragma once

#include <cstddef>
#include <string>

namespace rtcroom::liteav {

/// Text of the SDK as valid UTF-8: null is empty, broken bytes become U+FFFD, at most `limit` bytes are read. Addresses
/// in it keep their scheme and host only, since their path is the stream's key; see withoutSecrets.
std::string sdkText(const char *text, size_t limit = 4096);

/// The same bytes with U+FFFD for broken ones.
std::string validUtf8(const std::string &text);

/// `scheme://host/…` of every address in the text, and `name=…` of every value that is a secret by its name.
std::string withoutSecrets(const std::string &text);

/// For the SDK's wchar_t parameters (16 bit on Windows). Throws InvalidArgument for broken UTF-8.
std::u16string toUtf16(const std::string &utf8);
/// Broken surrogates become U+FFFD.
std::string toUtf8(const std::u16string &utf16);

} // namespace rtcroom::liteav
