#include "embedded/DebugView.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "window/NativeWindows.h"

namespace rtcroom::embedded {

using engine::Side;
using engine::Status;

namespace {

/// Whole numbers as such, others with one digit.
std::string numberText(double value) {
    const double tenths = std::round(value * 10);
    std::string text = std::to_string(static_cast<long long>(tenths / 10));
    if (std::fmod(tenths, 10) == 0)
        return text;
    if (tenths < 0 && tenths > -10)
        text = "-0";
    return text + "." + std::to_string(std::abs(static_cast<long long>(std::fmod(tenths, 10))));
}

std::string valueOf(const Status &status, std::string_view key) {
    const auto found = std::ranges::find_if(status, [key](const auto &each) { return each.first == key; });
    if (found == status.end())
        return "-";
    if (const double *number = std::get_if<double>(&found->second))
        return numberText(*number);
    return std::get<std::string>(found->second);
}

std::string brief(Side side, const Status &status) {
    const auto value = [&status](std::string_view key) { return valueOf(status, key); };
    const std::string picture = value("VIDEO_WIDTH") + "x" + value("VIDEO_HEIGHT") + "  " + value("VIDEO_FPS");
    if (side == Side::Push)
        return "push  " + picture + " of " + value("SET_VIDEO_FPS") + " fps\nsent  " + value("NET_SPEED") +
               " kbps  video " + value("VIDEO_BITRATE") + " of " + value("SET_VIDEO_BITRATE") + " kbps\nRTT   " +
               value("RTT") + " ms  queue " + value("QUEUE_DELAY") + " ms  dropped " + value("DROP_SIZE");
    return "play  " + picture + " fps\ngot   " + value("NET_SPEED") + " kbps  video " + value("VIDEO_BITRATE") +
           " kbps\ndelay " + value("PLAY_DELAY") + " ms  cached " + value("CACHE_SIZE") + "  dropped " +
           value("DROP_SIZE");
}

std::string full(Side side, const Status &status) {
    std::string lines = brief(side, status);
    for (const auto &[name, unit] : engine::statusTable()) {
        if (std::ranges::none_of(status, [name](const auto &each) { return std::string_view(each.first) == name; }))
            continue;
        lines += "\n" + std::string(name) + " " + valueOf(status, name);
        if (std::string_view(unit) != "text")
            lines += " " + std::string(unit);
    }
    return lines;
}

} // namespace

void DebugView::setLevel(int level) {
    engine::requireRange("level of the debug view", level, 0, 2);
    if (level != 0)
        window::requireText();
    const std::lock_guard lock(mutex_);
    level_ = static_cast<Level>(level);
    show();
}

void DebugView::update(const Status &status) {
    const std::lock_guard lock(mutex_);
    status_ = status;
    show();
}

void DebugView::idle() {
    const std::lock_guard lock(mutex_);
    status_.reset();
    show();
}

void DebugView::show() {
    if (level_ == Level::Off)
        renderer_.setStatus({});
    else if (!status_)
        renderer_.setStatus(side_ == Side::Push ? "not pushing" : "not playing");
    else
        renderer_.setStatus(level_ == Level::Brief ? brief(side_, *status_) : full(side_, *status_));
}

} // namespace rtcroom::embedded
