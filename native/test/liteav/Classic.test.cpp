#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <utility>

#include "../support/RecordingListener.h"
#include "liteav/Support.h"
#include "liteav/classic/ClassicPlayer.h"
#include "liteav/classic/ClassicPusher.h"
#include "liteav/classic/Types.h"

using namespace rtcroom;
using namespace rtcroom::liteav;
using namespace rtcroom::liteav::classic;
using engine::ErrorCode;
using test::Outcome;
using test::RecordingListener;
namespace event = engine::event;

namespace {

using Names = std::vector<std::string>;

/// The interface generation's order, written from its description.
const Names PUSHER_ORDER{"destructor",
                         "setCallback",
                         "getCameraDevicesList",
                         "getMicDevicesList",
                         "selectMicDevice",
                         "micVolume",
                         "setMicVolume",
                         "micVolumeIndication",
                         "setAudioCaptureVolume",
                         "getAudioCaptureVolume",
                         "openMicTest",
                         "closeMicTest",
                         "openSystemVoiceInput",
                         "closeSystemVoiceInput",
                         "setSystemVoiceInputVolume",
                         "enableAudioPreprocess",
                         "setAudioChannels",
                         "startAudioCapture",
                         "stopAudioCapture",
                         "startPreview",
                         "updatePreview",
                         "stopPreview",
                         "getScreenCaptureSources",
                         "selectScreenCaptureTarget",
                         "captureVideoSnapShot",
                         "startPush",
                         "stopPush",
                         "switchCamera",
                         "startLocalRecord",
                         "stopLocalRecord",
                         "setMute",
                         "setRenderMode",
                         "setRotation",
                         "setVideoQualityParamPreset",
                         "setVideoResolution",
                         "setBeautyStyle",
                         "setRenderYMirror",
                         "setOutputYMirror",
                         "setVideoBitRate",
                         "setAutoAdjustStrategy",
                         "setVideoBitRateMin",
                         "setVideoBitRateMax",
                         "setVideoFPS",
                         "setPauseVideo",
                         "setNearestIP",
                         "showDebugView",
                         "sendCustomVideoData",
                         "sendCustomAudioData"};
const Names PLAYER_ORDER{"destructor",
                         "setCallback",
                         "getSpeakerDevicesList",
                         "selectSpeakerDevice",
                         "speakerVolume",
                         "setSpeakerVolume",
                         "speakerVolumeIndication",
                         "setAudioPlayoutVolume",
                         "getAudioPlayoutVolume",
                         "setRenderFrame",
                         "updateRenderFrame",
                         "closeRenderFrame",
                         "startPlay",
                         "stopPlay",
                         "pause",
                         "resume",
                         "isPlaying",
                         "setMute",
                         "setRenderMode",
                         "setRotation",
                         "setRenderYMirror",
                         "setOutputVideoFormat",
                         "setEnableMessage",
                         "captureVideoSnapShot",
                         "setLivePlayAttribute"};
const Names DEVICES_ORDER{"destructor", "getCount", "getDeviceName", "getDevicePID", "release"};
const Names SOURCES_ORDER{"destructor", "getCount", "getSourceInfo", "release"};

/// Both older generations as arrays of functions; each knows its place only.
class FakeClassic {
  public:
    struct Object {
        void *const *table = nullptr;
        const Names *order = nullptr;
    };

    explicit FakeClassic(Generation generation) : generation_(generation) { current = this; }
    static FakeClassic *current;

    Exports exports();
    Names take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(calls_, {});
    }
    bool saw(const std::string &call) {
        const std::lock_guard lock(mutex_);
        return std::find(calls_.begin(), calls_.end(), call) != calls_.end();
    }
    void tell(int id, std::vector<std::pair<const char *, const char *>> params = {}) {
        std::vector<const char *> keys;
        std::vector<const char *> values;
        for (const auto &[key, value] : params) {
            keys.push_back(key);
            values.push_back(value);
        }
        auto *const table = *static_cast<void ***>(observer);
        reinterpret_cast<void (*)(void *, int, int, const char **, const char **, void *)>(table[1])(
            observer, id, static_cast<int>(params.size()), keys.data(), values.data(), nullptr);
    }

    uint64_t call(const std::string &name, const uint64_t (&args)[5]);
    std::map<std::string, uint64_t> answers;
    void *observer = nullptr;
    Object pusher, player, devices, sources;
    int released = 0;

  private:
    const Generation generation_;
    std::mutex mutex_;
    Names calls_;
};
FakeClassic *FakeClassic::current = nullptr;

template <size_t Slot>
uint64_t slotEntry(FakeClassic::Object *self, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e) {
    return FakeClassic::current->call(Slot < self->order->size() ? (*self->order)[Slot] : "outside", {a, b, c, d, e});
}
template <size_t... Slots> auto slotEntries(std::index_sequence<Slots...>) {
    return std::array<void *, sizeof...(Slots)>{reinterpret_cast<void *>(&slotEntry<Slots>)...};
}
const auto SLOTS = slotEntries(std::make_index_sequence<60>{});

/// An export of the 2018 classes: known by its row's name. Static methods have no `this`.
template <bool Pusher, size_t Row>
uint64_t exportEntry(void *self, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e) {
    const std::string name = Pusher ? PusherMethodRows[Row].method : PlayerMethodRows[Row].method;
    if (name == "enumCameras" || name == "enumCaptureWindow")
        return FakeClassic::current->call(name, {reinterpret_cast<uint64_t>(self), a, b, c, d});
    return FakeClassic::current->call(name, {a, b, c, d, e});
}
template <bool Pusher, size_t... Rows> auto exportEntries(std::index_sequence<Rows...>) {
    return std::array<void *, sizeof...(Rows)>{reinterpret_cast<void *>(&exportEntry<Pusher, Rows>)...};
}

Exports FakeClassic::exports() {
    pusher = {SLOTS.data(), &PUSHER_ORDER};
    player = {SLOTS.data(), &PLAYER_ORDER};
    devices = {SLOTS.data(), &DEVICES_ORDER};
    sources = {SLOTS.data(), &SOURCES_ORDER};
    Exports e;
    e.generation = generation_;
    e.createPusher = []() -> void * { return current->answers.contains("null") ? nullptr : &current->pusher; };
    e.createPlayer = []() -> void * { return current->answers.contains("null") ? nullptr : &current->player; };
    e.destroyPusher = [](void **object) {
        ++current->released;
        *object = nullptr;
    };
    e.destroyPlayer = e.destroyPusher;
    if (generation_ == Generation::Tx2018) {
        const auto pushers = exportEntries<true>(std::make_index_sequence<PusherMethodRows.size()>{});
        const auto players = exportEntries<false>(std::make_index_sequence<PlayerMethodRows.size()>{});
        for (size_t i = 0; i < pushers.size(); ++i)
            e.pusher[i] = *PusherMethodRows[i].symbol ? pushers[i] : nullptr;
        for (size_t i = 0; i < players.size(); ++i)
            e.player[i] = *PlayerMethodRows[i].symbol ? players[i] : nullptr;
    }
    return e;
}

uint64_t FakeClassic::call(const std::string &name, const uint64_t (&args)[5]) {
    static const std::map<std::string, std::string> SIGNATURES{
        {"startPush", "s"},
        {"startPlay", "si"},
        {"startLocalRecord", "s"},
        {"startPreview", "ii"},
        {"startPreviewCamera", "i"},
        {"startPreviewIn", "ii"},
        {"setRotation", "i"},
        {"setMute", "b"},
        {"setVideoFPS", "i"},
        {"setVideoBitRate", "i"},
        {"switchCamera", "i"},
        {"selectMicDevice", "i"},
        {"setMicVolume", "i"},
        {"setBeautyStyle", "iii"},
        {"enableAudioPreprocess", "ib"},
        {"setOutputVideoFormat", "i"},
        {"selectSpeakerDevice", "i"},
        {"setSpeakerVolume", "i"},
        {"setVideoQualityParamPreset", "ii"},
        {"startAudioCapture", "i"},
        {"openSystemVoiceInput", "s"},
        {"setRenderFrame", "i"},
        {"setLivePlayAttribute", "s"},
        {"setAutoAdjustStrategy", "i"},
        {"enableMic", "b"},
    };
    std::string text;
    if (const auto signature = SIGNATURES.find(name); signature != SIGNATURES.end())
        for (size_t i = 0; i < signature->second.size(); ++i) {
            const char kind = signature->second[i];
            text += text.empty() ? "" : ",";
            text += kind == 's'   ? (args[i] ? reinterpret_cast<const char *>(args[i]) : "null")
                    : kind == 'b' ? std::string((args[i] & 0xFF) ? "1" : "0")
                                  : std::to_string(static_cast<int32_t>(args[i]));
        }
    {
        const std::lock_guard lock(mutex_);
        calls_.push_back(text.empty() ? name : name + "(" + text + ")");
    }
    if (name == "setCallback" && args[0])
        observer = reinterpret_cast<void *>(args[0]);
    if (name == "destructor")
        ++released;
    if (const auto answer = answers.find(name); answer != answers.end())
        return answer->second;
    if (name == "getCameraDevicesList" || name == "getMicDevicesList" || name == "getSpeakerDevicesList")
        return reinterpret_cast<uint64_t>(&devices);
    if (name == "getScreenCaptureSources")
        return reinterpret_cast<uint64_t>(&sources);
    if (name == "getDeviceName" || name == "getDevicePID")
        return reinterpret_cast<uint64_t>(args[0] == 0 ? "first" : "second");
    if (name == "getCount" || name == "micDeviceCount" || name == "speakerDeviceCount")
        return 2;
    if (name == "micDeviceName" || name == "speakerDeviceName") {
        std::strcpy(reinterpret_cast<char *>(args[1]), "device");
        return 1;
    }
    if (name == "enumCameras") {
        for (size_t i = 0; args[0] && i < 2; ++i)
            std::memcpy(reinterpret_cast<char16_t **>(args[0])[i], u"\u6444", 4);
        return 2;
    }
    if (name == "enumCaptureWindow") {
        if (args[0])
            *reinterpret_cast<uintptr_t *>(args[0]) = 77;
        return 1;
    }
    if (name == "getSourceInfo") {
        auto *info = reinterpret_cast<SourceInfo *>(args[0]);
        info->type = static_cast<int>(args[1]);
        info->id = reinterpret_cast<void *>(static_cast<uintptr_t>(7 + args[1]));
        info->name = "source";
        return args[0];
    }
    if (name == "startPush" || name.starts_with("startPreview"))
        return 1;
    return 0;
}

template <typename Call> std::optional<ErrorCode> codeOf(Call call) {
    try {
        call();
        return std::nullopt;
    } catch (const engine::EngineException &failure) {
        return failure.error().code;
    }
}

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
            const std::string path =
                (std::filesystem::temp_directory_path() / ("classic-" + std::to_string(::clock()) + ".jpg")).string();
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
    CHECK(fake.saw("sendCustomVideoData"));
    CHECK(fake.saw("sendCustomAudioData"));
    fake.answers["null"] = 1;
    CHECK(codeOf([&] { ClassicPusher(exports, slots, {}, listener); }) == ErrorCode::SdkFailed);
    CHECK(codeOf([&] { ClassicPlayer(exports, slots, {}, listener); }) == ErrorCode::SdkFailed);
}
