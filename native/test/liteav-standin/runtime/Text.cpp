#include "runtime/Text.h"

namespace standin {

namespace {

/// v /= 10 in steps that 32-bit code has without a run-time library; the remainder is returned.
uint32_t divideByTen(uint64_t &v) {
    uint32_t rest = 0;
    uint64_t quotient = 0;
    for (int shift = 48; shift >= 0; shift -= 16) {
        const uint32_t part = rest << 16 | static_cast<uint32_t>(v >> shift & 0xffff);
        quotient |= static_cast<uint64_t>(part / 10) << shift;
        rest = part % 10;
    }
    v = quotient;
    return rest;
}

} // namespace

void Text::put(char c) {
    if (size_ + 1 < CAPACITY)
        buffer_[size_++] = c;
    else
        full_ = true;
}

void Text::put(const char *text) {
    while (*text)
        put(*text++);
}

void Text::number(int64_t value) {
    char digits[24];
    int count = 0;
    uint64_t rest = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
    do
        digits[count++] = static_cast<char>('0' + divideByTen(rest));
    while (rest);
    if (value < 0)
        put('-');
    while (count)
        put(digits[--count]);
}

void Text::decimal(double value) {
    if (!(value > -1e6 && value < 1e6))
        return put("null");
    const int thousandths = static_cast<int>(value * 1000 + (value < 0 ? -0.5 : 0.5));
    const int whole = thousandths / 1000;
    const int part = thousandths < 0 ? -(thousandths % 1000) : thousandths % 1000;
    if (whole == 0 && thousandths < 0)
        put('-');
    number(whole);
    if (part == 0)
        return;
    put('.');
    for (int left = part, unit = 100; left > 0; left %= unit, unit /= 10)
        put(static_cast<char>('0' + left / unit));
}

void Text::address(const void *value) {
    if (!value)
        return put("null");
    auto bits = reinterpret_cast<uintptr_t>(value);
    char digits[2 * sizeof bits];
    int count = 0;
    for (; bits; bits >>= 4)
        digits[count++] = "0123456789abcdef"[bits & 15];
    put("\"0x");
    while (count)
        put(digits[--count]);
    put('"');
}

void Text::quoted(const char *text) {
    put('"');
    for (size_t at = 0; text[at] && at < 1024;) {
        const size_t size = utf8Length(text + at);
        const auto c = static_cast<unsigned char>(text[at]);
        if (size == 0) {
            put("\\ufffd");
            ++at;
            continue;
        }
        if (c == '"' || c == '\\') {
            put('\\');
            put(text[at]);
        } else if (c < 0x20) {
            put("\\u00");
            put("0123456789abcdef"[c >> 4]);
            put("0123456789abcdef"[c & 15]);
        } else {
            for (size_t i = 0; i < size; ++i)
                put(text[at + i]);
        }
        at += size;
    }
    put('"');
}

size_t utf8Length(const char *text) {
    const auto byte = [&](int i) { return static_cast<unsigned char>(text[i]); };
    const auto follows = [&](int i) { return (byte(i) & 0xc0) == 0x80; };
    const unsigned char first = byte(0);
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first < 0xe0)
        return follows(1) ? 2 : 0;
    if (first >= 0xe0 && first < 0xf0) {
        if (!follows(1) || !follows(2))
            return 0;
        const bool overlong = first == 0xe0 && byte(1) < 0xa0;
        const bool surrogate = first == 0xed && byte(1) >= 0xa0;
        return overlong || surrogate ? 0 : 3;
    }
    if (first >= 0xf0 && first < 0xf5) {
        if (!follows(1) || !follows(2) || !follows(3))
            return 0;
        const bool overlong = first == 0xf0 && byte(1) < 0x90;
        const bool tooGreat = first == 0xf4 && byte(1) >= 0x90;
        return overlong || tooGreat ? 0 : 4;
    }
    return 0;
}

bool parseNumber(const char *text, int &value) {
    const bool negative = *text == '-';
    if (negative)
        ++text;
    if (*text < '0' || *text > '9')
        return false;
    int result = 0;
    for (; *text >= '0' && *text <= '9' && result < 100'000'000; ++text)
        result = result * 10 + (*text - '0');
    value = negative ? -result : result;
    return true;
}

} // namespace standin
