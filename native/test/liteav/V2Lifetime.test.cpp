#include <doctest/doctest.h>

#include <filesystem>
#include <thread>

#include "V2Rigs.h"

using namespace rtcroom;
using namespace rtcroom::liteav;
using namespace rtcroom::liteav::v2;
using engine::ErrorCode;
using test::codeOf;
using test::FakeV2;
using test::Gate;
using test::Outcome;
using test::PlayRig;
using test::PushRig;
using test::RecordingListener;
using test::snapshotPath;
namespace event = engine::event;

TEST_CASE("v2: an object that cannot be set up gives the SDK's back, and its observer stays callable") {
    FakeV2 fake(Revision::R4);
    const SlotTable slots = slotTable(Revision::R4);
    const Exports exports = fake.exports();
    RecordingListener listener;
    engine::PusherOptions stereo;
    stereo.audioChannels = 2;
    fake.answers["setAudioQuality"] = static_cast<uint64_t>(-1);
    CHECK(codeOf([&] { V2Pusher(exports, slots, stereo, listener); }) == ErrorCode::SdkFailed);
    CHECK(fake.released == 1);
    fake.tellPusher("onWarning", 1101, "late", nullptr);
    engine::PlayerOptions sound;
    sound.audioOutput = true;
    fake.answers["enableObserveAudioFrame"] = static_cast<uint64_t>(-1);
    CHECK(codeOf([&] { V2Player(exports, slots, sound, listener); }) == ErrorCode::SdkFailed);
    CHECK(fake.released == 2);
    fake.tellPlayer("onWarning", 2105, "late", nullptr);
    CHECK(listener.codes().empty());
}

TEST_CASE("v2: an object whose SDK answers too late is refused and given back") {
    FakeV2 fake(Revision::R4);
    const SlotTable slots = slotTable(Revision::R4);
    const Exports exports = fake.exports();
    RecordingListener listener;
    engine::PusherOptions stereo;
    stereo.audioChannels = 2;
    // The library's own time, which nobody can shorten.
    fake.before["setAudioQuality"] = [] {
        std::this_thread::sleep_for(SdkThread::answerPatience + std::chrono::milliseconds(200));
    };
    CHECK(codeOf([&] { V2Pusher(exports, slots, stereo, listener); }) == ErrorCode::Timeout);
    CHECK(fake.created == 1);
    CHECK(fake.released == 1);
}

TEST_CASE("v2: what comes late of a stopped push does not end the next one") {
    PushRig rig(Revision::R4);
    rig.push();
    Gate gate;
    rig.fake.before["startMicrophone"] = [&] { gate.wait(); };
    rig.pusher->startAudioCapture({engine::SourceKind::Microphone, "", false}, {});
    gate.entered();
    // Waits behind the SDK's call, while the next push is asked for already.
    rig.fake.tellPusher("onError", -8, "", nullptr);
    Outcome stopped;
    rig.pusher->stopPush(stopped.completion());
    Outcome begun;
    rig.pusher->startPush("rtmp://127.0.0.1/live/b", begun.completion());
    gate.open();
    CHECK(stopped.code() == std::nullopt);
    rig.settle();
    rig.fake.tellPusher("onError", -6, "the old one's", nullptr);
    rig.fake.tellPusher("onPushStatusUpdate", 0, "the old one's", nullptr);
    rig.fake.tellPusher("onPushStatusUpdate", 1, "", nullptr);
    rig.fake.tellPusher("onPushStatusUpdate", 2, "", nullptr);
    CHECK(begun.code() == std::nullopt);
    CHECK(rig.pusher->isPushing());
    CHECK(rig.listener.count(event::PUSH_ERR_NET_DISCONNECT) == 0);
}

TEST_CASE("v2: what comes late of a stopped playback does not end the next one") {
    PlayRig rig(Revision::R4);
    rig.play();
    Gate gate;
    rig.fake.before["snapshot"] = [&] { gate.wait(); };
    Outcome taken;
    rig.player->captureVideoSnapShot(snapshotPath(), taken.completion());
    gate.entered();
    rig.fake.tellPlayer("onError", -8, "", nullptr);
    rig.player->stopPlay({});
    Outcome begun;
    rig.player->startPlay("rtmp://127.0.0.1/live/b", engine::PlayType::LiveRtmp, begun.completion());
    gate.open();
    CHECK(taken.code() == ErrorCode::Aborted);
    rig.settle();
    rig.fake.tellPlayer("onVideoPlaying", true, nullptr);
    CHECK(begun.code() == std::nullopt);
    CHECK(rig.listener.count(event::PLAY_ERR_NET_DISCONNECT) == 0);
}

TEST_CASE("v2: frames that the SDK refuses are told once and throw nothing") {
    PushRig rig(Revision::R4);
    rig.fake.answers["enableCustomVideoCapture"] = static_cast<uint64_t>(-1);
    engine::VideoSourceOptions user;
    user.kind = engine::SourceKind::User;
    Outcome refused;
    rig.pusher->startPreview(user, refused.completion());
    CHECK(refused.code() == ErrorCode::SdkFailed);
    std::vector<uint8_t> picture(24);
    for (int i = 0; i < 3; ++i) {
        rig.pusher->sendCustomVideoData({picture.data(), picture.size(), 4, 4, -1});
        rig.settle();
    }
    CHECK(rig.listener.count(event::PUSH_WARNING_SETTING_REFUSED) == 1);
}

TEST_CASE("v2: a snapshot too many ends at once and leaves the others' pictures to them") {
    PushRig rig(Revision::R4);
    rig.push();
    std::vector<Outcome> waiting(Snapshots::maxWaiting);
    const std::string first = snapshotPath();
    for (size_t i = 0; i < waiting.size(); ++i)
        rig.pusher->captureVideoSnapShot(i == 0 ? first : snapshotPath(), waiting[i].completion());
    rig.settle();
    rig.fake.take();
    Outcome tooMany;
    rig.pusher->captureVideoSnapShot(snapshotPath(), tooMany.completion());
    CHECK(tooMany.code() == ErrorCode::SnapshotFailed);
    CHECK_FALSE(rig.fake.sawCall("snapshot"));
    const std::vector<char> bgra(256, 100);
    rig.fake.tellPusher("onSnapshotComplete", bgra.data(), 256, 8, 8, 2);
    CHECK(waiting[0].code() == std::nullopt);
    CHECK(std::filesystem::remove(first));
    rig.pusher->stopPush({});
    for (size_t i = 1; i < waiting.size(); ++i)
        CHECK(waiting[i].code() == ErrorCode::Aborted);
}
