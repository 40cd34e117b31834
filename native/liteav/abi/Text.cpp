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

bool isAlnum(char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }

/// Nothing else: commas, brackets and quotes are legal in a stream's name or a password.
bool endsAddress(char c) { return static_cast<uint8_t>(c) <= ' ' || c == '"' || c == '<' || c == '>'; }

/// The host and port at the beginning of an address behind its scheme; empty when it is not sure to be one.
std::string_view hostOf(std::string_view address) {
    std::string_view authority = address.substr(0, address.find_first_of("/?#\\"));
    // User and password before the host are secrets as well; an unescaped '/' in them would look like the host's end.
    if (address.find('@', authority.size()) != std::string_view::npos)
        return {};
    const size_t user = authority.rfind('@');
    if (user != std::string_view::npos)
        authority.remove_prefix(user + 1);
    size_t at = 0;
    if (authority.starts_with('[')) {
        at = authority.find(']');
        if (at == std::string_view::npos ||
            authority.substr(1, at - 1).find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos)
            return {};
        ++at;
    } else {
        while (at < authority.size() && (isAlnum(authority[at]) || std::strchr(".-_", authority[at]) != nullptr ||
                                         static_cast<uint8_t>(authority[at]) >= 0x80))
            ++at;
    }
    if (at == authority.size() || authority[at] != ':')
        return authority.substr(0, at);
    const size_t port = ++at;
    while (at < authority.size() && authority[at] >= '0' && authority[at] <= '9')
        ++at;
    return at > port ? authority.substr(0, at) : std::string_view{};
}

std::string withoutPaths(const std::string &text) {
    std::string result;
    size_t from = 0;
    for (;;) {
        const size_t scheme = text.find("://", from);
        if (scheme == std::string::npos)
            return result.append(text, from);
        const size_t begin = scheme + 3;
        size_t end = begin;
        while (end < text.size() && !endsAddress(text[end]))
            ++end;
        const std::string_view address = std::string_view(text).substr(begin, end - begin);
        const std::string_view host = hostOf(address);
        result.append(text, from, begin - from).append(host);
        const bool whole = address.empty() || (!host.empty() && address.ends_with(host));
        if (!whole)
            result += host.empty() ? "…" : "/…";
        from = end;
    }
}

bool namesSecret(std::string_view name) {
    std::string small(name);
    for (char &c : small)
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    for (const std::string_view end : {"txsecret", "usersig", "sign", "token", "key", "password"})
        if (small.ends_with(end))
            return true;
    return small.find("licence") != std::string::npos || small.find("license") != std::string::npos;
}

/// `name=…` for the values of secrets, and `…?` for what is before them in one word: a path is the stream's key.
std::string withoutValues(const std::string &text) {
    std::string result;
    size_t from = 0;
    for (size_t equals = text.find('='); equals != std::string::npos; equals = text.find('=', equals + 1)) {
        if (equals < from)
            continue;
        size_t end = equals;
        while (end > from && text[end - 1] == ' ')
            --end;
        size_t name = end;
        while (name > from && (isAlnum(text[name - 1]) || text[name - 1] == '_'))
            --name;
        if (!namesSecret(std::string_view(text).substr(name, end - name)))
            continue;
        size_t word = name;
        while (word > from && !endsAddress(text[word - 1]))
            --word;
        result.append(text, from, word - from);
        const size_t query = std::string_view(text).substr(word, name - word).find('?');
        if (query != std::string_view::npos) {
            result += "…";
            word += query;
        }
        size_t value = equals + 1;
        while (value < text.size() && text[value] == ' ')
            ++value;
        result.append(text, word, value - word) += "…";
        const char quote = value < text.size() ? text[value] : '\0';
        if (quote == '"' || quote == '\'' || quote == '<') {
            const size_t close = text.find(quote == '<' ? '>' : quote, value + 1);
            value = close == std::string::npos ? text.size() : close + 1;
        }
        while (value < text.size() && !endsAddress(text[value]))
            ++value;
        from = value;
    }
    return result.append(text, from);
}

} // namespace

std::string withoutSecrets(const std::string &text) { return withoutValues(withoutPaths(text)); }

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
