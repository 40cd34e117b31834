#include "embedded/net/windows/WideText.h"

#include <array>

#include <windows.h>

namespace rtcroom::embedded {

std::wstring toWide(const std::string &utf8) {
    const int size = static_cast<int>(utf8.size());
    std::wstring wide(static_cast<size_t>(MultiByteToWideChar(CP_UTF8, 0, utf8.data(), size, nullptr, 0)), L'\0');
    MultiByteToWideChar(CP_UTF8, 0, utf8.data(), size, wide.data(), static_cast<int>(wide.size()));
    return wide;
}

std::wstring toAsciiName(const std::string &host) {
    const std::wstring name = toWide(host);
    std::array<wchar_t, 256> ascii{};
    const int size = IdnToAscii(0, name.data(), static_cast<int>(name.size()), ascii.data(), ascii.size());
    return size > 0 ? std::wstring(ascii.data(), static_cast<size_t>(size)) : name;
}

} // namespace rtcroom::embedded
