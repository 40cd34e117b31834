#include <doctest/doctest.h>

#include <future>
#include <vector>

#include "engine/TaskThread.h"

using rtcroom::engine::TaskThread;

TEST_CASE("tasks run in the order in which they were posted") {
    std::vector<int> order;
    {
        TaskThread thread;
        for (int i = 0; i < 1000; ++i)
            thread.post([&order, i] { order.push_back(i); });
    }
    REQUIRE(order.size() == 1000);
    for (int i = 0; i < 1000; ++i)
        CHECK(order[static_cast<size_t>(i)] == i);
}

TEST_CASE("a timed task runs when it is due and is dropped at the end") {
    std::promise<void> ran;
    bool late = false;
    {
        TaskThread thread;
        thread.postAfter(std::chrono::hours(1), [&late] { late = true; });
        thread.postAfter(std::chrono::milliseconds(5), [&ran] { ran.set_value(); });
        CHECK(ran.get_future().wait_for(std::chrono::seconds(5)) == std::future_status::ready);
    }
    CHECK_FALSE(late);
}

TEST_CASE("a task may post further tasks, and they run before the end") {
    int count = 0;
    {
        TaskThread thread;
        thread.post([&] {
            ++count;
            thread.post([&] { ++count; });
        });
    }
    CHECK(count == 2);
}
