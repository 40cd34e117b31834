#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>
#include <string>

#include "../support/RecordingListener.h"
#include "FakeClassic.h"
#include "Support.h"
#include "V2Rigs.h"
#include "liteav/Support.h"
#include "liteav/classic/ClassicPlayer.h"
#include "liteav/classic/ClassicPusher.h"

using namespace rtcroom;
using namespace rtcroom::liteav;
using engine::Event;
using engine::Side;
using test::FakeClassic;
using test::Outcome;
using test::PlayRig;
using test::PushRig;
using test::RecordingListener;
using v2::Revision;
using enum Side;

namespace {

/// No such event in that generation.
constexpr int NONE = 0;

/// One event of the older generations, by the numbers of their description.
struct Told {
    Side side;
    int tx2018;
    int interface;
    /// What the application hears.
    const char *name;
};

constexpr Told OLDER[] = {
    {Push, 1001, 1001, "PUSH_EVT_CONNECT_SUCC"},
    {Push, 1002, 1002, "PUSH_EVT_PUSH_BEGIN"},
    {Push, 1003, 1003, "PUSH_EVT_OPEN_CAMERA_SUCC"},
    {Push, 1005, 1005, "PUSH_EVT_CHANGE_RESOLUTION"},
    {Push, 1006, 1006, "PUSH_EVT_CHANGE_BITRATE"},
    {Push, 1007, 1007, "PUSH_EVT_FIRST_FRAME_AVAILABLE"},
    {Push, 1008, 1008, "PUSH_EVT_START_VIDEO_ENCODER"},
    {Push, 1009, 1023, "PUSH_EVT_CAMERA_REMOVED"},
    {Push, 1010, 1024, "PUSH_EVT_CAMERA_AVAILABLE"},
    {Push, 1011, 1025, "PUSH_EVT_CAMERA_CLOSED"},
    {Push, 1012, 1022, "PUSH_EVT_SNAPSHOT_RESULT"},
    {Push, NONE, 1029, "PUSH_EVT_LOCAL_RECORD_RESULT"},
    {Push, NONE, 1030, "PUSH_EVT_LOCAL_RECORD_PROGRESS"},
    {Push, 1101, 1101, "PUSH_WARNING_NET_BUSY"},
    {Push, 1102, 1102, "PUSH_WARNING_RECONNECT"},
    {Push, 1103, 1103, "PUSH_WARNING_HW_ACCELERATION_FAIL"},
    {Push, 1104, 1104, "PUSH_WARNING_VIDEO_ENCODE_FAIL"},
    {Push, 1105, 1105, "PUSH_WARNING_BEAUTYSURFACE_VIEW_INIT_FAIL"},
    {Push, 1106, 1106, "PUSH_WARNING_VIDEO_ENCODE_BITRATE_OVERFLOW"},
    {Push, -1301, -1301, "PUSH_ERR_OPEN_CAMERA_FAIL"},
    {Push, -1302, -1302, "PUSH_ERR_OPEN_MIC_FAIL"},
    {Push, -1303, -1303, "PUSH_ERR_VIDEO_ENCODE_FAIL"},
    {Push, -1304, -1304, "PUSH_ERR_AUDIO_ENCODE_FAIL"},
    {Push, -1305, -1305, "PUSH_ERR_UNSUPPORTED_RESOLUTION"},
    {Push, -1306, -1306, "PUSH_ERR_UNSUPPORTED_SAMPLERATE"},
    {Push, -1307, -1307, "PUSH_ERR_NET_DISCONNECT"},
    {Push, -1308, -1316, "PUSH_ERR_CAMERA_OCCUPY"},
    {Push, NONE, -1308, "PUSH_ERR_SCREEN_CAPTURE_START_FAIL"},
    {Push, NONE, -1309, "PUSH_ERR_SCREEN_CAPTURE_UNSUPPORTED"},
    {Push, NONE, -7001, "PUSH_ERR_SCREEN_CAPTURE_INTERRUPTED"},
    {Push, NONE, -1313, "PUSH_ERR_INVALID_ADDRESS"},
    {Push, NONE, -1314, "PUSH_ERR_CAMERA_NOT_AUTHORIZED"},
    {Push, NONE, -1317, "PUSH_ERR_MIC_NOT_AUTHORIZED"},
    {Push, NONE, -1319, "PUSH_ERR_MICROPHONE_OCCUPY"},
    {Push, NONE, -1326, "PUSH_ERR_SERVER_REFUSED"},
    {Push, 3001, 3001, "PUSH_WARNING_DNS_FAIL"},
    {Push, 3002, 3002, "PUSH_WARNING_SEVER_CONN_FAIL"},
    {Push, 3003, 3003, "PUSH_WARNING_SHAKE_FAIL"},
    {Push, 3004, 3004, "PUSH_WARNING_SERVER_DISCONNECT"},
    {Push, 3005, 3008, "PUSH_WARNING_SERVER_NO_DATA"},
    // Without a name here: a read or write failed; internal; parameters; loudspeakers; no address, no network.
    {Push, NONE, 3005, "PUSH_WARNING_OTHER"},
    {Push, NONE, 3006, "PUSH_WARNING_OTHER"},
    {Push, NONE, 3007, "PUSH_WARNING_OTHER"},
    {Push, NONE, 3009, "PUSH_WARNING_OTHER"},
    {Push, NONE, 3010, "PUSH_WARNING_OTHER"},
    {Push, NONE, -1315, "PUSH_ERR_OTHER"},
    {Push, NONE, -1318, "PUSH_ERR_OTHER"},
    {Push, NONE, -1320, "PUSH_ERR_OTHER"},
    {Push, NONE, -1321, "PUSH_ERR_OTHER"},
    {Push, NONE, -1322, "PUSH_ERR_OTHER"},
    {Push, NONE, -1323, "PUSH_ERR_OTHER"},
    {Push, NONE, -1324, "PUSH_ERR_OTHER"},
    {Push, NONE, -1325, "PUSH_ERR_OTHER"},
    {Push, 1013, 1013, "PUSH_EVT_OTHER"},
    {Play, 2001, 2001, "PLAY_EVT_CONNECT_SUCC"},
    {Play, 2002, 2002, "PLAY_EVT_RTMP_STREAM_BEGIN"},
    {Play, 2003, 2003, "PLAY_EVT_RCV_FIRST_I_FRAME"},
    {Play, 2004, 2004, "PLAY_EVT_PLAY_BEGIN"},
    {Play, 2005, 2005, "PLAY_EVT_PLAY_PROGRESS"},
    {Play, 2006, 2006, "PLAY_EVT_PLAY_END"},
    {Play, 2007, 2007, "PLAY_EVT_PLAY_LOADING"},
    {Play, 2008, 2008, "PLAY_EVT_START_VIDEO_DECODER"},
    {Play, 2009, 2009, "PLAY_EVT_CHANGE_RESOLUTION"},
    {Play, 2010, 1022, "PLAY_EVT_SNAPSHOT_RESULT"},
    {Play, NONE, 2012, "EVT_PLAY_GET_MESSAGE"},
    {Play, NONE, 2026, "PLAY_EVT_RCV_FIRST_AUDIO_FRAME"},
    {Play, 2101, 2101, "PLAY_WARNING_VIDEO_DECODE_FAIL"},
    {Play, 2102, 2102, "PLAY_WARNING_AUDIO_DECODE_FAIL"},
    {Play, 2103, 2103, "PLAY_WARNING_RECONNECT"},
    {Play, 2104, 2104, "PLAY_WARNING_RECV_DATA_LAG"},
    {Play, 2105, 2105, "PLAY_WARNING_VIDEO_PLAY_LAG"},
    {Play, 2106, 2106, "PLAY_WARNING_HW_ACCELERATION_FAIL"},
    {Play, 2107, 2107, "PLAY_WARNING_VIDEO_DISCONTINUITY"},
    {Play, 2108, 2108, "PLAY_WARNING_FIRST_IDR_HW_DECODE_FAIL"},
    {Play, -2301, -2301, "PLAY_ERR_NET_DISCONNECT"},
    {Play, -2302, -2302, "PLAY_ERR_GET_RTMP_ACC_URL_FAIL"},
    {Play, NONE, -2304, "PLAY_ERR_HEVC_DECODE_FAIL"},
    {Play, NONE, -2307, "PLAY_ERR_STREAM_SWITCH_FAIL"},
    {Play, NONE, -2308, "PLAY_ERR_STREAM_REFUSED"},
    {Play, NONE, -2309, "PLAY_ERR_OTHER"},
    {Play, 3001, 3001, "PLAY_WARNING_DNS_FAIL"},
    {Play, 3002, 3002, "PLAY_WARNING_SEVER_CONN_FAIL"},
    {Play, 3003, 3003, "PLAY_WARNING_SHAKE_FAIL"},
    {Play, 3004, 3004, "PLAY_WARNING_SERVER_DISCONNECT"},
    {Play, NONE, 3005, "PLAY_WARNING_OTHER"},
    {Play, 2013, 2013, "PLAY_EVT_OTHER"},
};

/// What every event has, and that it is the named one of the table.
void checkEvent(const Event &event, Side side, const std::string &name, int nativeCode) {
    CHECK(event.info->name == name);
    CHECK(event.info->side == side);
    CHECK(event.nativeCode == nativeCode);
    REQUIRE(event.params.size() >= 2);
    CHECK(event.params[0].first == "EVT_MSG");
    CHECK_FALSE(event.params[0].second.empty());
    CHECK(event.params[1].first == "EVT_TIME");
    CHECK(std::stoll(event.params[1].second) > 1'500'000'000'000);
}

void checkOlder(classic::Generation generation, const Told &told, int id) {
    FakeClassic fake(generation);
    const classic::Exports exports = fake.exports();
    const classic::SlotTable slots = classic::slotTable();
    RecordingListener listener;
    const auto tell = [&] { fake.tell(id, {{"EVT_PARAM1", "0"}, {"EVT_PARAM2", "text"}}); };
    const std::string url = "rtmp://127.0.0.1/live/a";
    if (told.side == Push) {
        classic::ClassicPusher pusher(exports, slots, {}, listener);
        pusher.startPush(url, {});
        pusher.micVolume(); // all that was posted has run
        tell();
        pusher.micVolume();
    } else {
        classic::ClassicPlayer player(exports, slots, {}, listener);
        player.startPlay(url, engine::PlayType::LiveRtmp, {});
        player.speakerVolume();
        tell();
        player.speakerVolume();
    }
    const std::vector<Event> events = listener.events();
    REQUIRE(events.size() == 1);
    checkEvent(events[0], told.side, told.name, id);
    const std::pair<std::string, std::string> second{"EVT_PARAM2", "text"};
    CHECK(std::find(events[0].params.begin(), events[0].params.end(), second) != events[0].params.end());
}

/// What the current SDK says while a push or a playback runs, by its description, and what the application hears.
template <typename Rig> struct Spoken {
    const char *name;
    /// What the event carries; 0 where the SDK gives no number of its own.
    int nativeCode;
    /// Nothing where the begin of a push or a playback tells it.
    std::function<void(Rig &)> speak;
    Revision since = Revision::R2;
};

using PushSpeech = std::function<void(PushRig &)>;
using PlaySpeech = std::function<void(PlayRig &)>;

/// `method` of the observer, with these arguments.
template <typename... A> PushSpeech pusherTells(const char *method, A... a) {
    return [=](PushRig &rig) { rig.fake.tellPusher(method, a...); };
}
template <typename... A> PlaySpeech playerTells(const char *method, A... a) {
    return [=](PlayRig &rig) { rig.fake.tellPlayer(method, a...); };
}
PushSpeech pushError(int code) { return pusherTells("onError", code, "", nullptr); }
PushSpeech pushWarning(int code) { return pusherTells("onWarning", code, "", nullptr); }
PushSpeech pushStatus(int status) { return pusherTells("onPushStatusUpdate", status, "", nullptr); }
PlaySpeech playError(int code) { return playerTells("onError", code, "", nullptr); }
PlaySpeech playWarning(int code) { return playerTells("onWarning", code, "", nullptr); }

/// One after the other.
template <typename Rig> std::function<void(Rig &)> both(std::function<void(Rig &)> a, std::function<void(Rig &)> b) {
    return [=](Rig &rig) {
        a(rig);
        rig.settle();
        b(rig);
    };
}

PushSpeech pushedSize(int width, int height) {
    return [=](PushRig &rig) {
        const v2::PusherStatistics statistics{1, 2, width, height, 15, 700, 50, 30, 760};
        rig.fake.tellPusher("onStatisticsUpdate", &statistics);
    };
}

PushSpeech deviceChanged(v2::DeviceType type, v2::DeviceState state) {
    return [=](PushRig &rig) {
        test::FakeV2::tell(rig.fake.deviceObserver, rig.fake.order.deviceObserver, "onDeviceChanged", "id",
                           static_cast<int>(type), static_cast<int>(state));
    };
}

void cameraShows(PushRig &rig) {
    engine::VideoSourceOptions camera;
    camera.kind = engine::SourceKind::Camera;
    rig.pusher->startPreview(camera, {});
    rig.settle();
    rig.fake.tellPusher("onCaptureFirstVideoFrame");
}

void cameraStops(PushRig &rig) {
    cameraShows(rig);
    rig.settle();
    rig.pusher->stopPreview({});
}

void startsAgain(PushRig &rig, int answer) {
    rig.pusher->stopPush({});
    rig.settle();
    rig.fake.answers["startPush"] = static_cast<uint64_t>(answer);
    rig.pusher->startPush("rtmp://127.0.0.1/live/a", {});
}

void startsAgain(PlayRig &rig, int answer) {
    rig.player->stopPlay({});
    rig.settle();
    rig.fake.answers["startPlay"] = static_cast<uint64_t>(answer);
    rig.player->startPlay("rtmp://127.0.0.1/live/a", engine::PlayType::LiveRtmp, {});
}

/// A setting is made while the SDK is in another call, and refused by it afterwards.
template <typename Rig>
void setWhileBusy(Rig &rig, auto &object, const char *call, const std::function<void()> &begin) {
    test::Gate gate;
    rig.fake.before[call] = [&] { gate.wait(); };
    rig.fake.answers["setRenderRotation"] = static_cast<uint64_t>(-2);
    begin();
    gate.entered();
    object.setRotation(2);
    gate.open();
    rig.settle();
    rig.fake.before.clear();
}

const std::vector<char> PICTURE(8 * 8 * 4, 100);

void takesSnapshot(PushRig &rig) {
    const std::string path = test::snapshotPath();
    Outcome taken;
    rig.pusher->captureVideoSnapShot(path, taken.completion());
    rig.settle();
    rig.fake.tellPusher("onSnapshotComplete", PICTURE.data(), 256, 8, 8, 2);
    CHECK(taken.code() == std::nullopt);
    std::filesystem::remove(path);
}

void takesSnapshot(PlayRig &rig) {
    const std::string path = test::snapshotPath();
    Outcome taken;
    rig.player->captureVideoSnapShot(path, taken.completion());
    rig.settle();
    rig.fake.tellPlayer("onSnapshotComplete", PICTURE.data(), 256, 8, 8, 2);
    CHECK(taken.code() == std::nullopt);
    std::filesystem::remove(path);
}

void records(PushRig &rig) {
    rig.pusher->startLocalRecord("a.mp4", 0, {});
    rig.settle();
    rig.fake.tellPusher("onLocalRecordBegin", 0, "a.mp4");
    rig.fake.tellPusher("onLocalRecording", int32_t{1000}, "a.mp4");
    rig.fake.tellPusher("onLocalRecordComplete", 0, "a.mp4");
}

void records(PlayRig &rig) {
    rig.player->startLocalRecord("a.mp4", 0, {});
    rig.settle();
    rig.fake.tellPlayer("onLocalRecordBegin", 0, "a.mp4");
    rig.fake.tellPlayer("onLocalRecording", int32_t{1000}, "a.mp4");
    rig.fake.tellPlayer("onLocalRecordComplete", 0, "a.mp4");
}

const std::vector<Spoken<PushRig>> PUSHES{
    {"PUSH_EVT_CONNECT_SUCC", 2, {}},
    {"PUSH_EVT_PUSH_BEGIN", 2, {}},
    {"PUSH_WARNING_RECONNECT", 3, pushStatus(3)},
    {"PUSH_ERR_NET_DISCONNECT", 0, pushStatus(0)},
    {"PUSH_EVT_OPEN_CAMERA_SUCC", 0, cameraShows},
    {"PUSH_EVT_FIRST_FRAME_AVAILABLE", 0, cameraShows},
    {"PUSH_EVT_CAMERA_CLOSED", 0, cameraStops},
    {"PUSH_EVT_CAMERA_REMOVED", 0, deviceChanged(v2::DeviceType::Camera, v2::DeviceState::Remove)},
    {"PUSH_EVT_CAMERA_AVAILABLE", 0, deviceChanged(v2::DeviceType::Camera, v2::DeviceState::Add)},
    {"PUSH_EVT_START_VIDEO_ENCODER", 0, pushedSize(640, 360)},
    {"PUSH_EVT_CHANGE_RESOLUTION", 0, both<PushRig>(pushedSize(640, 360), pushedSize(320, 180))},
    {"PUSH_EVT_SNAPSHOT_RESULT", 0, [](PushRig &rig) { takesSnapshot(rig); }},
    {"PUSH_EVT_LOCAL_RECORD_PROGRESS", 0, [](PushRig &rig) { records(rig); }, Revision::R4},
    {"PUSH_EVT_LOCAL_RECORD_RESULT", 0, [](PushRig &rig) { records(rig); }, Revision::R4},
    {"PUSH_WARNING_NET_BUSY", 1101, pushWarning(1101)},
    {"PUSH_EVT_START_VIDEO_ENCODER", 1104, pushWarning(1104)},
    {"PUSH_ERR_OPEN_CAMERA_FAIL", -1301, pushWarning(-1301)},
    {"PUSH_ERR_CAMERA_NOT_AUTHORIZED", -1314, pushWarning(-1314)},
    {"PUSH_ERR_CAMERA_OCCUPY", -1316, pushWarning(-1316)},
    {"PUSH_ERR_OPEN_MIC_FAIL", -1302, pushWarning(-1302)},
    {"PUSH_ERR_MIC_NOT_AUTHORIZED", -1317, pushWarning(-1317)},
    {"PUSH_ERR_MICROPHONE_OCCUPY", -1319, pushWarning(-1319)},
    {"PUSH_ERR_SCREEN_CAPTURE_START_FAIL", -1308, pushWarning(-1308)},
    {"PUSH_ERR_SCREEN_CAPTURE_UNSUPPORTED", -1309, pushWarning(-1309)},
    {"PUSH_ERR_SCREEN_CAPTURE_INTERRUPTED", -7001, pushWarning(-7001)},
    {"PUSH_ERR_SCREEN_CAPTURE_INTERRUPTED", 0, pusherTells("onScreenCaptureStoped", 1)},
    {"PUSH_ERR_SCREEN_CAPTURE_INTERRUPTED", 0, pusherTells("onScreenCaptureStoped", 2)},
    {"PUSH_WARNING_OTHER", 1199, pushWarning(1199)},
    {"PUSH_ERR_NET_DISCONNECT", -1, pushError(-1)},
    {"PUSH_ERR_INVALID_ADDRESS", -2, [](PushRig &rig) { startsAgain(rig, -2); }},
    {"PUSH_ERR_SERVER_REFUSED", -3, [](PushRig &rig) { startsAgain(rig, -3); }},
    {"PUSH_ERR_LICENCE_REFUSED", -5, [](PushRig &rig) { startsAgain(rig, -5); }},
    {"PUSH_ERR_LICENCE_REFUSED", -5, pushError(-5)},
    {"PUSH_WARNING_SEVER_CONN_FAIL", -6, pushError(-6)},
    {"PUSH_ERR_NET_DISCONNECT", -6, both<PushRig>(pushError(-6), pushStatus(0))},
    {"PUSH_ERR_SERVER_REFUSED", -7, pushError(-7)},
    {"PUSH_ERR_NET_DISCONNECT", -8, pushError(-8)},
    {"PUSH_WARNING_SETTING_REFUSED", -2,
     [](PushRig &rig) { setWhileBusy(rig, *rig.pusher, "stopPush", [&] { rig.pusher->stopPush({}); }); }},
};

const std::vector<Spoken<PlayRig>> PLAYS{
    {"PLAY_EVT_CONNECT_SUCC", 0, {}},
    {"PLAY_EVT_RTMP_STREAM_BEGIN", 0, {}},
    {"PLAY_EVT_START_VIDEO_DECODER", 0, {}},
    {"PLAY_EVT_RCV_FIRST_I_FRAME", 0, {}},
    {"PLAY_EVT_PLAY_BEGIN", 0, {}},
    {"PLAY_EVT_PLAY_BEGIN", 0,
     both<PlayRig>(playerTells("onVideoLoading", nullptr), playerTells("onVideoPlaying", false, nullptr))},
    {"PLAY_EVT_START_VIDEO_DECODER", 2008, playWarning(2008)},
    {"PLAY_EVT_RCV_FIRST_AUDIO_FRAME", 0, playerTells("onAudioPlaying", true, nullptr)},
    {"PLAY_EVT_PLAY_LOADING", 0, playerTells("onVideoLoading", nullptr)},
    {"PLAY_EVT_CHANGE_RESOLUTION", 0, playerTells("onVideoResolutionChanged", 320, 180)},
    {"EVT_PLAY_GET_MESSAGE", 0, playerTells("onReceiveSeiMessage", 242, "hello", 5U)},
    {"PLAY_EVT_SNAPSHOT_RESULT", 0, [](PlayRig &rig) { takesSnapshot(rig); }},
    {"PLAY_EVT_LOCAL_RECORD_PROGRESS", 0, [](PlayRig &rig) { records(rig); }, Revision::R4},
    {"PLAY_EVT_LOCAL_RECORD_RESULT", 0, [](PlayRig &rig) { records(rig); }, Revision::R4},
    {"PLAY_WARNING_VIDEO_PLAY_LAG", 2105, playWarning(2105)},
    {"PLAY_WARNING_OTHER", 2104, playWarning(2104)},
    {"PLAY_ERR_NET_DISCONNECT", -1, playError(-1)},
    {"PLAY_ERR_INVALID_ADDRESS", -2, [](PlayRig &rig) { startsAgain(rig, -2); }},
    {"PLAY_ERR_STREAM_REFUSED", -3, [](PlayRig &rig) { startsAgain(rig, -3); }},
    {"PLAY_ERR_LICENCE_REFUSED", -5, playError(-5)},
    {"PLAY_WARNING_SEVER_CONN_FAIL", -6, playError(-6)},
    {"PLAY_ERR_STREAM_REFUSED", -7, playError(-7)},
    {"PLAY_ERR_NET_DISCONNECT", -8, playError(-8)},
    {"PLAY_ERR_HEVC_DECODE_FAIL", -2304, playError(-2304)},
    {"PLAY_ERR_STREAM_SWITCH_FAIL", -2, playerTells("onStreamSwitched", "", -2)},
    {"PLAY_WARNING_SETTING_REFUSED", -2,
     [](PlayRig &rig) { setWhileBusy(rig, *rig.player, "stopPlay", [&] { rig.player->stopPlay({}); }); }},
};

template <typename Rig> void checkSpoken(Side side, const std::vector<Spoken<Rig>> &table, void (Rig::*begin)()) {
    for (const Revision revision : test::REVISIONS)
        for (const Spoken<Rig> &row : table) {
            if (revision < row.since)
                continue;
            CAPTURE(static_cast<int>(revision));
            CAPTURE(std::string(row.name));
            Rig rig(revision);
            (rig.*begin)();
            const size_t before = row.speak ? rig.listener.codes().size() : 0;
            if (row.speak)
                row.speak(rig);
            rig.settle();
            std::vector<Event> events = rig.listener.events();
            events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(before));
            std::erase_if(events, [&](const Event &event) { return std::string(event.info->name) != row.name; });
            REQUIRE(events.size() == 1);
            checkEvent(events[0], side, row.name, row.nativeCode == 0 ? events[0].info->code : row.nativeCode);
        }
}

} // namespace

TEST_CASE("older generations: each event of the SDK's description is the named one of the table") {
    for (const Told &told : OLDER) {
        CAPTURE(std::string(told.name));
        if (told.tx2018 != NONE)
            checkOlder(classic::Generation::Tx2018, told, told.tx2018);
        checkOlder(classic::Generation::Interface, told, told.interface);
    }
}

TEST_CASE("v2: whatever the SDK's callbacks tell is the named event of the table") {
    checkSpoken(Push, PUSHES, &PushRig::push);
    checkSpoken(Play, PLAYS, &PlayRig::play);
}

TEST_CASE("v2: what is no news is no event") {
    PushRig push(Revision::R4);
    push.push();
    PlayRig play(Revision::R4);
    play.play();
    const size_t pushed = push.listener.codes().size();
    const size_t played = play.listener.codes().size();
    const PushSpeech quietPushes[] = {pushStatus(1),
                                      pushStatus(2),
                                      pusherTells("onCaptureFirstAudioFrame"),
                                      pusherTells("onScreenCaptureStoped", 0),
                                      deviceChanged(v2::DeviceType::Mic, v2::DeviceState::Remove),
                                      deviceChanged(v2::DeviceType::Camera, v2::DeviceState::Active)};
    for (const PushSpeech &speak : quietPushes)
        speak(push);
    push.settle();
    CHECK(push.listener.codes().size() == pushed);
    const PlaySpeech quietPlays[] = {playerTells("onConnected", nullptr), playerTells("onVideoPlaying", true, nullptr),
                                     playerTells("onAudioLoading", nullptr), playerTells("onStreamSwitched", "", 0)};
    for (const PlaySpeech &speak : quietPlays)
        speak(play);
    play.settle();
    CHECK(play.listener.codes().size() == played);
}

TEST_CASE("every event of the table has a cause in some generation, or is the embedded engine's alone") {
    std::set<std::string> told{"PUSH_WARNING_WINDOW_LOST",     "PLAY_WARNING_WINDOW_LOST",
                               "PUSH_WARNING_MICROPHONE_LOST", "PUSH_EVT_MICROPHONE_AVAILABLE",
                               "PLAY_WARNING_SPEAKER_LOST",    "PLAY_EVT_SPEAKER_AVAILABLE",
                               "PUSH_EVT_KEY_FRAME_WANTED"};
    for (const Told &row : OLDER)
        told.insert(row.name);
    for (const auto &row : PUSHES)
        told.insert(row.name);
    for (const auto &row : PLAYS)
        told.insert(row.name);
    for (const engine::EventInfo &row : engine::eventTable()) {
        CAPTURE(std::string(row.name));
        CHECK(told.contains(row.name));
    }
}
