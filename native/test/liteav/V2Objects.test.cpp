#include <doctest/doctest.h>

#include <filesystem>
#include <thread>

#include "../support/RecordingListener.h"
#include "FakeV2.h"
#include "Support.h"
#include "V2Rigs.h"
#include "liteav/Support.h"
#include "liteav/v2/V2Player.h"
#include "liteav/v2/V2Pusher.h"

using namespace rtcroom;
using namespace rtcroom::liteav;
using namespace rtcroom::liteav::v2;
using engine::ErrorCode;
using test::codeOf;
using test::FakeV2;
using test::Names;
using test::Outcome;
using test::PlayRig;
using test::PushRig;
using test::RecordingListener;
using test::REVISIONS;
using test::snapshotPath;
namespace event = engine::event;

TEST_CASE("v2: each setting of a pusher is the SDK's call") {
    for (const Revision revision : REVISIONS) {
        CAPTURE(static_cast<int>(revision));
        PushRig rig(revision);
        V2Pusher &p = *rig.pusher;
        const std::vector<std::pair<std::function<void()>, Names>> calls{
            {[&] { p.updatePreview(7); }, {"setRenderView(7)"}},
            {[&] { p.setRenderMode(1); }, {"setRenderFillMode(1)"}},
            {[&] { p.setRenderMode(2); }, {"setRenderFillMode(0)"}},
            {[&] { p.setRotation(3); }, {"setRenderRotation(2)"}},
            {[&] { p.setRenderYMirror(true); }, {"setRenderMirror(1)"}},
            {[&] { p.setRenderYMirror(false); }, {"setRenderMirror(2)"}},
            {[&] { p.setOutputYMirror(true); }, {"setEncoderMirror(1)"}},
            {[&] { p.setMute(true); }, {"pauseAudio"}},
            {[&] { p.setMute(false); }, {"resumeAudio"}},
            {[&] { p.setPauseVideo(true); }, {"pauseVideo"}},
            {[&] { p.setPauseVideo(false); }, {"resumeVideo"}},
            {[&] { p.setBeautyStyle(2, 5, 6); }, {"setBeautyStyle(0,5,6,0)"}},
            {[&] { p.showDebugView(2); }, {"showDebugView(1)"}},
            {[&] { p.sendMessage("你好"); }, {"sendSeiMessage(242,你好)"}},
            {[&] { p.setVideoResolution(206); }, {"setVideoQuality(11,1,15,0,0)"}},
            {[&] { p.setVideoResolution(103); }, {"setVideoQuality(8,0,15,0,0)"}},
            {[&] { p.setVideoFPS(20); }, {"setVideoQuality(8,0,20,0,0)"}},
            {[&] { p.setVideoBitRate(800); }, {"setVideoQuality(8,0,20,800,400)"}},
            {[&] { p.setVideoBitRateMin(300); }, {"setVideoQuality(8,0,20,800,300)"}},
            {[&] { p.setVideoBitRateMax(1000); }, {"setVideoQuality(8,0,20,1000,300)"}},
            {[&] { p.setAutoAdjustStrategy(engine::AutoAdjustStrategy::None); }, {"setVideoQuality(8,0,20,1000,1000)"}},
            {[&] { p.setVideoQualityParamPreset(engine::VideoQualityPreset::High, engine::VideoRatio::R16x9); },
             {"setVideoQuality(9,0,15,1200,1200)"}},
            {[&] { p.setAudioChannels(2); }, {"setAudioQuality(2)"}},
            {[&] { p.setAudioCaptureVolume(32768); }, {"getAudioEffectManager", "setVoiceCaptureVolume(50)"}},
            {[&] { p.enableMic(false); }, {"getAudioEffectManager", "setVoiceCaptureVolume(0)"}},
            {[&] { p.enableMic(true); }, {"getAudioEffectManager", "setVoiceCaptureVolume(50)"}},
            {[&] { p.micVolumeIndication(); }, {"enableVolumeEvaluation(300)"}},
            {[&] { p.openSystemVoiceInput(""); }, {"startSystemAudioLoopback(null)"}},
            {[&] { p.closeSystemVoiceInput(); }, {"stopSystemAudioLoopback"}},
            {[&] { p.openMicTest(); }, {"getDeviceManager", "startMicDeviceTestPlayback(300,1)"}},
            {[&] { p.closeMicTest(); }, {"getDeviceManager", "stopMicDeviceTest"}},
            {[&] { p.setMicVolume(65535); }, {"getDeviceManager", "setCurrentDeviceVolume(0,100)"}},
            {[&] { p.micVolume(); }, {"getDeviceManager", "getCurrentDeviceVolume"}},
        };
        for (size_t i = 0; i < calls.size(); ++i) {
            CAPTURE(i);
            calls[i].first();
            CHECK(rig.fake.take() == calls[i].second);
        }
        CHECK(p.getAudioCaptureVolume() == 32768);
        if (revision == Revision::R2) {
            CHECK(codeOf([&] { p.setSystemVoiceInputVolume(50); }) == ErrorCode::Unsupported);
        } else {
            p.setSystemVoiceInputVolume(50);
            CHECK(rig.fake.take() == Names{"setSystemAudioLoopbackVolume(50)"});
        }
        CHECK(codeOf([&] { p.setNearestIP(true); }) == ErrorCode::Unsupported);
        CHECK(codeOf([&] { p.enableAudioPreprocess(1, true); }) == ErrorCode::Unsupported);
        CHECK(codeOf([&] { p.setRotation(0); }) == ErrorCode::InvalidArgument);
        CHECK(codeOf([&] { p.openSystemVoiceInput("x.exe"); }) == ErrorCode::Unsupported);
        rig.fake.answers["setRenderRotation"] = static_cast<uint64_t>(-3);
        CHECK(codeOf([&] { p.setRotation(1); }) == ErrorCode::InvalidState);
    }
}

TEST_CASE("v2: a watermark is the SDK's, and none takes it away") {
    for (const Revision revision : REVISIONS) {
        CAPTURE(static_cast<int>(revision));
        PushRig rig(revision);
        for (const auto &[path, call] : {std::pair{"a.png", "setWatermark(a.png)"}, {"", "setWatermark(null)"}}) {
            Outcome outcome;
            rig.pusher->setWatermark(path, 0.25, 0.5, 0.75, outcome.completion());
            CHECK(outcome.code() == std::nullopt);
            CHECK(rig.fake.take() == Names{call});
        }
        rig.fake.answers["setWatermark"] = static_cast<uint64_t>(-2);
        Outcome refused;
        rig.pusher->setWatermark("b.png", 0, 0, 1, refused.completion());
        CHECK(refused.code() == ErrorCode::InvalidArgument);
    }
}

TEST_CASE("v2: cameras, microphones and screens are listed, chosen and given back") {
    for (const Revision revision : REVISIONS) {
        PushRig rig(revision);
        V2Pusher &p = *rig.pusher;
        const auto cameras = p.enumCameras();
        REQUIRE(cameras.size() == 2);
        CHECK(cameras[1].name == "second");
        CHECK(rig.fake.sawCall("release"));
        p.selectMicDevice(1);
        CHECK(rig.fake.sawCall("setCurrentDevice(0,second)"));
        p.switchCamera(1);
        CHECK(rig.fake.sawCall("setCurrentDevice(2,second)"));
        CHECK(codeOf([&] { p.switchCamera(2); }) == ErrorCode::InvalidArgument);
        CHECK(p.enumMics().size() == 2);
        const auto sources = p.getScreenCaptureSources();
        REQUIRE(sources.size() == 2);
        CHECK(sources[0].mainScreen);
        CHECK(sources[1].kind == engine::ScreenCaptureSource::Kind::Window);
        p.selectScreenCaptureTarget(sources[1].id, {1, 2, 3, 4});
        CHECK(rig.fake.sawCall("setScreenCaptureSource(0,101,1,2,3,4)"));
        p.setScreenCaptureParam(101, {}, false);
        CHECK(rig.fake.sawCall("setScreenCaptureSource(0,101,0,0,0,0)"));
        CHECK(codeOf([&] { p.selectScreenCaptureTarget("0:999", {}); }) == ErrorCode::InvalidArgument);
        rig.fake.answers["getDevicesList"] = 0;
        CHECK(codeOf([&] { p.enumCameras(); }) == ErrorCode::SdkFailed);
        rig.fake.answers["getDeviceManager"] = 0;
        CHECK(codeOf([&] { p.enumCameras(); }) == ErrorCode::SdkFailed);
    }
}

TEST_CASE("v2: sources start, exclude one another and stop") {
    PushRig rig(Revision::R4);
    V2Pusher &p = *rig.pusher;
    const auto preview = [&](engine::SourceKind kind) {
        Outcome done;
        engine::VideoSourceOptions options;
        options.kind = kind;
        options.camera = kind == engine::SourceKind::Camera ? 1 : 0;
        p.startPreview(options, done.completion());
        return done.code();
    };
    CHECK(preview(engine::SourceKind::Camera) == std::nullopt);
    CHECK(rig.fake.sawCall("startCamera(second)"));
    rig.fake.tellPusher("onCaptureFirstVideoFrame");
    rig.fake.tellPusher("onCaptureFirstVideoFrame");
    CHECK(preview(engine::SourceKind::Screen) == std::nullopt);
    const Names calls = rig.fake.take();
    CHECK(std::find(calls.begin(), calls.end(), "stopCamera") <
          std::find(calls.begin(), calls.end(), "startScreenCapture"));
    CHECK(preview(engine::SourceKind::User) == std::nullopt);
    std::vector<uint8_t> picture(4 * 4 * 3 / 2, 9);
    rig.settle();
    p.sendCustomVideoData({picture.data(), picture.size(), 4, 4, -1});
    rig.settle();
    CHECK(rig.fake.sawCall("sendCustomVideoFrame(1,1,24,4x4,9)"));
    CHECK(codeOf([&] { p.sendCustomVideoData({picture.data(), 23, 4, 4, -1}); }) == ErrorCode::InvalidArgument);
    CHECK(codeOf([&] {
              p.sendCustomVideoData({picture.data(), picture.size(), 4, 4, -1, engine::UserVideoFormat::H264});
          }) == ErrorCode::Unsupported);
    for (const auto raw : {engine::UserVideoFormat::Nv12, engine::UserVideoFormat::Rgba})
        CHECK(codeOf([&] {
                  p.sendCustomVideoData({picture.data(), picture.size(), 4, 4, -1, raw});
              }) == ErrorCode::Unsupported);
    engine::VideoSourceOptions h264;
    h264.kind = engine::SourceKind::User;
    h264.userFormat = engine::UserVideoFormat::H264;
    CHECK(codeOf([&] { p.startPreview(h264, {}); }) == ErrorCode::Unsupported);
    Outcome stopped;
    p.stopPreview(stopped.completion());
    CHECK(stopped.code() == std::nullopt);
    CHECK(rig.fake.sawCall("enableCustomVideoCapture(0)"));
    rig.settle();
    CHECK(codeOf([&] {
              p.sendCustomVideoData({picture.data(), picture.size(), 4, 4, -1});
          }) == ErrorCode::InvalidState);
    CHECK(codeOf([&] { preview(engine::SourceKind::Synthetic); }) == ErrorCode::Unsupported);
    CHECK(rig.listener.codes() == std::vector<int>{1003, 1007, 1025});

    Outcome microphone;
    p.startAudioCapture({engine::SourceKind::Microphone, "", false}, microphone.completion());
    CHECK(microphone.code() == std::nullopt);
    Outcome user;
    p.startAudioCapture({engine::SourceKind::User, "", false}, user.completion());
    CHECK(user.code() == std::nullopt);
    std::vector<uint8_t> sound(640);
    rig.settle();
    p.sendCustomAudioData({sound.data(), sound.size(), 16000, 1, -1});
    rig.settle();
    CHECK(rig.fake.sawCall("stopMicrophone"));
    CHECK(rig.fake.sawCall("sendCustomAudioFrame(640,16000,1)"));
    Outcome silent;
    p.stopAudioCapture(silent.completion());
    CHECK(silent.code() == std::nullopt);
    CHECK(rig.fake.sawCall("enableCustomAudioCapture(0)"));
}

TEST_CASE("v2: a push begins, reconnects, reports and ends by its own stop in silence") {
    for (const Revision revision : REVISIONS) {
        PushRig rig(revision);
        rig.push();
        CHECK(rig.pusher->isPushing());
        rig.fake.tellPusher("onPushStatusUpdate", 2, "", nullptr); // twice
        PusherStatistics statistics{1, 2, 640, 360, 15, 700, 50, 30, 760};
        rig.fake.tellPusher("onStatisticsUpdate", &statistics);
        statistics.width = 320;
        rig.fake.tellPusher("onStatisticsUpdate", &statistics);
        rig.fake.tellPusher("onPushStatusUpdate", 3, "", nullptr);
        rig.fake.tellPusher("onPushStatusUpdate", 2, "", nullptr);
        rig.fake.tellPusher("onWarning", 1101, "busy\xFF", nullptr);
        rig.settle();
        CHECK(rig.listener.codes() == std::vector<int>{1001, 1002, 1008, 1005, 1102, 1002, 1101});
        CHECK(rig.listener.statuses().size() == 2);
        Outcome stopped;
        rig.pusher->stopPush(stopped.completion());
        CHECK(stopped.code() == std::nullopt);
        rig.fake.tellPusher("onPushStatusUpdate", 0, "late", nullptr);
        rig.settle();
        CHECK(rig.listener.count(event::PUSH_ERR_NET_DISCONNECT) == 0);
        CHECK_FALSE(rig.pusher->isPushing());
        // A late end of the old push does not end the new one.
        Outcome again;
        rig.pusher->startPush("rtmp://127.0.0.1/live/a", again.completion());
        rig.settle();
        rig.pusher->stopPush({});
        Outcome third;
        rig.settle();
        rig.pusher->startPush("rtmp://127.0.0.1/live/a", third.completion());
        rig.settle();
        rig.fake.tellPusher("onPushStatusUpdate", 0, "late", nullptr);
        rig.fake.tellPusher("onPushStatusUpdate", 1, "", nullptr);
        rig.fake.tellPusher("onPushStatusUpdate", 2, "", nullptr);
        CHECK(third.code() == std::nullopt);
        CHECK(again.code() == ErrorCode::Aborted);
    }
}

TEST_CASE("v2: what ends a push rejects it with its own code and event") {
    struct Row {
        int code;
        bool returned;
        ErrorCode error;
        int event;
    };
    const Row rows[] = {
        {-2, true, ErrorCode::InvalidUrl, event::PUSH_ERR_INVALID_ADDRESS},
        {-3, true, ErrorCode::PublishRefused, event::PUSH_ERR_SERVER_REFUSED},
        {-5, true, ErrorCode::LicenceRefused, event::PUSH_ERR_LICENCE_REFUSED},
        {-5, false, ErrorCode::LicenceRefused, event::PUSH_ERR_LICENCE_REFUSED},
        {-7, false, ErrorCode::PublishRefused, event::PUSH_ERR_SERVER_REFUSED},
        {-8, false, ErrorCode::ServerDisconnected, event::PUSH_ERR_NET_DISCONNECT},
        {-1, false, ErrorCode::SdkFailed, event::PUSH_ERR_NET_DISCONNECT},
        {-6, false, ErrorCode::ConnectFailed, event::PUSH_ERR_NET_DISCONNECT},
    };
    for (const Row &row : rows) {
        CAPTURE(row.code);
        PushRig rig(Revision::R3);
        if (row.returned)
            rig.fake.answers["startPush"] = static_cast<uint64_t>(row.code);
        Outcome begun;
        rig.pusher->startPush("rtmp://127.0.0.1/live/a", begun.completion());
        rig.settle();
        if (!row.returned)
            rig.fake.tellPusher("onError", row.code, "no", nullptr);
        if (row.code == -6)
            rig.fake.tellPusher("onPushStatusUpdate", 0, "no", nullptr);
        CHECK(begun.code() == row.error);
        CHECK(rig.listener.count(row.event) == 1);
        CHECK_FALSE(rig.pusher->isPushing());
    }
    PushRig rig(Revision::R3);
    CHECK(codeOf([&] { rig.pusher->startPush("http://x", {}); }) == ErrorCode::InvalidUrl);
    rig.push();
    CHECK(codeOf([&] { rig.pusher->startPush("rtmp://x", {}); }) == ErrorCode::InvalidState);
}

TEST_CASE("v2: a push to trtc:// takes an object of that mode and sets all again") {
    PushRig rig(Revision::R3);
    rig.pusher->setRotation(2);
    Outcome preview;
    engine::VideoSourceOptions camera;
    camera.kind = engine::SourceKind::Camera;
    rig.pusher->startPreview(camera, preview.completion());
    CHECK(preview.code() == std::nullopt);
    rig.fake.take();
    rig.pusher->startPush("trtc://cloud/push/a?x=1", {});
    rig.settle();
    CHECK(rig.fake.lastMode == 1);
    CHECK(rig.fake.created == 2);
    CHECK(rig.fake.released == 1);
    CHECK(rig.fake.sawCall("setRenderRotation(1)"));
    CHECK(rig.fake.sawCall("startCamera(first)"));
}

TEST_CASE("v2: snapshots become files; recordings are told from begin to end") {
    for (const Revision revision : REVISIONS) {
        PushRig rig(revision);
        Outcome early;
        rig.pusher->captureVideoSnapShot(snapshotPath(), early.completion());
        CHECK(early.code() == ErrorCode::SnapshotFailed);
        CHECK(early.nativeCode() == -4);
        rig.push();
        const std::string path = snapshotPath();
        Outcome taken;
        rig.pusher->captureVideoSnapShot(path, taken.completion());
        rig.settle();
        const std::vector<char> bgra(8 * 8 * 4, 100);
        rig.fake.tellPusher("onSnapshotComplete", bgra.data(), 256, 8, 8, 2);
        CHECK(taken.code() == std::nullopt);
        CHECK(std::filesystem::file_size(path) > 0);
        Outcome taken2;
        rig.pusher->captureVideoSnapShot(path, taken2.completion());
        CHECK(taken2.nativeCode() == -3);
        std::filesystem::remove(path);
        Outcome none;
        rig.pusher->captureVideoSnapShot(path, none.completion());
        rig.settle();
        rig.fake.tellPusher("onSnapshotComplete", static_cast<const char *>(nullptr), 99, -1, 1 << 30, 2);
        CHECK(none.code() == ErrorCode::SnapshotFailed);
        if (revision != Revision::R4) {
            CHECK(codeOf([&] { rig.pusher->startLocalRecord("a.mp4", 0, {}); }) == ErrorCode::Unsupported);
            continue;
        }
        Outcome recording;
        rig.pusher->startLocalRecord("a.mp4", 0, recording.completion());
        rig.settle();
        CHECK(rig.fake.sawCall("startLocalRecording(a.mp4)"));
        rig.fake.tellPusher("onLocalRecordBegin", 0, "a.mp4");
        CHECK(recording.code() == std::nullopt);
        rig.fake.tellPusher("onLocalRecording", int32_t{1000}, "a.mp4");
        Outcome ended;
        rig.pusher->stopLocalRecord(ended.completion());
        rig.settle();
        rig.fake.tellPusher("onLocalRecordComplete", 0, "a.mp4");
        CHECK(ended.code() == std::nullopt);
        CHECK(rig.listener.count(event::PUSH_EVT_LOCAL_RECORD_PROGRESS) == 1);
        CHECK(rig.listener.count(event::PUSH_EVT_LOCAL_RECORD_RESULT) == 1);
    }
}

TEST_CASE("v2: callbacks from many threads, also during and after close, never reach a closed listener") {
    PushRig rig(Revision::R4);
    rig.push();
    std::atomic<bool> stop{false};
    void *const observer = rig.fake.pusherObserver;
    void *const devices = rig.fake.deviceObserver;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            const auto order = test::v2Order(Revision::R4);
            while (!stop) {
                FakeV2::tell(observer, order.pusherObserver, "onError", -8, "\xF0\x9F", nullptr);
                FakeV2::tell(observer, order.pusherObserver, "onWarning", 99999, static_cast<const char *>(nullptr),
                             reinterpret_cast<void *>(1));
                FakeV2::tell(observer, order.pusherObserver, "onPushStatusUpdate", 77, "", nullptr);
                FakeV2::tell(observer, order.pusherObserver, "onStatisticsUpdate",
                             static_cast<const PusherStatistics *>(nullptr));
                FakeV2::tell(observer, order.pusherObserver, "onLocalRecordComplete", -1,
                             static_cast<const char *>(nullptr));
                FakeV2::tell(devices, order.deviceObserver, "onDeviceChanged", static_cast<const char *>(nullptr), 2,
                             1);
            }
        });
    rig.listener.waitForEvent(event::PUSH_ERR_NET_DISCONNECT);
    Outcome closed;
    rig.pusher->close(closed.completion());
    CHECK(closed.code(60) == std::nullopt);
    const size_t told = rig.listener.codes().size();
    rig.pusher.reset();
    FakeV2::tell(observer, test::v2Order(Revision::R4).pusherObserver, "onWarning", 1101, "late", nullptr);
    CHECK(rig.listener.codes().size() == told);
    stop = true;
    for (std::thread &thread : threads)
        thread.join();
    CHECK(rig.listener.codes().size() == told);
    CHECK(rig.fake.released == 1);
}

TEST_CASE("v2: a closed object refuses, twice closed is nothing, no object is its own error") {
    PushRig rig(Revision::R3);
    Outcome pending;
    rig.pusher->startPush("rtmp://127.0.0.1/live/a", pending.completion());
    Outcome first;
    Outcome second;
    rig.pusher->close(first.completion());
    rig.pusher->close(second.completion());
    CHECK(first.code() == std::nullopt);
    CHECK(second.code() == std::nullopt);
    CHECK(pending.code() == ErrorCode::Aborted);
    CHECK(codeOf([&] { rig.pusher->setMute(true); }) == ErrorCode::Closed);
    CHECK(codeOf([&] { rig.pusher->enumCameras(); }) == ErrorCode::Closed);
    rig.fake.refuseCreation = true;
    CHECK(codeOf([&] { V2Pusher(rig.exports, rig.slots, {}, rig.listener); }) == ErrorCode::SdkFailed);
    CHECK(codeOf([&] { V2Player(rig.exports, rig.slots, {}, rig.listener); }) == ErrorCode::SdkFailed);
}

TEST_CASE("v2: each setting of a player is the SDK's call") {
    for (const Revision revision : REVISIONS) {
        PlayRig rig(revision);
        V2Player &p = *rig.player;
        const std::vector<std::pair<std::function<void()>, Names>> calls{
            {[&] { p.setRenderFrame(5); }, {"setRenderView(5)"}},
            {[&] { p.updateRenderFrame(6); }, {"setRenderView(6)"}},
            {[&] { p.closeRenderFrame(); }, {"setRenderView(0)"}},
            {[&] { p.setRenderMode(1); }, {"setRenderFillMode(1)"}},
            {[&] { p.setRotation(4); }, {"setRenderRotation(3)"}},
            {[&] { p.pause(); }, {"pauseAudio", "pauseVideo"}},
            {[&] { p.resume(); }, {"resumeAudio", "resumeVideo"}},
            {[&] { p.setSpeakerVolume(32768); }, {"setPlayoutVolume(50)"}},
            {[&] { p.setMute(true); }, {"setPlayoutVolume(0)"}},
            {[&] { p.setMute(false); }, {"setPlayoutVolume(50)"}},
            {[&] { p.setAudioPlayoutVolume(65535); }, {"setPlayoutVolume(100)"}},
            {[&] { p.speakerVolumeIndication(); }, {"enableVolumeEvaluation(300)"}},
            {[&] { p.setOutputVideoFormat(engine::OutputVideoFormat::I420); }, {"enableObserveVideoFrame(1,1,1)"}},
            {[&] { p.setOutputVideoFormat(engine::OutputVideoFormat::RGBA); }, {"enableObserveVideoFrame(1,3,1)"}},
            {[&] { p.setOutputAudio(true); }, {"enableObserveAudioFrame(1)"}},
            {[&] { p.setEnableMessage(true); }, {"enableReceiveSeiMessage(1,242)", "enableReceiveSeiMessage(1,5)"}},
            {[&] { p.setLivePlayAttribute(R"({"CacheTime":1,"AutoAdjustCacheTime":false,"ConnectRetryCount":9})"); },
             {"setCacheParams", "setProperty(maxNumberOfReconnection,9)"}},
        };
        for (size_t i = 0; i < calls.size(); ++i) {
            CAPTURE(i);
            calls[i].first();
            CHECK(rig.fake.take() == calls[i].second);
        }
        CHECK(p.speakerVolume() == 65535);
        CHECK(p.getAudioPlayoutVolume() == 65535);
        CHECK(p.enumSpeakers().size() == 2);
        p.selectSpeakerDevice(1);
        CHECK(rig.fake.sawCall("setCurrentDevice(1,second)"));
        p.showDebugView(2);
        CHECK(rig.fake.sawCall("showDebugView(1)"));
        CHECK(codeOf([&] { p.showDebugView(3); }) == ErrorCode::InvalidArgument);
        if (revision == Revision::R4) {
            p.setRenderYMirror(true);
            CHECK(rig.fake.sawCall("setRenderMirrorMode(1)"));
        } else {
            CHECK(codeOf([&] { p.setRenderYMirror(true); }) == ErrorCode::Unsupported);
            CHECK(codeOf([&] { p.startLocalRecord("a.mp4", 0, {}); }) == ErrorCode::Unsupported);
        }
    }
}

TEST_CASE("v2: a playback begins, hands out frames and messages, and ends") {
    for (const Revision revision : REVISIONS) {
        PlayRig rig(revision);
        rig.player->setOutputVideoFormat(engine::OutputVideoFormat::I420);
        rig.player->setOutputAudio(true);
        rig.play();
        std::vector<char> picture(24, 3);
        VideoFrame frame{PixelFormat::I420, BufferType::ByteBuffer, picture.data(), 24, 4, 4, 0, 0, nullptr};
        rig.fake.tellPlayer("onRenderVideoFrame", &frame);
        frame.pixelFormat = PixelFormat::Bgra32; // too short for it
        rig.fake.tellPlayer("onRenderVideoFrame", &frame);
        frame.width = -4;
        rig.fake.tellPlayer("onRenderVideoFrame", &frame);
        rig.fake.tellPlayer("onRenderVideoFrame", static_cast<VideoFrame *>(nullptr));
        std::vector<char> sound(64);
        AudioFrame audio{sound.data(), 64, 48000, 2};
        rig.fake.tellPlayer("onPlayoutAudioFrame", &audio);
        audio.channel = 99;
        rig.fake.tellPlayer("onPlayoutAudioFrame", &audio);
        CHECK(rig.listener.video().size() == 1);
        REQUIRE(rig.listener.audio().size() == 1);
        CHECK(rig.listener.audio()[0].samples == 16);
        rig.fake.tellPlayer("onReceiveSeiMessage", 242, "hi\xFF", 3U);
        rig.fake.tellPlayer("onReceiveSeiMessage", 242, static_cast<const char *>(nullptr), 0xFFFFFFFFU);
        rig.fake.tellPlayer("onVideoResolutionChanged", 320, 180);
        rig.fake.tellPlayer("onVideoLoading", nullptr);
        rig.fake.tellPlayer("onVideoPlaying", false, nullptr);
        rig.fake.tellPlayer("onWarning", 2105, "", nullptr);
        rig.fake.tellPlayer("onStreamSwitched", "", -2);
        PlayerStatistics statistics{};
        statistics.jitterBufferDelay = 400;
        rig.fake.tellPlayer("onStatisticsUpdate", &statistics);
        rig.settle();
        CHECK(rig.listener.codes() ==
              std::vector<int>{2001, 2002, 2008, 2003, 2004, 2012, 2009, 2007, 2004, 2105, -2307});
        CHECK(rig.listener.statuses().size() == 1);
        rig.fake.tellPlayer("onError", -2304, "", nullptr);
        rig.settle();
        CHECK(rig.listener.count(event::PLAY_ERR_HEVC_DECODE_FAIL) == 1);
        CHECK_FALSE(rig.player->isPlaying());
        rig.fake.tellPlayer("onVideoPlaying", true, nullptr);
        rig.settle();
        CHECK(rig.listener.count(event::PLAY_EVT_PLAY_BEGIN) == 2);
    }
}

TEST_CASE("v2: sound alone begins a playback; a refusal and a stop end it") {
    PlayRig rig(Revision::R4);
    Outcome sound;
    rig.player->startPlay("rtmp://127.0.0.1/live/a", engine::PlayType::LiveRtmp, sound.completion());
    rig.settle();
    rig.fake.tellPlayer("onAudioPlaying", true, nullptr);
    CHECK(sound.code() == std::nullopt);
    const std::string path = snapshotPath();
    Outcome taken;
    rig.player->captureVideoSnapShot(path, taken.completion());
    rig.settle();
    const std::vector<char> bgra(256, 1);
    rig.fake.tellPlayer("onSnapshotComplete", bgra.data(), 256, 8, 8, 2);
    CHECK(taken.code() == std::nullopt);
    std::filesystem::remove(path);
    Outcome recording;
    rig.player->startLocalRecord("a.mp4", 0, recording.completion());
    rig.settle();
    rig.fake.tellPlayer("onLocalRecordBegin", -8, "a.mp4");
    CHECK(recording.code() == ErrorCode::RecordFailed);
    Outcome stopped;
    rig.player->stopPlay(stopped.completion());
    CHECK(stopped.code() == std::nullopt);
    CHECK(rig.fake.sawCall("stopPlay"));
    rig.fake.answers["startPlay"] = static_cast<uint64_t>(-3);
    Outcome refused;
    rig.player->startPlay("rtmp://127.0.0.1/live/a", engine::PlayType::LiveRtmp, refused.completion());
    CHECK(refused.code() == ErrorCode::PlayRefused);
    CHECK(rig.listener.count(event::PLAY_ERR_STREAM_REFUSED) == 1);
    CHECK(codeOf([&] { rig.player->startPlay("ftp://x", engine::PlayType::LiveRtmp, {}); }) == ErrorCode::InvalidUrl);
}
