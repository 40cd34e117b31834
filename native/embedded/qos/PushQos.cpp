#include "embedded/qos/PushQos.h"

#include <algorithm>
#include <cmath>

namespace rtcroom::embedded {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds updateInterval{50};
// Headers of RTMP, TCP and IP on top of the encoders' bits.
constexpr double overhead = 1.04;
// Smaller steps are the controller's own affair.
constexpr double trifle = 0.02;
constexpr double worthTelling = 0.1;
constexpr seconds tellInterval{1};
constexpr seconds busyInterval{10};

} // namespace

void PushQos::configure(const Settings &settings) {
    const std::lock_guard order(order_);
    News news;
    {
        const std::lock_guard lock(mutex_);
        const bool anew = settings.strategy != settings_.strategy || settings.bitrateKbps != settings_.bitrateKbps;
        settings_ = settings;
        strategy_ = &qosStrategy(settings.strategy);
        controller_.setStrategy(*strategy_);
        ladder_.setTop({settings.size, settings.fps});
        const auto total = [&](int videoKbps) { return (videoKbps + settings.audioKbps) * overhead; };
        if (strategy_->adjustsBitrate)
            controller_.setBounds(total(std::min(settings.minBitrateKbps, settings.maxBitrateKbps)),
                                  total(settings.maxBitrateKbps));
        else
            controller_.setBounds(total(settings.bitrateKbps), total(settings.bitrateKbps));
        if (anew) {
            controller_.setRate(total(settings.bitrateKbps));
            toldKbps_ = 0;
        }
        news.video = decide(updatedAt_);
    }
    tell(news);
}

void PushQos::begin() {
    const std::lock_guard order(order_);
    News news;
    {
        const std::lock_guard lock(mutex_);
        controller_.forgetLink();
        controller_.setRate((settings_.bitrateKbps + settings_.audioKbps) * overhead);
        ladder_ = {};
        ladder_.setTop({settings_.size, settings_.fps});
        toldKbps_ = 0;
        restart();
        news.video = decide(updatedAt_);
    }
    tell(news);
}

void PushQos::connected() {
    const std::lock_guard lock(mutex_);
    controller_.forgetLink();
    restart();
}

void PushQos::restart() {
    meter_.reset();
    busyAt_.reset();
    updatedAt_ = {};
    delayMs_ = 0;
    skipping_ = false;
}

void PushQos::note(const LinkSample &sample) {
    const std::lock_guard order(order_);
    News news;
    {
        const std::lock_guard lock(mutex_);
        if (sample.at - updatedAt_ < updateInterval)
            return;
        updatedAt_ = sample.at;
        meter_.note(sample);
        const LinkMeter::State link = meter_.state();
        delayMs_ = link.delayMs;
        controller_.update(sample.at, link);
        news.video = decide(sample.at);
        if (isBusy(sample.at, link.delayMs))
            news.busyDelayMs = link.delayMs;
        const int change = std::abs(video_.bitrateKbps - toldKbps_);
        if (toldKbps_ == 0) {
            toldKbps_ = video_.bitrateKbps;
        } else if (change > worthTelling * toldKbps_ && sample.at - toldAt_ >= tellInterval) {
            news.bitrateKbps = toldKbps_ = video_.bitrateKbps;
            toldAt_ = sample.at;
        }
    }
    tell(news);
}

std::optional<PushQos::Video> PushQos::decide(Clock::time_point now) {
    const int floor = std::min(settings_.minBitrateKbps, settings_.maxBitrateKbps);
    double kbps = controller_.rate() / overhead - settings_.audioKbps;
    kbps =
        strategy_->adjustsBitrate ? std::clamp<double>(kbps, floor, settings_.maxBitrateKbps) : settings_.bitrateKbps;
    int rounded = static_cast<int>(std::lround(kbps));
    const bool atBound = rounded == floor || rounded == settings_.maxBitrateKbps;
    if (!atBound && std::abs(rounded - video_.bitrateKbps) < trifle * video_.bitrateKbps)
        rounded = video_.bitrateKbps;
    const VideoLadder::Step step = ladder_.update(now, kbps, *strategy_);
    const Video wanted{rounded, step.fps, step.size};
    if (wanted == video_)
        return std::nullopt;
    video_ = wanted;
    return wanted;
}

bool PushQos::isBusy(Clock::time_point now, double delayMs) {
    if (delayMs < strategy_->busyDelayMs) {
        // What dips below for a moment is still the same trouble.
        if (busyAt_ && now - *busyAt_ >= busyInterval)
            busyAt_.reset();
        return false;
    }
    if (busyAt_ && now - *busyAt_ < busyInterval)
        return false;
    busyAt_ = now;
    return true;
}

bool PushQos::admits(int64_t queuedMs) const {
    const std::lock_guard lock(mutex_);
    const int64_t limit = strategy_->skipAfter.count();
    skipping_ = queuedMs > (skipping_ ? limit / 2 : limit);
    return !skipping_;
}

bool PushQos::admitsEncoded(int64_t queuedMs) const {
    const std::lock_guard lock(mutex_);
    const int part = skipping_ ? 2 : 1;
    skipping_ = queuedMs > strategy_->skipAfter.count() / part || delayMs_ > strategy_->busyDelayMs / part;
    return !skipping_;
}

double PushQos::delayMs() const {
    const std::lock_guard lock(mutex_);
    return delayMs_;
}

void PushQos::tell(const News &news) const {
    if (news.video)
        callbacks_.onVideo(*news.video);
    if (news.bitrateKbps)
        callbacks_.onBitrateChanged(*news.bitrateKbps);
    if (news.busyDelayMs)
        callbacks_.onBusy(*news.busyDelayMs);
}

} // namespace rtcroom::embedded
