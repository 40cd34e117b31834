#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "embedded/EmbeddedEngine.h"
#include "test/support/RecordingListener.h"

using namespace rtcroom;
using test::Outcome;

namespace {

/// Takes its time with each event.
class SlowListener final : public test::RecordingListener {
  public:
    void onEvent(const engine::Event &event) override {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        ++told;
        RecordingListener::onEvent(event);
    }
    std::atomic<int> told{0};
};

template <typename Side> void closeWithSnapshots(Side &side, const SlowListener &listener) {
    for (int i = 0; i < 5; ++i)
        side.captureVideoSnapShot("snapshot.png", {});
    Outcome closed;
    side.close(closed.completion());
    CHECK_FALSE(closed.code());
    CHECK(listener.told == 5);
}

} // namespace

TEST_CASE("snapshots of what never ran are refused before the close is done, and nothing is told afterwards") {
    const auto engine = embedded::createEmbeddedEngine();
    SlowListener pusherListener, playerListener;
    const auto pusher = engine->createPusher({}, pusherListener);
    const auto player = engine->createPlayer({}, playerListener);
    closeWithSnapshots(*pusher, pusherListener);
    closeWithSnapshots(*player, playerListener);
}
