#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <mutex>
#include <utility>
#include <vector>

#include "test/embedded/Sides.h"
#include "test/support/ScriptedServer.h"

using namespace rtcroom::test;
using rtcroom::embedded::isMedia;

namespace {

using Clock = std::chrono::steady_clock;

struct Arrival {
    Clock::time_point at;
    Message message;
};

bool isConfig(const Message &message) { return message.body.size() > 1 && message.body[1] == 0; }
bool isKeyFrame(const Message &message) { return message.body[0] == 0x17; }

/// The first of that type that is no header.
const Arrival &firstOf(const std::vector<Arrival> &arrivals, MessageType type) {
    const auto found = std::ranges::find_if(
        arrivals, [&](const Arrival &arrival) { return arrival.message.type == type && !isConfig(arrival.message); });
    REQUIRE(found != arrivals.end());
    return *found;
}

} // namespace

TEST_CASE("a reconnect brings the headers again, a key frame first, and times that go on with the clock") {
    constexpr size_t enough = 60;
    std::mutex mutex;
    std::vector<std::vector<Arrival>> connections;
    std::promise<void> done;
    ScriptedServer server([&](Peer &peer) {
        peer.acceptConnect();
        peer.readCommand("publish");
        peer.sendStatus(1, "status", "NetStream.Publish.Start");
        std::vector<Arrival> arrivals;
        while (arrivals.size() < enough) {
            Message message = peer.readMessage();
            if (isMedia(message.type) || message.type == MessageType::DataAmf0)
                arrivals.push_back({Clock::now(), std::move(message)});
        }
        const std::lock_guard lock(mutex);
        connections.push_back(std::move(arrivals));
        if (connections.size() == 2)
            done.set_value();
    });
    auto options = quickPusher();
    options.network.connectRetryIntervalMs = 700;
    Pushing a(options);
    a.openSynthetic();
    a.push(server.url());
    REQUIRE(done.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready);
    const std::lock_guard lock(mutex);
    const std::vector<Arrival> &again = connections[1];
    REQUIRE(again[0].message.type == MessageType::DataAmf0);
    CHECK(again[0].message.timestamp == 0);
    CHECK(*readAmf0(again[0].message.body)[0].string() == "@setDataFrame");
    // Both configurations, in either order, before all else.
    REQUIRE(isConfig(again[1].message));
    REQUIRE(isConfig(again[2].message));
    CHECK(again[1].message.type != again[2].message.type);
    for (const size_t i : {1, 2})
        CHECK(std::ranges::any_of(connections[0], [&](const Arrival &arrival) {
            return arrival.message.type == again[i].message.type && arrival.message.body == again[i].message.body;
        }));
    CHECK(isKeyFrame(firstOf(again, MessageType::Video).message));
    for (const MessageType type : {MessageType::Video, MessageType::Audio}) {
        const Arrival &before = firstOf(connections[0], type), &after = firstOf(connections[1], type);
        const auto realMs = std::chrono::duration<double, std::milli>(after.at - before.at).count();
        const auto streamMs = static_cast<double>(after.message.timestamp) - before.message.timestamp;
        CHECK(streamMs > 700);
        CHECK(streamMs == doctest::Approx(realMs).epsilon(0.15));
        // Headers may be up to a second behind what follows them.
        uint32_t last = 0;
        for (const std::vector<Arrival> &arrivals : connections)
            for (const Arrival &arrival : arrivals)
                if (arrival.message.type == type && !isConfig(arrival.message))
                    CHECK(arrival.message.timestamp >= std::exchange(last, arrival.message.timestamp));
    }
}
