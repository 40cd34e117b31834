#include "embedded/publish/PictureClock.h"

#include <array>

#include "embedded/media/TimeStampSei.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

namespace {

constexpr int64_t intervalUs = 500'000;

} // namespace

void PictureClock::attachTo(EncodedPacket &picture) {
    if (!hasSei(picture.codec) || picture.captureUs <= 0 || (lastUs_ && picture.captureUs - *lastUs_ < intervalUs))
        return;
    lastUs_ = picture.captureUs;
    // The engine's clock keeps to the time of the process's start; other machines know the wall clock alone.
    const int64_t wallUs = engine::wallClockMicros() - (engine::clockMicros() - picture.captureUs);
    attachSei(picture, std::array{timeStampSei(picture.codec, wallUs)});
}

} // namespace rtcroom::embedded
