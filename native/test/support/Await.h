#pragma once

#include <chrono>
#include <thread>

namespace rtcroom::test {

/// Whether the condition comes true within 20 s.
template <typename Condition> bool await(Condition condition) {
    const auto giveUp = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition() && std::chrono::steady_clock::now() < giveUp)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return condition();
}

} // namespace rtcroom::test
