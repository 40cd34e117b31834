#include <doctest/doctest.h>

#include "embedded/EmbeddedEngine.h"
#include "test/support/Gate.h"
#include "test/support/RecordingListener.h"
#include "test/support/Xvfb.h"
#include "test/window/Eye.h"

using namespace rtcroom;
using test::Outcome;

namespace {

engine::VideoSourceOptions shownIn(uint64_t window) {
    engine::VideoSourceOptions options;
    options.windowHandle = window;
    return options;
}

} // namespace

TEST_CASE("updatePreview comes after the startPreview or stopPreview before it") {
    const test::Xvfb server;
    const test::Eye eye;
    const uint64_t first = eye.foreign(160, 120);
    const uint64_t second = eye.foreign(160, 120);
    test::RecordingListener listener;
    const auto pusher = embedded::createEmbeddedEngine()->createPusher({}, listener);
    for (const bool starting : {true, false}) {
        CAPTURE(starting);
        // The completion keeps the pusher's thread busy: all that follows is queued.
        test::Gate held;
        pusher->stopAudioCapture([&](const auto &) { held.wait(); });
        held.entered();
        Outcome before;
        if (starting)
            pusher->startPreview(shownIn(first), before.completion());
        else
            pusher->stopPreview(before.completion());
        pusher->updatePreview(second);
        held.open();
        CHECK_FALSE(before.code());
        Outcome after;
        pusher->stopAudioCapture(after.completion());
        CHECK_FALSE(after.code());
        test::settleWindows();
        CHECK(eye.children(first) == 0);
        CHECK(eye.children(second) == 1);
    }
}
