#include "engine/LivePlayAttribute.h"

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "engine/Error.h"

namespace rtcroom::engine {
namespace {

[[noreturn]] void invalid(const std::string &message) { throw EngineException(ErrorCode::InvalidArgument, message); }

/// A reader of one flat JSON object of numbers, booleans and strings, which is all that the SDK takes.
class FlatJson {
  public:
    explicit FlatJson(std::string_view text) : text_(text) {}

    template <typename Member> void read(Member member) {
        expect('{');
        if (accept('}'))
            return finish();
        do {
            const std::string key = string();
            expect(':');
            member(key, value());
        } while (accept(','));
        expect('}');
        finish();
    }

  private:
    void space() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])))
            ++at_;
    }
    bool accept(char c) {
        space();
        if (at_ >= text_.size() || text_[at_] != c)
            return false;
        ++at_;
        return true;
    }
    void expect(char c) {
        if (!accept(c))
            invalid(std::string("setLivePlayAttribute takes one flat JSON object: '") + c + "' expected at byte " +
                    std::to_string(at_));
    }
    void finish() {
        space();
        if (at_ != text_.size())
            invalid("setLivePlayAttribute takes one JSON object and nothing after it");
    }
    std::string string() {
        expect('"');
        const size_t end = text_.find_first_of("\"\\", at_);
        if (end == std::string_view::npos || text_[end] == '\\')
            invalid("setLivePlayAttribute: a string without escapes and with an end is expected");
        std::string result(text_.substr(at_, end - at_));
        at_ = end + 1;
        return result;
    }
    std::string value() {
        space();
        if (at_ < text_.size() && text_[at_] == '"')
            return string();
        const size_t end = std::min(text_.find_first_of(",} \t\r\n", at_), text_.size());
        std::string result(text_.substr(at_, end - at_));
        at_ = end;
        return result;
    }

    std::string_view text_;
    size_t at_ = 0;
};

bool toBool(const std::string &key, const std::string &text) {
    if (text != "true" && text != "false")
        invalid(key + " must be true or false");
    return text == "true";
}

double toNumber(const std::string &key, const std::string &text) {
    char *end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !std::isfinite(number))
        invalid(key + " must be a number");
    return number;
}

double toCacheSeconds(const std::string &key, const std::string &text) {
    const double seconds = toNumber(key, text);
    if (seconds <= 0.2 || seconds > 600)
        invalid(key + " must be more than 0.2 and at most 600 s");
    return seconds;
}

int toInteger(const std::string &key, const std::string &text, int least, int most) {
    const double number = toNumber(key, text);
    if (number != std::trunc(number) || number < least || number > most)
        invalid(key + " must be an integer from " + std::to_string(least) + " to " + std::to_string(most));
    return static_cast<int>(number);
}

} // namespace

LivePlayAttribute parseLivePlayAttribute(const std::string &json) {
    LivePlayAttribute result;
    FlatJson(json).read([&](const std::string &key, const std::string &value) {
        if (key == "AutoAdjustCacheTime")
            result.autoAdjust = toBool(key, value);
        else if (key == "CacheTime")
            result.cacheSeconds = toCacheSeconds(key, value);
        else if (key == "MaxAutoAdjustCacheTime")
            result.maxCacheSeconds = toCacheSeconds(key, value);
        else if (key == "MinAutoAdjustCacheTime")
            result.minCacheSeconds = toCacheSeconds(key, value);
        else if (key == "VideoBlockThreshold")
            result.blockThresholdMs = toInteger(key, value, 1, 1'000'000);
        else if (key == "ConnectRetryCount")
            result.retryCount = toInteger(key, value, 0, 1'000'000);
        else if (key == "ConnectRetryInterval")
            result.retryIntervalSeconds = toInteger(key, value, 0, 3600);
        else
            invalid("setLivePlayAttribute has no key '" + key.substr(0, 64) + "'");
    });
    if (result.minCacheSeconds && result.maxCacheSeconds && *result.minCacheSeconds > *result.maxCacheSeconds)
        invalid("MinAutoAdjustCacheTime must not be above MaxAutoAdjustCacheTime");
    return result;
}

} // namespace rtcroom::engine
