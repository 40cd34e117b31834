#pragma once

#include <cmath>

#include "embedded/net/TcpInfo.h"

namespace rtcroom::embedded {

/// How unevenly a connection's packets travel, ms: the kernel's mean deviation of the round trip (RFC 6298's RTTVAR),
/// or, where it tells only the round trip, how far that moves, smoothed likewise.
class RoundTripJitter {
  public:
    double note(const TcpInfo &info) {
        if (info.rttDeviationMs > 0)
            jitterMs_ = info.rttDeviationMs;
        // The kernel is asked more often than it measures.
        else if (lastRttMs_ > 0 && info.rttMs > 0 && info.rttMs != lastRttMs_)
            jitterMs_ += (std::abs(info.rttMs - lastRttMs_) - jitterMs_) / 4;
        lastRttMs_ = info.rttMs;
        return jitterMs_;
    }

  private:
    double lastRttMs_ = 0;
    double jitterMs_ = 0;
};

} // namespace rtcroom::embedded
