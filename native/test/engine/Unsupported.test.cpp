#include <doctest/doctest.h>

#include "engine/Engine.h"

using namespace rtcroom::engine;

namespace {

class BarePusher final : public Pusher {
  public:
    void close(Completion done) override { done(std::nullopt); }
};

class BarePlayer final : public Player {
  public:
    void close(Completion done) override { done(std::nullopt); }
};

bool unsupported(const auto &call) {
    try {
        call();
    } catch (const EngineException &failure) {
        return failure.error().code == ErrorCode::Unsupported;
    }
    return false;
}

} // namespace

TEST_CASE("what an engine does not override is refused, not ignored") {
    BarePusher pusher;
    CHECK(unsupported([&] { pusher.startPush("rtmp://host/app/stream", {}); }));
    CHECK(unsupported([&] { pusher.setMute(true); }));
    CHECK(unsupported([&] { (void)pusher.enumCameras(); }));
    BarePlayer player;
    CHECK(unsupported([&] { player.setLivePlayAttribute("{}"); }));
    CHECK(unsupported([&] { (void)player.speakerVolume(); }));
}

TEST_CASE("every error code has its own name") {
    CHECK(std::string(errorCodeName(ErrorCode::InvalidUrl)) == "ERR_RTC_INVALID_URL");
    CHECK(isRetryable(ErrorCode::DnsFailed));
    CHECK_FALSE(isRetryable(ErrorCode::PublishRefused));
}
