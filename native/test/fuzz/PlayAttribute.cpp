#include "Target.h"
#include "engine/Error.h"
#include "liteav/Convert.h"

using namespace rtcroom;

// setLivePlayAttribute's JSON.
RTCROOM_FUZZ_TARGET(PlayAttribute, input) {
    try {
        liteav::parseLivePlayAttribute(std::string(input.begin(), input.end()));
    } catch (const engine::EngineException &error) {
        // VideoBlockThreshold has no place in some of the SDK's generations.
        fuzz::expect(error.error().code == engine::ErrorCode::InvalidArgument ||
                         error.error().code == engine::ErrorCode::Unsupported,
                     "JSON that is refused is an argument");
    }
}
