#include "liteav/v2/Replay.h"

#include <algorithm>

namespace rtcroom::liteav::v2 {

void Replay::apply(const std::string &key, Setting setting) {
    setting();
    if (std::ranges::find(settings_, key, &std::pair<std::string, Setting>::first) == settings_.end())
        settings_.emplace_back(key, std::move(setting));
    else
        replace(key, std::move(setting));
}

void Replay::replace(const std::string &key, Setting setting) {
    const auto found = std::ranges::find(settings_, key, &std::pair<std::string, Setting>::first);
    if (found != settings_.end())
        found->second = std::move(setting);
}

void Replay::forget(const std::string &key) {
    std::erase_if(settings_, [&](const auto &each) { return each.first == key; });
}

void Replay::again() const {
    for (const auto &[key, setting] : settings_)
        setting();
}

} // namespace rtcroom::liteav::v2
