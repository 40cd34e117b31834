#include "embedded/net/StreamUrl.h"
#include "Target.h"
#include "embedded/http/HttpUrl.h"
#include "embedded/net/ProxyUrl.h"
#include "engine/Error.h"

using namespace rtcroom;

namespace {

/// Parses, or refuses with that code.
template <typename Url> std::optional<Url> parse(std::string_view text, engine::ErrorCode refusal) {
    try {
        return Url::parse(text);
    } catch (const engine::EngineException &error) {
        fuzz::expect(error.error().code == refusal, "an address that is refused is refused as such");
        return std::nullopt;
    }
}

} // namespace

// One text as each kind of address, and as where an HTTP one redirects to.
RTCROOM_FUZZ_TARGET(StreamUrl, input) {
    const std::string_view text(reinterpret_cast<const char *>(input.data()), input.size());
    parse<embedded::StreamUrl>(text, engine::ErrorCode::InvalidUrl);
    parse<embedded::ProxyUrl>(text, engine::ErrorCode::InvalidArgument);
    parse<embedded::HttpUrl>(text, engine::ErrorCode::InvalidUrl);
    const auto next = embedded::HttpUrl::parse("https://media.example.com/live/a.flv?b").resolve(text);
    if (!next)
        return;
    fuzz::expect(next->target.starts_with('/'), "a request's target begins with a slash");
    fuzz::expect(next->target.find_first_of(" \r\n") == std::string::npos, "a request's target stays in its line");
}
