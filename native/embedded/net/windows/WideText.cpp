#include "embedded/net/windows/WideText.h"

#include <windows.h>

namespace rtcroom::embedded {

std::wstring toWide(const std::string &utf8) {
    const int size = static_cast<int>(utf8.size());
    std::wstring wide(static_cast<size_t>(MultiByteToWideChar(CP_UTF8, 0, utf8.data(), size, nullptr, 0)), L'\0');
    MultiByteToWideChar(CP_UTF8, 0, utf8.data(), size, wide.data(), static_cast<int>(wide.size()));
    return wide;
}

} // namespace rtcroom::embedded
