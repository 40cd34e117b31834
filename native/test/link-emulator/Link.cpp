#include "Link.h"

#include <algorithm>
#include <utility>

namespace rtcroom::test {

namespace {

Link::Clock::duration ms(double value) {
    return std::chrono::duration_cast<Link::Clock::duration>(std::chrono::duration<double, std::milli>(value));
}

} // namespace

void Link::push(Packet packet, Clock::time_point now) {
    if (chance(settings_.loss)) {
        ++stats_.lostPackets;
        return;
    }
    // A kbit/s is a bit a millisecond.
    const double roomBytes = settings_.rateKbps * settings_.queueMs / 8;
    if (settings_.rateKbps > 0 && static_cast<double>(queuedBytes_ + packet.size()) > std::max(roomBytes, 3000.0)) {
        ++stats_.droppedPackets;
        return;
    }
    if (queue_.empty())
        freeAt_ = std::max(freeAt_, now);
    queuedBytes_ += packet.size();
    queue_.push_back(std::move(packet));
    transmit(now);
}

void Link::transmit(Clock::time_point now) {
    while (!queue_.empty() && std::max(freeAt_, stalledUntil_) <= now) {
        Packet packet = std::move(queue_.front());
        queue_.pop_front();
        queuedBytes_ -= packet.size();
        stats_.sentBytes += packet.size();
        freeAt_ = std::max(freeAt_, stalledUntil_);
        if (settings_.rateKbps > 0)
            freeAt_ += ms(static_cast<double>(packet.size()) * 8 / settings_.rateKbps);
        auto arrival = freeAt_;
        if (!chance(settings_.reorder)) {
            arrival += ms(settings_.delayMs + settings_.jitterMs * std::uniform_real_distribution(0.0, 1.0)(random_));
            arrival = lastArrival_ = std::max(arrival, lastArrival_);
        }
        underWay_.emplace(arrival, std::move(packet));
    }
}

void Link::run(Clock::time_point now, const std::function<void(const Packet &)> &deliver) {
    transmit(now);
    while (!underWay_.empty() && underWay_.begin()->first <= now) {
        deliver(underWay_.begin()->second);
        underWay_.erase(underWay_.begin());
    }
}

std::optional<Link::Clock::time_point> Link::next() const {
    std::optional<Clock::time_point> out;
    if (!queue_.empty())
        out = std::max(freeAt_, stalledUntil_);
    if (!underWay_.empty())
        out = std::min(out.value_or(Clock::time_point::max()), underWay_.begin()->first);
    return out;
}

Link::Stats Link::stats() const {
    Stats out = stats_;
    if (settings_.rateKbps > 0)
        out.queueMs = static_cast<double>(queuedBytes_) * 8 / settings_.rateKbps;
    return out;
}

} // namespace rtcroom::test
