#include "embedded/http/ResponseHead.h"

#include <algorithm>
#include <charconv>

#include "embedded/net/AsciiText.h"
#include "embedded/net/ProtocolError.h"

namespace rtcroom::embedded {

namespace {

constexpr size_t maxBytes = 16 * 1024;
constexpr size_t maxLines = 128;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

} // namespace

size_t ResponseHeadReader::take(std::span<const uint8_t> bytes) {
    for (size_t i = 0; i < bytes.size(); ++i) {
        if (complete_)
            return i;
        if (++bytes_ > maxBytes)
            throw ProtocolError("the head of the HTTP response is longer than 16 KB");
        const char c = static_cast<char>(bytes[i]);
        if (c != '\n') {
            line_ += c;
            // What is no HTTP often has no lines either.
            constexpr std::string_view name = "HTTP/1.";
            if (!inFields_ && line_.size() <= name.size() && !name.starts_with(line_))
                throw ProtocolError("the answer is not HTTP/1");
            continue;
        }
        if (line_.ends_with('\r'))
            line_.pop_back();
        onLine();
        line_.clear();
    }
    return bytes.size();
}

void ResponseHeadReader::onLine() {
    if (++lines_ > maxLines)
        throw ProtocolError("the head of the HTTP response has more than 128 lines");
    if (std::ranges::any_of(line_, [](char c) { return c == '\r' || c == '\0'; }))
        throw ProtocolError("the head of the HTTP response has control characters in a line");
    if (!inFields_) {
        onStatusLine();
    } else if (!line_.empty()) {
        onField();
    } else if (head_.status < 200 && head_.status != 101) {
        head_ = {};
        inFields_ = false;
    } else {
        complete_ = true;
    }
}

void ResponseHeadReader::onStatusLine() {
    // "HTTP/1.1 200", and a reason or none.
    const std::string_view line = line_;
    if (line.size() < 12 || !line.starts_with("HTTP/1.") || !isDigit(line[7]) || line[8] != ' ' ||
        !std::ranges::all_of(line.substr(9, 3), isDigit) || line[9] == '0' || (line.size() > 12 && line[12] != ' '))
        throw ProtocolError("the answer is not HTTP/1");
    std::from_chars(line.data() + 9, line.data() + 12, head_.status);
    inFields_ = true;
}

void ResponseHeadReader::onField() {
    const size_t colon = line_.find(':');
    if (colon == std::string::npos || colon == 0 || line_.find_first_of(" \t") < colon)
        throw ProtocolError("the head of the HTTP response has a line that is no header");
    const std::string name = lowered(std::string_view(line_).substr(0, colon));
    const std::string_view value = trimmed(std::string_view(line_).substr(colon + 1));
    if (name == "location") {
        head_.location = value;
    } else if (name == "transfer-encoding") {
        if (lowered(value) != "chunked" || head_.chunked)
            head_.unusable = "the HTTP response has a transfer coding other than chunked";
        head_.chunked = true;
    } else if (name == "content-encoding") {
        if (!value.empty() && lowered(value) != "identity")
            head_.unusable = "the HTTP response is compressed, which was not asked for";
    } else if (name == "content-length") {
        uint64_t length = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
        if (error != std::errc() || end != value.data() + value.size() ||
            (head_.contentLength && *head_.contentLength != length))
            head_.unusable = "the HTTP response has no usable Content-Length";
        else
            head_.contentLength = length;
    }
}

} // namespace rtcroom::embedded
