#include <doctest/doctest.h>

#include <filesystem>
#include <utility>

#include "../support/RecordingListener.h"
#include "FakeClassic.h"
#include "Support.h"
#include "liteav/Support.h"
#include "liteav/classic/ClassicPlayer.h"
#include "liteav/classic/ClassicPusher.h"
#include "liteav/classic/Types.h"

using namespace rtcroom;
using namespace rtcroom::liteav;
using namespace rtcroom::liteav::classic;
using engine::ErrorCode;
using test::codeOf;
using test::FakeClassic;
using test::Gate;
using test::Names;
using test::Outcome;
using test::RecordingListener;
namespace event = engine::event;

namespace {

constexpr Generation GENERATIONS[] = {Generation::Interface, Generation::Tx2018};

} // namespace

TEST_CASE("interface: every slot calls its method, and a shifted one another") {
    FakeClassic fake(Generation::Interface);
    fake.exports();
    const auto check = [&](FakeClassic::Object &object, const auto &rows) {
        for (const MethodRow &row : rows) {
            if (row.slot == ABSENT)
                continue;
            CAPTURE(row.method);
            const auto called = [&](int slot) {
                fake.take();
                callSlot<uint64_t>(&object, slot, uint64_t{0}, uint64_t{0}, uint64_t{0}, uint64_t{0}, uint64_t{0});
                const std::string call = fake.take().at(0);
                return call.substr(0, call.find('('));
            };
            CHECK(called(row.slot) == row.method);
            CHECK(called(row.slot + 1) != row.method);
        }
    };
    check(fake.pusher, PusherMethodRows);
    check(fake.player, PlayerMethodRows);
}

TEST_CASE("older generations: settings are the SDK's calls, what is absent is refused") {
    for (const Generation generation : GENERATIONS) {
        CAPTURE(static_cast<int>(generation));
        FakeClassic fake(generation);
        const Exports exports = fake.exports();
        const SlotTable slots = slotTable();
        RecordingListener listener;
        ClassicPusher p(exports, slots, {}, listener);
        const std::vector<std::pair<std::function<void()>, std::string>> calls{
            {[&] { p.setRenderMode(2); }, "setRenderMode"},
            {[&] { p.setRotation(4); }, "setRotation(4)"},
            {[&] { p.setRenderYMirror(true); }, "setRenderYMirror"},
            {[&] { p.setOutputYMirror(true); }, "setOutputYMirror"},
            {[&] { p.setMute(true); }, "setMute(1)"},
            {[&] { p.setPauseVideo(true); }, "setPauseVideo"},
            {[&] { p.setVideoResolution(103); }, "setVideoResolution"},
            {[&] { p.setVideoFPS(20); }, "setVideoFPS(20)"},
            {[&] { p.setVideoBitRate(900); }, "setVideoBitRate(900)"},
            {[&] { p.setVideoBitRateMin(300); }, "setVideoBitRateMin"},
            {[&] { p.setVideoBitRateMax(1200); }, "setVideoBitRateMax"},
            {[&] { p.setAutoAdjustStrategy(engine::AutoAdjustStrategy::None); }, "setAutoAdjustStrategy(-1)"},
            {[&] { p.setVideoQualityParamPreset(engine::VideoQualityPreset::Super, engine::VideoRatio::R16x9); },
             "setVideoQualityParamPreset(3,1)"},
            {[&] { p.setBeautyStyle(2, 5, 6); }, "setBeautyStyle(2,5,6)"},
            {[&] { p.setMicVolume(100); }, "setMicVolume(100)"},
            {[&] { p.micVolume(); }, "micVolume"},
            {[&] { p.openMicTest(); }, "openMicTest"},
            {[&] { p.closeMicTest(); }, "closeMicTest"},
            {[&] { p.openSystemVoiceInput("a.exe"); }, "openSystemVoiceInput(a.exe)"},
            {[&] { p.closeSystemVoiceInput(); }, "closeSystemVoiceInput"},
            {[&] { p.setSystemVoiceInputVolume(50); }, "setSystemVoiceInputVolume"},
            {[&] { p.switchCamera(1); }, "switchCamera(1)"},
            {[&] { p.selectMicDevice(1); }, "selectMicDevice(1)"},
        };
        for (size_t i = 0; i < calls.size(); ++i) {
            CAPTURE(i);
            fake.take();
            calls[i].first();
            CHECK(fake.saw(calls[i].second));
        }
        for (const int hd : {106, 206})
            CHECK(codeOf([&] { p.setVideoResolution(hd); }) == ErrorCode::Unsupported);
        CHECK(p.enumCameras().size() == 2);
        CHECK(p.enumMics().size() == 2);
        const auto sources = p.getScreenCaptureSources();
        REQUIRE(sources.size() == 2);
        p.selectScreenCaptureTarget(sources[1].id, {});
        CHECK(fake.saw(generation == Generation::Interface ? "selectScreenCaptureTarget" : "setScreenCaptureParam"));
        const std::vector<std::pair<std::function<void()>, std::string>> newer{
            {[&] { p.updatePreview(3); }, "updatePreview"},
            {[&] { p.setNearestIP(false); }, "setNearestIP"},
            {[&] { p.showDebugView(1); }, "showDebugView"},
            {[&] { p.enableAudioPreprocess(4, true); }, "enableAudioPreprocess(4,1)"},
            {[&] { p.setAudioChannels(2); }, "setAudioChannels"},
            {[&] { p.setAudioCaptureVolume(5); }, "setAudioCaptureVolume"},
            {[&] { p.getAudioCaptureVolume(); }, "getAudioCaptureVolume"},
            {[&] { p.micVolumeIndication(); }, "micVolumeIndication"},
        };
        for (size_t i = 1; i < newer.size(); ++i) {
            CAPTURE(i);
            if (generation == Generation::Interface) {
                newer[i].first();
                CHECK(fake.saw(newer[i].second));
            } else {
                CHECK(codeOf(newer[i].first) == ErrorCode::Unsupported);
            }
        }
        newer[0].first();
        CHECK(fake.saw(generation == Generation::Interface ? "updatePreview" : "updatePreviewIn"));
        if (generation == Generation::Tx2018) {
            p.enableMic(false);
            CHECK(fake.saw("enableMic(0)"));
            p.setScreenCaptureParam(5, {}, true);
        } else {
            CHECK(codeOf([&] { p.enableMic(false); }) == ErrorCode::Unsupported);
            CHECK(codeOf([&] { p.setScreenCaptureParam(5, {}, true); }) == ErrorCode::Unsupported);
        }
    }
}

TEST_CASE("older generations: a push begins, reports, ends, and its events have the contract's numbers") {
    for (const Generation generation : GENERATIONS) {
        const bool old = generation == Generation::Tx2018;
        CAPTURE(old);
        FakeClassic fake(generation);
        const Exports exports = fake.exports();
        const SlotTable slots = slotTable();
        RecordingListener listener;
        {
            ClassicPusher p(exports, slots, {}, listener);
            Outcome preview;
            engine::VideoSourceOptions camera;
            camera.kind = engine::SourceKind::Camera;
            camera.camera = 1;
            p.startPreview(camera, preview.completion());
            CHECK(preview.code() == std::nullopt);
            Outcome sound;
            p.startAudioCapture({engine::SourceKind::Microphone, "", false}, sound.completion());
            CHECK(sound.code() == std::nullopt);
            CHECK(fake.saw("startAudioCapture(1)"));
            Outcome begun;
            p.startPush("rtmp://127.0.0.1/live/a", begun.completion());
            p.micVolume();
            fake.tell(1001);
            fake.tell(1002, {{"EVT_MSG", "ok"}, {nullptr, "x"}, {"EVT_PARAM1", nullptr}});
            CHECK(begun.code() == std::nullopt);
            fake.tell(old ? 1009 : 1023);
            fake.tell(old ? -1308 : -1316);
            fake.tell(424242);
            fake.tell(200001, {{"VIDEO_BITRATE", "800"}, {"SERVER_IP", "h"}, {"NET_SPEED", "x"}});
            const std::string path = test::ownPath("classic", ".jpg").string();
            Outcome taken;
            p.captureVideoSnapShot(path, taken.completion());
            p.micVolume();
            fake.tell(old ? 1012 : 1022, {{"a", "0"}, {"b", path.c_str()}});
            CHECK(taken.code() == std::nullopt);
            Outcome recording;
            p.startLocalRecord("a.mp4", 10, recording.completion());
            CHECK(recording.code() == std::nullopt);
            Outcome recorded;
            p.stopLocalRecord(recorded.completion());
            CHECK(recorded.code() == std::nullopt);
            fake.tell(3001);
            fake.tell(-1307);
            p.micVolume();
            CHECK_FALSE(p.isPushing());
            CHECK(listener.codes() == std::vector<int>{1001, 1002, 1023, -1316, 1099, 1022, 3001, -1307});
            CHECK(listener.statuses().at(0).size() == 2);
            fake.tell(-1307);
            Outcome refused;
            p.startPush("rtmp://127.0.0.1/live/a", refused.completion());
            p.micVolume();
            fake.tell(-1326);
            CHECK(refused.code() == ErrorCode::PublishRefused);
            fake.answers["startPush"] = 0;
            Outcome no;
            p.startPush("rtmp://127.0.0.1/live/a", no.completion());
            CHECK(no.code() == ErrorCode::SdkFailed);
            Outcome stopped;
            p.stopPush(stopped.completion());
            CHECK(stopped.code() == std::nullopt);
            Outcome ended;
            p.stopPreview(ended.completion());
            CHECK(ended.code() == std::nullopt);
            Outcome silent;
            p.stopAudioCapture(silent.completion());
            CHECK(silent.code() == std::nullopt);
        }
        CHECK(fake.released == 1);
        const size_t told = listener.codes().size();
        fake.tell(1101);
        CHECK(listener.codes().size() == told);
    }
}

TEST_CASE("older generations: a playback begins, hands out frames where there are any, and ends") {
    for (const Generation generation : GENERATIONS) {
        const bool old = generation == Generation::Tx2018;
        FakeClassic fake(generation);
        const Exports exports = fake.exports();
        const SlotTable slots = slotTable();
        RecordingListener listener;
        ClassicPlayer p(exports, slots, {}, listener);
        Outcome begun;
        p.startPlay("rtmp://127.0.0.1/live/a", engine::PlayType::LiveRtmpAcc, begun.completion());
        p.speakerVolume();
        CHECK(fake.saw(old ? "startPlay(rtmp://127.0.0.1/live/a,1)" : "startPlay(rtmp://127.0.0.1/live/a,2)"));
        fake.tell(2001);
        fake.tell(2004);
        CHECK(begun.code() == std::nullopt);
        p.speakerVolume();
        p.pause();
        p.resume();
        p.setMute(true);
        p.setRenderFrame(9);
        p.updateRenderFrame(9);
        p.closeRenderFrame();
        p.setRenderMode(1);
        p.setRotation(2);
        p.setRenderYMirror(false);
        p.setSpeakerVolume(5);
        p.selectSpeakerDevice(1);
        p.speakerVolume();
        for (const char *call : {"pause", "resume", "setMute(1)", "closeRenderFrame", "setRenderMode", "setRotation(2)",
                                 "setRenderYMirror", "setSpeakerVolume(5)", "selectSpeakerDevice(1)"})
            CHECK(fake.saw(call));
        CHECK(fake.saw(old ? "setRenderFrameIn" : "setRenderFrame(9)"));
        CHECK(p.enumSpeakers().size() == 2);
        if (old) {
            CHECK(codeOf([&] { p.setOutputVideoFormat(engine::OutputVideoFormat::I420); }) == ErrorCode::Unsupported);
            CHECK(codeOf([&] { p.setLivePlayAttribute("{}"); }) == ErrorCode::Unsupported);
        } else {
            p.setOutputVideoFormat(engine::OutputVideoFormat::RGBA);
            CHECK(fake.saw("setOutputVideoFormat(3)"));
            p.setOutputAudio(true);
            CHECK(codeOf([&] {
                      p.setOutputVideoFormat(engine::OutputVideoFormat::I420, {320, 0, 0});
                  }) == ErrorCode::Unsupported);
            CHECK(codeOf([&] {
                      p.setOutputVideoFormat(engine::OutputVideoFormat::I420, {1, 0, 0});
                  }) == ErrorCode::InvalidArgument);
            CHECK(codeOf([&] { p.setOutputAudio(true, {16000, 0}); }) == ErrorCode::Unsupported);
            p.setEnableMessage(true);
            p.setLivePlayAttribute(R"({"CacheTime":1})");
            p.setAudioPlayoutVolume(7);
            p.getAudioPlayoutVolume();
            p.speakerVolumeIndication();
            CHECK(fake.saw("setLivePlayAttribute({\"CacheTime\":1})"));
            for (const char *call :
                 {"setEnableMessage", "setAudioPlayoutVolume", "getAudioPlayoutVolume", "speakerVolumeIndication"})
                CHECK(fake.saw(call));
            auto *const table = *static_cast<void ***>(fake.observer);
            char bgra[16] = {1, 2, 3, 4};
            const auto video = reinterpret_cast<void (*)(void *, char *, unsigned, int, int, int, void *)>(table[2]);
            video(fake.observer, bgra, 16, 2, 2, 3, nullptr);
            video(fake.observer, bgra, 15, 2, 2, 3, nullptr);
            video(fake.observer, nullptr, 16, 2, 2, 3, nullptr);
            REQUIRE(listener.video().size() == 1);
            CHECK(listener.video()[0].buffer->data()[0] == 3);
            const auto audio = reinterpret_cast<void (*)(void *, unsigned char *, unsigned, unsigned, unsigned,
                                                         unsigned long long, void *)>(table[3]);
            unsigned char pcm[8] = {};
            audio(fake.observer, pcm, 8, 48000, 1, 0, nullptr);
            audio(fake.observer, pcm, 8, 1, 9, 0, nullptr);
            CHECK(listener.audio().size() == 1);
        }
        fake.tell(old ? 2010 : 1022, {{"a", "-1"}, {"b", ""}});
        fake.tell(-2301);
        p.speakerVolume();
        CHECK_FALSE(p.isPlaying());
        CHECK(listener.codes() == std::vector<int>{2001, 2004, 2010, -2301});
        Outcome again;
        p.startPlay("rtmp://127.0.0.1/live/a", engine::PlayType::LiveRtmp, again.completion());
        Outcome stopped;
        p.stopPlay(stopped.completion());
        CHECK(stopped.code() == std::nullopt);
        CHECK(again.code() == ErrorCode::Aborted);
    }
}

TEST_CASE("interface: the application's frames, and no object from the factory") {
    FakeClassic fake(Generation::Interface);
    const Exports exports = fake.exports();
    const SlotTable slots = slotTable();
    RecordingListener listener;
    ClassicPusher p(exports, slots, {}, listener);
    std::vector<uint8_t> bytes(24);
    p.sendCustomVideoData({bytes.data(), 24, 4, 4, 1});
    p.sendCustomAudioData({bytes.data(), 24, 16000, 1, 1});
    p.micVolume();
    CHECK(fake.saw("sendCustomVideoData"));
    CHECK(fake.saw("sendCustomAudioData"));
    CHECK(codeOf([&] {
              p.sendCustomVideoData({bytes.data(), 64, 4, 4, 1, engine::UserVideoFormat::Rgba});
          }) == ErrorCode::Unsupported);
    engine::VideoSourceOptions h264;
    h264.kind = engine::SourceKind::User;
    h264.userFormat = engine::UserVideoFormat::H264;
    CHECK(codeOf([&] { p.startPreview(h264, {}); }) == ErrorCode::Unsupported);
    engine::AudioSourceOptions aac;
    aac.kind = engine::SourceKind::User;
    aac.userFormat = engine::UserAudioFormat::Aac;
    CHECK(codeOf([&] { p.startAudioCapture(aac, {}); }) == ErrorCode::Unsupported);
    CHECK(codeOf([&] {
              p.sendCustomVideoData({bytes.data(), 24, 4, 4, 1, engine::UserVideoFormat::H264});
          }) == ErrorCode::Unsupported);
    CHECK(codeOf([&] {
              p.sendCustomAudioData({bytes.data(), 24, 16000, 1, 1, engine::UserAudioFormat::Adts});
          }) == ErrorCode::Unsupported);
    fake.answers["null"] = 1;
    CHECK(codeOf([&] { ClassicPusher(exports, slots, {}, listener); }) == ErrorCode::SdkFailed);
    CHECK(codeOf([&] { ClassicPlayer(exports, slots, {}, listener); }) == ErrorCode::SdkFailed);
}

TEST_CASE("older generations: an object that cannot be set up takes its observer back from the SDK") {
    FakeClassic fake(Generation::Interface);
    const Exports exports = fake.exports();
    SlotTable slots = slotTable();
    slots.pusher[static_cast<size_t>(PusherMethod::setAudioChannels)] = ABSENT;
    slots.player[static_cast<size_t>(PlayerMethod::setOutputVideoFormat)] = ABSENT;
    RecordingListener listener;
    const auto observed = [&] {
        const Names calls = fake.take();
        return std::count(calls.begin(), calls.end(), "setCallback");
    };
    engine::PusherOptions stereo;
    stereo.audioChannels = 2;
    CHECK(codeOf([&] { ClassicPusher(exports, slots, stereo, listener); }) == ErrorCode::Unsupported);
    CHECK(observed() == 2);
    CHECK(fake.released == 1);
    fake.tell(1101);
    engine::PlayerOptions pictures;
    pictures.videoFormat = engine::OutputVideoFormat::I420;
    CHECK(codeOf([&] { ClassicPlayer(exports, slots, pictures, listener); }) == ErrorCode::Unsupported);
    CHECK(observed() == 2);
    CHECK(fake.released == 2);
    fake.tell(2101);
    CHECK(listener.codes().empty());
}

TEST_CASE("older generations: what comes late of a stopped push or playback does not end the next one") {
    for (const Generation generation : GENERATIONS) {
        FakeClassic fake(generation);
        const Exports exports = fake.exports();
        const SlotTable slots = slotTable();
        RecordingListener listener;
        {
            ClassicPusher p(exports, slots, {}, listener);
            p.startPush("rtmp://127.0.0.1/live/a", {});
            p.micVolume();
            Gate gate;
            fake.before["startAudioCapture"] = [&] { gate.wait(); };
            p.startAudioCapture({engine::SourceKind::Microphone, "", false}, {});
            gate.entered();
            fake.tell(-1307);
            p.stopPush({});
            Outcome begun;
            p.startPush("rtmp://127.0.0.1/live/b", begun.completion());
            gate.open();
            p.micVolume();
            fake.tell(1002);
            CHECK(begun.code() == std::nullopt);
            CHECK(p.isPushing());
            CHECK(listener.count(event::PUSH_ERR_NET_DISCONNECT) == 0);
        }
        ClassicPlayer p(exports, slots, {}, listener);
        p.startPlay("rtmp://127.0.0.1/live/a", engine::PlayType::LiveRtmp, {});
        p.speakerVolume();
        Gate gate;
        fake.before["captureVideoSnapShot"] = [&] { gate.wait(); };
        Outcome taken;
        p.captureVideoSnapShot(test::ownPath("classic", ".jpg").string(), taken.completion());
        gate.entered();
        fake.tell(-2301);
        p.stopPlay({});
        Outcome begun;
        p.startPlay("rtmp://127.0.0.1/live/b", engine::PlayType::LiveRtmp, begun.completion());
        gate.open();
        p.speakerVolume();
        CHECK(taken.code() == ErrorCode::Aborted);
        fake.tell(2004);
        CHECK(begun.code() == std::nullopt);
        CHECK(p.isPlaying());
        CHECK(listener.count(event::PLAY_ERR_NET_DISCONNECT) == 0);
    }
}

TEST_CASE("older generations: a message is the application's own, other text is the SDK's") {
    struct Noting final : Sink {
        std::vector<Message> messages;
        void onMessage(Message message) override { messages.push_back(std::move(message)); }
        void onVideo(const char *, uint32_t, int, int, int) override {}
        void onAudio(const char *, uint32_t, uint32_t, uint32_t) override {}
    } noting;
    const auto observer = makePlayerObserver(slotTable(), noting);
    const std::string text = "see rtmp://h/live/KEY?token=1 " + std::string(5000, 'x') + "\xFF";
    const auto tell = [&](int id, const char *key, const char *value) {
        auto *const table = *static_cast<void ***>(observer->object());
        reinterpret_cast<void (*)(void *, int, int, const char **, const char **, void *)>(table[1])(
            observer->object(), id, 1, &key, &value, nullptr);
        return noting.messages.back().value(key);
    };
    CHECK(tell(event::EVT_PLAY_GET_MESSAGE, "EVT_GET_MSG", text.c_str()) ==
          text.substr(0, text.size() - 1) + "\xEF\xBF\xBD");
    CHECK(tell(event::EVT_PLAY_GET_MESSAGE, "EVT_GET_MSG", nullptr).empty());
    CHECK(tell(event::EVT_PLAY_GET_MESSAGE, "EVT_MSG", text.c_str()).find("KEY") == std::string::npos);
    CHECK(tell(event::PLAY_EVT_PLAY_BEGIN, "EVT_GET_MSG", text.c_str()).find("KEY") == std::string::npos);
}
