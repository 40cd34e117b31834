#include "liteav/sdk/PeFile.h"
#include "Target.h"
#include "engine/Error.h"

using namespace rtcroom;

RTCROOM_FUZZ_TARGET(PeFile, input) {
    try {
        liteav::parsePe(input);
    } catch (const engine::EngineException &error) {
        fuzz::expect(error.error().code == engine::ErrorCode::SdkCorrupt, "a file that is refused is corrupt");
    }
}
