#include "embedded/net/StreamUrl.h"
#include "Target.h"
#include "engine/Error.h"

using namespace rtcroom;

RTCROOM_FUZZ_TARGET(StreamUrl, input) {
    try {
        embedded::StreamUrl::parse(std::string_view(reinterpret_cast<const char *>(input.data()), input.size()));
    } catch (const engine::EngineException &error) {
        fuzz::expect(error.error().code == engine::ErrorCode::InvalidUrl ||
                         error.error().code == engine::ErrorCode::Unsupported,
                     "an address that is refused is refused as an address");
    }
}
