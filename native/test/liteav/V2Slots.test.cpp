#include <doctest/doctest.h>

#include "FakeV2.h"
#include "liteav/v2/Calls.h"
#include "liteav/v2/Observers.h"

using namespace rtcroom;
using namespace rtcroom::liteav;
using namespace rtcroom::liteav::v2;
using test::FakeV2;
using test::Names;

namespace {

constexpr Revision REVISIONS[] = {Revision::R2, Revision::R3, Revision::R4};

/// The name that the library gives to what is called through the slot.
std::string called(FakeV2 &fake, FakeV2::Object &object, int slot) {
    fake.take();
    callSlot<uint64_t>(&object, slot, uint64_t{0}, uint64_t{0}, uint64_t{0}, uint64_t{0});
    return fake.take().at(0);
}

/// Every row is right and, moved by one either way, wrong.
template <size_t N>
void checkRows(FakeV2 &fake, FakeV2::Object &object, const std::array<SlotRow, N> &rows, size_t revision) {
    for (const SlotRow &row : rows) {
        const int slot = row.slots[revision];
        CAPTURE(row.method);
        if (slot == ABSENT) {
            CHECK(std::find(object.order->begin(), object.order->end(), row.method) == object.order->end());
            continue;
        }
        CHECK(called(fake, object, slot) == row.method);
        CHECK(called(fake, object, slot + 1) != row.method);
        if (slot > 0)
            CHECK(called(fake, object, slot - 1) != row.method);
    }
}

/// Notes what is told.
struct NotingSinks final : PusherSink, PlayerSink {
    Names told;
    void onError(int, const char *) override { told.push_back("onError"); }
    void onWarning(int, const char *) override { told.push_back("onWarning"); }
    void onCaptureFirstAudioFrame() override { told.push_back("onCaptureFirstAudioFrame"); }
    void onCaptureFirstVideoFrame() override { told.push_back("onCaptureFirstVideoFrame"); }
    void onMicrophoneVolume(int) override { told.push_back("onMicrophoneVolumeUpdate"); }
    void onPushStatus(int, const char *) override { told.push_back("onPushStatusUpdate"); }
    void onStatistics(const PusherStatistics *) override { told.push_back("onStatisticsUpdate"); }
    void onStatistics(const PlayerStatistics *) override { told.push_back("onStatisticsUpdate"); }
    void onSnapshot(const char *, int, int, int) override { told.push_back("onSnapshotComplete"); }
    void onScreenCaptureStarted() override { told.push_back("onScreenCaptureStarted"); }
    void onScreenCaptureStopped(int) override { told.push_back("onScreenCaptureStoped"); }
    void onRecordBegin(int, const char *) override { told.push_back("onLocalRecordBegin"); }
    void onRecording(long, const char *) override { told.push_back("onLocalRecording"); }
    void onRecordComplete(int, const char *) override { told.push_back("onLocalRecordComplete"); }
    void onDeviceChanged(const char *, int, int) override { told.push_back("onDeviceChanged"); }
    void onResolution(int, int) override { told.push_back("onVideoResolutionChanged"); }
    void onConnected() override { told.push_back("onConnected"); }
    void onVideoPlaying(bool) override { told.push_back("onVideoPlaying"); }
    void onAudioPlaying(bool) override { told.push_back("onAudioPlaying"); }
    void onVideoLoading() override { told.push_back("onVideoLoading"); }
    void onAudioLoading() override { told.push_back("onAudioLoading"); }
    void onPlayoutVolume(int) override { told.push_back("onPlayoutVolumeUpdate"); }
    void onVideoFrame(const VideoFrame *) override { told.push_back("onRenderVideoFrame"); }
    void onAudioFrame(const AudioFrame *) override { told.push_back("onPlayoutAudioFrame"); }
    void onSei(int, const uint8_t *, uint32_t) override { told.push_back("onReceiveSeiMessage"); }
    void onStreamSwitched(int) override { told.push_back("onStreamSwitched"); }
};

/// Callbacks that are told to nobody: the padding takes them.
const Names UNUSED{"destructor",          "onGLContextCreated", "onGLContextDestroyed",
                   "onProcessVideoFrame", "onRenderVideoFrame", "onPictureInPictureStateUpdate"};

template <typename MakeObserver, size_t N>
void checkCallbacks(const std::array<SlotRow, N> &rows, size_t revision, const Names &order, const Names &unused,
                    MakeObserver make) {
    for (size_t i = 0; i < N; ++i) {
        const int slot = rows[i].slots[revision];
        if (slot == ABSENT)
            continue;
        const std::string name = rows[i].method;
        CAPTURE(name);
        const bool isUnused = std::find(unused.begin(), unused.end(), name) != unused.end();
        for (const int shift : {0, 1, -1}) {
            CAPTURE(shift);
            if (slot + shift < 0)
                continue;
            const Names told = make(i, slot + shift, [&](void *observer) {
                FakeV2::tell(observer, order, name.c_str(), uint64_t{0}, uint64_t{0}, uint64_t{0}, uint64_t{0},
                             uint64_t{0});
            });
            if (isUnused)
                CHECK((shift != 0 || told.empty()));
            else
                CHECK((told == Names{name}) == (shift == 0));
        }
    }
}

} // namespace

TEST_CASE("v2: every slot of every revision calls its method, and a shifted one another") {
    for (const Revision revision : REVISIONS) {
        FakeV2 fake(revision);
        fake.namesOnly = true;
        const auto column = static_cast<size_t>(revision);
        CAPTURE(column);
        checkRows(fake, fake.pusher, PusherSlotRows, column);
        checkRows(fake, fake.player, PlayerSlotRows, column);
        checkRows(fake, fake.manager, DeviceManagerSlotRows, column);
        checkRows(fake, fake.deviceList, DeviceCollectionSlotRows, column);
        checkRows(fake, fake.sourceList, SourceListSlotRows, column);
        checkRows(fake, fake.effects, AudioEffectsSlotRows, column);
    }
}

TEST_CASE("v2: every callback arrives as itself, and through a shifted table it does not") {
    for (const Revision revision : REVISIONS) {
        const auto column = static_cast<size_t>(revision);
        CAPTURE(column);
        const test::V2Order order = test::v2Order(revision);
        checkCallbacks(PusherObserverSlotRows, column, order.pusherObserver, UNUSED,
                       [&](size_t row, int slot, auto fire) {
                           SlotTable slots = slotTable(revision);
                           slots.pusherObserver.slots[row] = slot;
                           NotingSinks sinks;
                           const auto observer = makePusherObserver(slots, sinks);
                           fire(observer->object());
                           return sinks.told;
                       });
        Names unusedByPlayer{"destructor", "onPictureInPictureStateUpdate"};
        checkCallbacks(PlayerObserverSlotRows, column, order.playerObserver, unusedByPlayer,
                       [&](size_t row, int slot, auto fire) {
                           SlotTable slots = slotTable(revision);
                           slots.playerObserver.slots[row] = slot;
                           NotingSinks sinks;
                           const auto observer = makePlayerObserver(slots, sinks);
                           fire(observer->object());
                           return sinks.told;
                       });
        checkCallbacks(DeviceObserverSlotRows, column, order.deviceObserver, {"destructor"},
                       [&](size_t row, int slot, auto fire) {
                           SlotTable slots = slotTable(revision);
                           slots.deviceObserver.slots[row] = slot;
                           NotingSinks sinks;
                           const auto observer = makeDeviceObserver(slots, sinks);
                           fire(observer->object());
                           return sinks.told;
                       });
    }
}

TEST_CASE("v2: an observer has something to call far beyond its last callback, and after it was shut") {
    NotingSinks sinks;
    const auto observer = makePusherObserver(slotTable(Revision::R2), sinks);
    void **const table = *static_cast<void ***>(observer->object());
    for (size_t slot = 13; slot < 32; ++slot)
        CHECK(reinterpret_cast<int (*)(void *)>(table[slot])(observer->object()) == 0);
    observer->shut();
    reinterpret_cast<void (*)(void *)>(table[4])(observer->object());
    CHECK(sinks.told.empty());
}

TEST_CASE("v2: an unknown revision has the invariant slots and no others") {
    const SlotTable unknown = slotTable(Revision::Unknown);
    for (size_t i = 0; i < PusherSlotRows.size(); ++i) {
        CAPTURE(PusherSlotRows[i].method);
        const auto &slots = PusherSlotRows[i].slots;
        const bool shared = slots[0] >= 0 && slots[0] <= 21;
        CHECK(unknown.pusher.slots[i] == (shared ? slots[0] : ABSENT));
    }
    CHECK_FALSE(unknown.player.has(PlayerSlot::startPlay));
    CHECK_FALSE(unknown.pusherObserver.has(PusherObserverSlot::onSnapshotComplete));
    CHECK(unknown.playerObserver.has(PlayerObserverSlot::onStreamSwitched));
    CHECK_FALSE(unknown.devices.has(DeviceManagerSlot::getDevicesList));
}

TEST_CASE("a slot that is absent is refused") {
    FakeV2 fake(Revision::R2);
    CHECK_THROWS_AS(callSlot<int>(&fake.pusher, ABSENT), engine::EngineException);
    CHECK_THROWS_AS(callSlot<int>(nullptr, 0), engine::EngineException);
}
