#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>

#include "../support/RecordingListener.h"
#include "FakeV2.h"
#include "Support.h"
#include "liteav/v2/V2Player.h"
#include "liteav/v2/V2Pusher.h"

namespace rtcroom::test {

using liteav::v2::Revision;
using liteav::v2::SlotTable;
using liteav::v2::V2Player;
using liteav::v2::V2Pusher;

/// A pusher on a library that is made of arrays.
struct PushRig {
    explicit PushRig(Revision revision) : fake(revision), slots(slotTable(revision)), exports(fake.exports()) {
        pusher = std::make_unique<V2Pusher>(exports, slots, engine::PusherOptions{}, listener);
        fake.take();
    }
    ~PushRig() { pusher.reset(); }
    void push() {
        Outcome begun;
        pusher->startPush("rtmp://127.0.0.1/live/a", begun.completion());
        settle();
        fake.tellPusher("onPushStatusUpdate", 1, "", nullptr);
        fake.tellPusher("onPushStatusUpdate", 2, "", nullptr);
        REQUIRE(begun.code() == std::nullopt);
        fake.take();
    }
    /// Everything posted so far has run.
    void settle() { pusher->micVolume(); }
    FakeV2 fake;
    const SlotTable slots;
    const liteav::v2::Exports exports;
    RecordingListener listener;
    std::unique_ptr<V2Pusher> pusher;
};

/// The same of a player.
struct PlayRig {
    explicit PlayRig(Revision revision) : fake(revision), slots(slotTable(revision)), exports(fake.exports()) {
        player = std::make_unique<V2Player>(exports, slots, engine::PlayerOptions{}, listener);
        fake.take();
    }
    ~PlayRig() { player.reset(); }
    void play() {
        Outcome begun;
        player->startPlay("http://127.0.0.1/live/a.flv", engine::PlayType::LiveFlv, begun.completion());
        settle();
        fake.tellPlayer("onConnected", nullptr);
        fake.tellPlayer("onVideoPlaying", true, nullptr);
        REQUIRE(begun.code() == std::nullopt);
        fake.take();
    }
    void settle() { player->enumSpeakers(); }
    FakeV2 fake;
    const SlotTable slots;
    const liteav::v2::Exports exports;
    RecordingListener listener;
    std::unique_ptr<V2Player> player;
};

inline constexpr Revision REVISIONS[] = {Revision::R2, Revision::R3, Revision::R4};

inline std::string snapshotPath() { return ownPath("liteav-snapshot", ".png").string(); }

} // namespace rtcroom::test
