#include "liteav/abi/Text.h"

#include <cstdint>
#include <cstring>
#include <string_view>

#include "engine/Error.h"

namespace rtcroom::liteav {
namespace {

constexpr char32_t BROKEN = 0xFFFFFFFF;

/// The code point at `at`, which moves past it; BROKEN moves past one byte.
char32_t next(std::string_view text, size_t &at) {
    const auto byte = [&](size_t index) { return static_cast<uint8_t>(text[index]); };
    const uint8_t first = byte(at++);
    if (first < 0x80)
        return first;
    const size_t more = first >= 0xF0 && first <= 0xF4 ? 3 : first >= 0xE0 && first < 0xF0 ? 2 : first >= 0xC2 ? 1 : 0;
    if (more == 0 || first > 0xF4 || at + more > text.size())
        return BROKEN;
    char32_t point = first & (0x3F >> more);
    for (size_t i = 0; i < more; ++i) {
        const uint8_t each = byte(at + i);
        if ((each & 0xC0) != 0x80)
            return BROKEN;
        point = point << 6 | (each & 0x3F);
    }
    constexpr char32_t LEAST[] = {0, 0x80, 0x800, 0x10000};
    if (point < LEAST[more] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
        return BROKEN;
    at += more;
    return point;
}

bool endsAddress(char c) { return static_cast<uint8_t>(c) <= ' ' || std::strchr("\"'<>()[]{},;", c) != nullptr; }

} // namespace

std::string withoutSecrets(const std::string &text) {
    std::string result;
    size_t from = 0;
    for (;;) {
        const size_t scheme = text.find("://", from);
        if (scheme == std::string::npos)
            return result.append(text, from);
        size_t at = scheme + 3;
        while (at < text.size() && !endsAddress(text[at]) && text[at] != '/' && text[at] != '?')
            ++at;
        // User and password before the host are secrets as well.
        const size_t user = text.rfind('@', at);
        result.append(text, from, scheme + 3 - from);
        const size_t host = user != std::string::npos && user > scheme ? user + 1 : scheme + 3;
        result.append(text, host, at - host);
        if (at < text.size() && !endsAddress(text[at]))
            result += "/…";
        while (at < text.size() && !endsAddress(text[at]))
            ++at;
        from = at;
    }
}

std::string sdkText(const char *text, size_t limit) {
    if (text == nullptr)
        return {};
    size_t length = 0;
    while (length < limit && text[length] != '\0')
        ++length;
    return withoutSecrets(validUtf8(std::string(text, length)));
}

std::string validUtf8(const std::string &text) {
    std::string valid;
    for (size_t at = 0; at < text.size();) {
        const size_t begin = at;
        if (next(text, at) == BROKEN)
            valid += "\xEF\xBF\xBD";
        else
            valid.append(text, begin, at - begin);
    }
    return valid;
}

std::u16string toUtf16(const std::string &utf8) {
    std::u16string wide;
    for (size_t at = 0; at < utf8.size();) {
        const char32_t point = next(utf8, at);
        if (point == BROKEN)
            throw engine::EngineException(engine::ErrorCode::InvalidArgument, "the text is not valid UTF-8");
        if (point < 0x10000) {
            wide += static_cast<char16_t>(point);
        } else {
            wide += static_cast<char16_t>(0xD7C0 + (point >> 10));
            wide += static_cast<char16_t>(0xDC00 + (point & 0x3FF));
        }
    }
    return wide;
}

std::string toUtf8(const std::u16string &utf16) {
    std::string utf8;
    for (size_t i = 0; i < utf16.size(); ++i) {
        char32_t point = utf16[i];
        const bool high = point >= 0xD800 && point < 0xDC00;
        if (high && i + 1 < utf16.size() && utf16[i + 1] >= 0xDC00 && utf16[i + 1] < 0xE000)
            point = 0x10000 + ((point - 0xD800) << 10) + (utf16[++i] - 0xDC00U);
        else if (point >= 0xD800 && point < 0xE000)
            point = 0xFFFD;
        const auto add = [&](char32_t bits) { utf8 += static_cast<char>(bits); };
        if (point < 0x80) {
            add(point);
        } else if (point < 0x800) {
            add(0xC0 | point >> 6);
            add(0x80 | (point & 0x3F));
        } else if (point < 0x10000) {
            add(0xE0 | point >> 12);
            add(0x80 | (point >> 6 & 0x3F));
            add(0x80 | (point & 0x3F));
        } else {
            add(0xF0 | point >> 18);
            add(0x80 | (point >> 12 & 0x3F));
            add(0x80 | (point >> 6 & 0x3F));
            add(0x80 | (point & 0x3F));
        }
    }
    return utf8;
}

} // namespace rtcroom::liteav
