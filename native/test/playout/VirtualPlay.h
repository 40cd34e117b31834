#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "embedded/playout/JitterBuffer.h"

namespace rtcroom::test {

using embedded::EncodedPacket;
using embedded::JitterBuffer;
using embedded::MediaKind;
using embedded::PlayoutSettings;

/// A playback in virtual time, 1 ms a step: a sender of pictures and sound, an ordered network that holds each unit up
/// as it is told, the jitter buffer, decoders that take what is due at once.
class VirtualPlay {
  public:
    explicit VirtualPlay(const PlayoutSettings &settings) { buffer.configure(settings); }

    /// How long a unit that is sent at that time takes, ms. Order is kept: none arrives before the one sent before.
    std::function<double(double sentMs)> network = [](double) { return 20.0; };
    double pictureMs = 1000.0 / 30;
    int gop = 30;
    /// 0: without. May change midway.
    bool pictures = true;
    bool sounds = true;
    /// Added to what is sent as time, from now on.
    int64_t stampMs = 0;
    /// A picture's place in time less that of its unit.
    int32_t ctsMs = 0;

    struct Played {
        MediaKind kind;
        double sentMs;
        double arrivedMs;
        double playedMs;
        /// Made faster.
        bool fast;
        double latency() const { return playedMs - sentMs; }
        double waited() const { return playedMs - arrivedMs; }
    };

    void run(double ms) {
        for (const double end = nowMs + ms; nowMs < end; nowMs += 1)
            step();
    }

    std::vector<Played> played(MediaKind kind, double fromMs = 0) const {
        std::vector<Played> out;
        for (const Played &each : played_)
            if (each.kind == kind && each.playedMs >= fromMs)
                out.push_back(each);
        return out;
    }
    double quantile(double share, double fromMs, double (Played::*value)() const = &Played::latency) const {
        std::vector<double> all;
        for (const Played &each : played_)
            if (each.playedMs >= fromMs)
                all.push_back((each.*value)());
        if (all.empty())
            return 1e9;
        std::ranges::sort(all);
        return all[static_cast<size_t>(share * static_cast<double>(all.size() - 1))];
    }
    /// Between neighbours as they are played.
    double longestGap(MediaKind kind, double fromMs) const {
        const auto all = played(kind, fromMs);
        double longest = 0;
        for (size_t i = 1; i < all.size(); ++i)
            longest = std::max(longest, all[i].playedMs - all[i - 1].playedMs);
        return longest;
    }
    /// How far the picture on show is from the time of each sound, beyond the time that a picture stays.
    double worstSync(double fromMs) const {
        double worst = 0;
        // Counts when the next picture comes: where there is none any more, nothing is out of step.
        double sinceShown = 0;
        const Played *shown = nullptr;
        for (const Played &each : played_) {
            if (each.playedMs < fromMs)
                continue;
            if (each.kind == MediaKind::Video) {
                if (shown && each.sentMs - shown->sentMs < 1.5 * pictureMs)
                    worst = std::max(worst, sinceShown);
                sinceShown = 0;
                shown = &each;
            } else if (shown) {
                const double ahead = shown->sentMs - each.sentMs;
                sinceShown = std::max({sinceShown, ahead, -ahead - pictureMs});
            }
        }
        return worst;
    }

    double nowMs = 0;
    JitterBuffer buffer;
    size_t sentPictures = 0;
    size_t sentSounds = 0;
    size_t dropped = 0;
    int jumps = 0;
    int dry = 0;
    int resumed = 0;
    double stalledMs = 0;

  private:
    struct Sent {
        EncodedPacket packet;
        double sentMs;
        double arrivesMs;
    };

    void send(MediaKind kind, bool key) {
        EncodedPacket packet;
        packet.kind = kind;
        packet.keyFrame = key;
        packet.ctsMs = kind == MediaKind::Video ? ctsMs : 0;
        packet.dtsMs = static_cast<int64_t>(std::llround(nowMs)) + stampMs;
        lastArrivalMs_ = std::max(lastArrivalMs_, nowMs + network(nowMs));
        sent_.push_back({packet, nowMs, lastArrivalMs_});
    }

    void step() {
        if (nowMs >= nextPicture_) {
            nextPicture_ += pictureMs;
            if (pictures)
                send(MediaKind::Video, sentPictures++ % static_cast<size_t>(gop) == 0);
        }
        if (nowMs >= nextSound_) {
            nextSound_ += 1024.0 / 48;
            if (sounds) {
                send(MediaKind::Audio, true);
                ++sentSounds;
            }
        }
        for (; !sent_.empty() && sent_.front().arrivesMs <= nowMs; sent_.pop_front()) {
            const Sent &unit = sent_.front();
            const auto pushed = buffer.push(unit.packet, nowMs);
            dropped += pushed.videoDropped + pushed.audioDropped;
            jumps += pushed.videoJumped;
            stalledMs = std::max(stalledMs, pushed.stalledMs);
            waiting_.push_back(unit);
        }
        if (const auto dryIn = buffer.dryInMs(nowMs); dryIn && *dryIn <= 0) {
            buffer.noteDry();
            ++dry;
        }
        for (const MediaKind kind : {MediaKind::Video, MediaKind::Audio})
            play(kind);
    }

    void play(MediaKind kind) {
        for (;;) {
            const bool wasDry = buffer.dry();
            const auto next = buffer.next(kind, nowMs);
            if (!next.entry)
                return;
            resumed += wasDry && !buffer.dry();
            if (!next.entry->coded())
                continue;
            const auto unit = std::ranges::find_if(waiting_, [&](const Sent &each) {
                return each.packet.kind == kind && each.packet.dtsMs == next.entry->packet.dtsMs;
            });
            played_.push_back({kind, unit->sentMs, unit->arrivesMs, nowMs, buffer.rate(nowMs) > 1});
            waiting_.erase(unit);
        }
    }

    double nextPicture_ = 0;
    double nextSound_ = 0;
    double lastArrivalMs_ = 0;
    std::deque<Sent> sent_;
    std::deque<Sent> waiting_;
    std::vector<Played> played_;
};

} // namespace rtcroom::test
