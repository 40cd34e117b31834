#include "embedded/qos/VideoLadder.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace rtcroom::embedded {

namespace {

// Bits for each pixel: below the first x264's baseline profile shows blocks on a moving face, at the second it does
// not.
constexpr double poor = 0.035;
constexpr double good = 0.06;

constexpr std::array fpsSteps{1.0, 2.0 / 3, 1.0 / 2};
constexpr std::array sizeSteps{1.0, 3.0 / 4, 1.0 / 2, 3.0 / 8};
// A call below these is no call.
constexpr int lowestFps = 8;
constexpr int lowestSide = 120;

double bitsPerPixel(double kbps, const VideoLadder::Step &step) {
    return kbps * 1000 / (static_cast<double>(step.size.width) * step.size.height * step.fps);
}

int even(double length) { return 2 * static_cast<int>(std::lround(length / 2)); }

} // namespace

void VideoLadder::setTop(const Step &full) {
    if (full == top_)
        return;
    top_ = full;
    level_ = 0;
    roomSince_.reset();
}

std::optional<VideoLadder::Step> VideoLadder::at(int level, const QosStrategy &strategy) const {
    if (level == 0)
        return top_;
    const int floor = std::min(lowestFps, top_.fps);
    int slower = 0;
    if (strategy.adjustsFps)
        while (slower + 1 < static_cast<int>(fpsSteps.size()) && top_.fps * fpsSteps[slower + 1] >= floor)
            ++slower;
    const auto fps = [&](int step) { return static_cast<int>(std::lround(top_.fps * fpsSteps[step])); };
    if (level <= slower)
        return Step{top_.size, fps(level)};
    const size_t smaller = static_cast<size_t>(level - slower);
    if (!strategy.adjustsSize || smaller >= sizeSteps.size())
        return std::nullopt;
    const engine::Size size{even(top_.size.width * sizeSteps[smaller]), even(top_.size.height * sizeSteps[smaller])};
    if (std::min(size.width, size.height) < lowestSide)
        return std::nullopt;
    return Step{size, fps(slower)};
}

VideoLadder::Step VideoLadder::update(Clock::time_point now, double videoKbps, const QosStrategy &strategy) {
    // Of another strategy, perhaps.
    while (!at(level_, strategy))
        --level_;
    for (auto step = at(level_, strategy); bitsPerPixel(videoKbps, *step) < poor;) {
        step = at(level_ + 1, strategy);
        if (!step)
            break;
        ++level_;
        roomSince_.reset();
    }
    if (level_ > 0 && bitsPerPixel(videoKbps, *at(level_ - 1, strategy)) >= good) {
        if (!roomSince_)
            roomSince_ = now;
        if (now - *roomSince_ >= strategy.stepUpAfter) {
            --level_;
            roomSince_.reset();
        }
    } else {
        roomSince_.reset();
    }
    return *at(level_, strategy);
}

} // namespace rtcroom::embedded
