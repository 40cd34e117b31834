#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <random>
#include <vector>

#include "embedded/publish/linkSample.h"
#include "embedded/qos/PushQos.h"

namespace rtcroom::test {

using embedded::LinkSample;
using embedded::linkSample;
using embedded::PushQos;
using embedded::QosStrategy;
using embedded::qosStrategy;
using embedded::TcpInfo;
using embedded::VideoLadder;

/// A push over one link in virtual time, 1 ms a step: an encoder that follows the decision, our queue, a kernel with a
/// congestion window, a bottleneck with a tail-drop queue, acknowledgements. No losses but the queue's own.
class VirtualPush {
  public:
    enum class Congestion { Bbr, Cubic };
    /// What the system tells of the connection, and how much it takes: 32 KB unsent, or 64 KB sent and unsent.
    enum class Kernel {
        Linux,
        MacOs,
        Windows,
        /// Windows before 10 1703.
        Silent,
        /// As no system does it: LinkMeter has a way for it.
        RoundTripOnly,
    };
    struct Link {
        double kbps = 600;
        double oneWayMs = 10;
        double queueMs = 500;
    };

    VirtualPush(const PushQos::Settings &settings, Link link, Congestion congestion, Kernel kernel = Kernel::Linux,
                unsigned seed = 7)
        : link_(link), congestion_(congestion), kernel_(kernel), random_(seed),
          qos_({.onVideo = [this](const PushQos::Video &video) { video_ = video; },
                .onBitrateChanged = [this](int) { ++bitrateChanges; },
                .onBusy = [this](double) { ++busy; }}) {
        srtt_ = 2 * link.oneWayMs;
        believedKbps_.note(now(), link.kbps);
        qos_.configure(settings);
        qos_.begin();
        qos_.connected();
    }

    void setLink(const Link &link) { link_ = link; }
    /// Nothing passes.
    void stall(bool on) { stalled_ = on; }
    void run(std::chrono::milliseconds time) {
        for (const auto end = ms_ + time.count(); ms_ < end; ++ms_)
            step();
    }
    const PushQos::Video &video() const { return video_; }

    struct Frame {
        int64_t capturedMs;
        int64_t arrivedMs;
        double latency() const { return static_cast<double>(arrivedMs - capturedMs); }
    };
    /// Frames that were captured since `fromMs` and arrived.
    std::vector<Frame> frames(int64_t fromMs) const {
        std::vector<Frame> out;
        for (const Frame &each : arrived_)
            if (each.capturedMs >= fromMs)
                out.push_back(each);
        return out;
    }
    double latency(double quantile, int64_t fromMs) const {
        std::vector<double> all;
        for (const Frame &each : frames(fromMs))
            all.push_back(each.latency());
        if (all.empty())
            return 1e9;
        std::ranges::sort(all);
        return all[static_cast<size_t>(quantile * static_cast<double>(all.size() - 1))];
    }
    double longestGap(int64_t fromMs) const {
        double out = 0;
        const auto all = frames(fromMs);
        for (size_t i = 1; i < all.size(); ++i)
            out = std::max(out, static_cast<double>(all[i].arrivedMs - all[i - 1].arrivedMs));
        return out;
    }

    struct Mark {
        int64_t ms;
        uint64_t delivered;
    };
    Mark mark() const { return {ms_, delivered_}; }
    /// The share of the link, as it is now, that was used since.
    double used(const Mark &since) const {
        return 8.0 * static_cast<double>(delivered_ - since.delivered) / static_cast<double>(ms_ - since.ms) /
               link_.kbps;
    }

    int bitrateChanges = 0;
    int busy = 0;
    int skipped = 0;

  private:
    struct Piece {
        double bytes;
        int64_t capturedMs;
        bool lastOfFrame;
        int64_t queuedMs;
        int64_t sentMs = 0;
    };
    struct Ack {
        int64_t atMs;
        double bytes;
        double rttMs;
    };

    void step() {
        encode();
        fillKernel();
        transmit();
        acknowledge();
        sample();
    }

    void encode() {
        const double now = static_cast<double>(ms_);
        if (now >= nextAudio_) {
            nextAudio_ += 1024.0 / 48;
            user_.push_back({64.0 * 1024 / 48 / 8, -1, false, ms_});
        }
        if (now < nextFrame_)
            return;
        nextFrame_ += 1000.0 / video_.fps;
        if (!qos_.admits(user_.empty() ? 0 : ms_ - user_.front().queuedMs)) {
            ++skipped;
            return;
        }
        const bool key = now >= nextKey_;
        if (key)
            nextKey_ = now + 1000;
        // A key frame has the bits of five others; the rest of the second pays for it.
        const double mean = video_.bitrateKbps * 1000.0 / 8 / video_.fps;
        const double share = key ? 5.0 : (video_.fps - 5.0) / (video_.fps - 1.0);
        std::uniform_real_distribution<double> noise(0.8, 1.2);
        user_.push_back({mean * share * noise(random_), ms_, true, ms_});
    }

    double userBytes() const {
        double out = 0;
        for (const Piece &each : user_)
            out += each.bytes;
        return out;
    }

    bool kernelTakes() const {
        const bool boundsBoth = kernel_ == Kernel::Windows || kernel_ == Kernel::Silent;
        return boundsBoth ? unsentBytes_ + inflight_ < 64 * 1024 : unsentBytes_ < 32 * 1024;
    }

    void fillKernel() {
        while (!user_.empty() && kernelTakes()) {
            unsent_.push_back(user_.front());
            unsentBytes_ += user_.front().bytes;
            written_ += user_.front().bytes;
            user_.pop_front();
        }
        double window = cwnd_;
        // BBR believes in the fastest delivery of its last ten round trips; here, of two seconds.
        if (congestion_ == Congestion::Bbr)
            window = std::max(4 * 1460.0, 2 * believedKbps_.value() / 8 * 2 * link_.oneWayMs);
        double allowance = congestion_ == Congestion::Bbr ? 1.05 * believedKbps_.value() / 8 + 0.01 : 1e9;
        while (!unsent_.empty() && inflight_ < window && allowance > 0) {
            const double piece = std::min({unsent_.front().bytes, 1460.0, allowance});
            const double limit = link_.kbps / 8 * link_.queueMs;
            if (networkBytes_ + piece > limit) {
                cwnd_ = std::max(4 * 1460.0, cwnd_ * 0.7);
                ssthresh_ = cwnd_;
                return;
            }
            Piece out = unsent_.front();
            out.sentMs = ms_;
            out.lastOfFrame = out.lastOfFrame && piece >= unsent_.front().bytes;
            out.bytes = piece;
            unsent_.front().bytes -= piece;
            if (unsent_.front().bytes <= 0)
                unsent_.pop_front();
            unsentBytes_ -= piece;
            inflight_ += piece;
            networkBytes_ += piece;
            allowance -= piece;
            network_.push_back(out);
        }
    }

    void transmit() {
        if (stalled_)
            return;
        double room = link_.kbps / 8;
        while (room > 0 && !network_.empty()) {
            const double part = std::min(room, network_.front().bytes);
            network_.front().bytes -= part;
            networkBytes_ -= part;
            room -= part;
            const double back = 2 * link_.oneWayMs;
            acks_.push_back(
                {ms_ + std::llround(back), part, static_cast<double>(ms_ - network_.front().sentMs) + back});
            if (network_.front().bytes > 1e-9)
                continue;
            if (network_.front().lastOfFrame && network_.front().capturedMs >= 0)
                arrived_.push_back({network_.front().capturedMs, ms_ + std::llround(link_.oneWayMs)});
            network_.pop_front();
        }
    }

    void acknowledge() {
        while (!acks_.empty() && acks_.front().atMs <= ms_) {
            const auto [at, bytes, rtt] = acks_.front();
            acks_.pop_front();
            inflight_ -= bytes;
            acked_ += bytes;
            delivered_ = static_cast<uint64_t>(acked_);
            if (inflight_ + 3000 > cwnd_)
                cwnd_ += cwnd_ < ssthresh_ ? bytes : 1460 * bytes / cwnd_;
            // Three packets back to back show what the link takes, and each of a paced burst; when the link is full
            // each does, faster or not.
            if (inflight_ >= 3 * 1460 || (congestion_ == Congestion::Bbr && unsentBytes_ > 0))
                deliveryKbps_ = unsentBytes_ > 0 ? link_.kbps : std::max(deliveryKbps_, link_.kbps);
            believedKbps_.note(now(), link_.kbps);
            // An acknowledgement is of two packets.
            srtt_ += (rtt - srtt_) / 8 * bytes / (2 * 1460);
        }
    }

    LinkSample::Clock::time_point now() const {
        return LinkSample::Clock::time_point(std::chrono::milliseconds(ms_ + 1000));
    }

    TcpInfo tcpInfo() const {
        const int inFlight = static_cast<int>(inflight_);
        const int unsent = static_cast<int>(unsentBytes_);
        switch (kernel_) {
        case Kernel::Linux:
            return {.rttMs = srtt_,
                    .unackedBytes = inFlight + unsent,
                    .unsentBytes = unsent,
                    .deliveryKbps = deliveryKbps_};
        case Kernel::MacOs:
            return {.rttMs = srtt_, .unackedBytes = inFlight + unsent};
        case Kernel::Windows:
            return {.rttMs = srtt_, .unackedBytes = inFlight};
        case Kernel::RoundTripOnly:
            return {.rttMs = srtt_};
        case Kernel::Silent:
            break;
        }
        return {};
    }

    void sample() {
        qos_.note(linkSample(tcpInfo(), static_cast<uint64_t>(written_), static_cast<size_t>(userBytes()), now()));
    }

    Link link_;
    const Congestion congestion_;
    const Kernel kernel_;
    std::minstd_rand random_;
    PushQos::Video video_;
    PushQos qos_;
    int64_t ms_ = 0;
    bool stalled_ = false;
    double nextFrame_ = 0, nextAudio_ = 0, nextKey_ = 0;
    std::deque<Piece> user_, unsent_, network_;
    double unsentBytes_ = 0, networkBytes_ = 0, inflight_ = 0, written_ = 0, acked_ = 0;
    double cwnd_ = 14600, ssthresh_ = 1e9, srtt_ = 0;
    uint64_t delivered_ = 0;
    double deliveryKbps_ = 0;
    std::deque<Ack> acks_;
    embedded::SlidingExtreme<std::greater<>> believedKbps_{std::chrono::seconds(2)};
    std::vector<Frame> arrived_;
};

} // namespace rtcroom::test
