#pragma once

#include <string>

namespace rtcroom::embedded {

/// UTF-16 of UTF-8.
std::wstring toWide(const std::string &utf8);

} // namespace rtcroom::embedded
