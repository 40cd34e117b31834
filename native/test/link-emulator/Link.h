#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <vector>

namespace rtcroom::test {

/// One direction of a network path: a queue before a transmitter of a certain rate, then the way itself.
class Link {
  public:
    using Clock = std::chrono::steady_clock;
    using Packet = std::vector<uint8_t>;

    struct Settings {
        double delayMs = 0;
        /// Added to the delay, evenly from 0 to this; packets keep their order.
        double jitterMs = 0;
        /// Of 1; each packet for itself.
        double loss = 0;
        /// Of 1; such a packet goes without delay, ahead of those before it.
        double reorder = 0;
        /// 0: without end.
        double rateKbps = 0;
        /// What the queue holds, as time at that rate; what comes to a full queue is dropped.
        double queueMs = 1000;
    };
    struct Stats {
        uint64_t sentBytes = 0;
        uint64_t lostPackets = 0;
        uint64_t droppedPackets = 0;
        double queueMs = 0;
    };

    void set(const Settings &settings) { settings_ = settings; }
    const Settings &settings() const { return settings_; }
    /// Nothing is transmitted until then; what is on its way arrives.
    void stallUntil(Clock::time_point time) { stalledUntil_ = time; }

    void push(Packet packet, Clock::time_point now);
    /// Hands out what has arrived by now.
    void run(Clock::time_point now, const std::function<void(const Packet &)> &deliver);
    /// When run() has something to do next; none without packets.
    std::optional<Clock::time_point> next() const;
    Stats stats() const;

  private:
    void transmit(Clock::time_point now);
    bool chance(double share) { return share > 0 && std::uniform_real_distribution(0.0, 1.0)(random_) < share; }

    Settings settings_;
    Stats stats_;
    std::deque<Packet> queue_;
    size_t queuedBytes_ = 0;
    Clock::time_point freeAt_{};
    Clock::time_point stalledUntil_{};
    Clock::time_point lastArrival_{};
    std::multimap<Clock::time_point, Packet> underWay_;
    /// The same losses in each run of the same traffic.
    std::mt19937 random_{1};
};

} // namespace rtcroom::test
