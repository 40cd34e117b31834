#include <doctest/doctest.h>

#include <set>
#include <string>

#include "engine/Error.h"
#include "engine/Event.h"
#include "engine/Status.h"

using namespace rtcroom::engine;

TEST_CASE("an event's number and name occur once on a side") {
    std::set<std::pair<int, int>> codes;
    std::set<std::string> names;
    for (const EventInfo &row : eventTable()) {
        CAPTURE(row.name);
        CHECK(codes.emplace(static_cast<int>(row.side), row.code).second);
        CHECK(names.emplace(row.name).second);
        CHECK(std::string(row.meaning).size() > 5);
    }
}

TEST_CASE("an event's name tells its side and its sign its severity") {
    for (const EventInfo &row : eventTable()) {
        CAPTURE(row.name);
        const std::string name = row.name;
        const bool push = name.starts_with("PUSH_");
        CHECK(push == (row.side == Side::Push));
        CHECK((row.code < 0) == (row.severity == Severity::Error));
        CHECK((name.find("_WARNING_") == std::string::npos || row.severity == Severity::Warning));
    }
}

TEST_CASE("the network warnings have one number on both sides") {
    for (const int code : {3001, 3002, 3003, 3004}) {
        const std::string push = eventInfo(Side::Push, code).name;
        const std::string play = eventInfo(Side::Play, code).name;
        CHECK(push.substr(5) == play.substr(5));
    }
}

TEST_CASE("an unknown event number is refused") {
    CHECK_THROWS_AS(eventInfo(Side::Push, 2001), EngineException);
    CHECK_THROWS_AS(makeEvent(Side::Play, 4711), EngineException);
}

TEST_CASE("an event carries its message, its time and further parameters") {
    const Event event = makeEvent(Side::Play, event::PLAY_EVT_CHANGE_RESOLUTION, {}, {{"EVT_PARAM1", "640"}});
    REQUIRE(event.params.size() == 3);
    CHECK(event.params[0].first == "EVT_MSG");
    CHECK(event.params[0].second == event.info->meaning);
    CHECK(event.params[1].first == "EVT_TIME");
    CHECK(std::stoll(event.params[1].second) > 1'500'000'000'000);
    CHECK(event.params[2].second == "640");
    CHECK(makeEvent(Side::Push, 1002, "said so").params[0].second == "said so");
}

TEST_CASE("status keys are unique and have a unit") {
    std::set<std::string> names;
    for (const StatusKey &key : statusTable()) {
        CHECK(names.emplace(key.name).second);
        CHECK(std::string(key.unit).size() > 0);
    }
}
