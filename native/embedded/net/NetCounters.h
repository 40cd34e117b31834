#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "embedded/net/SessionResult.h"

namespace rtcroom::embedded {

/// What a session's thread counts and any thread may read.
class NetCounters {
  public:
    void addSent(size_t bytes) { sent_ += bytes; }
    void addReceived(size_t bytes) { received_ += bytes; }
    void setRtt(double ms) { rttMs_ = ms; }
    void setRttJitter(double ms) { rttJitterMs_ = ms; }
    /// Of this connection; earlier ones' stay counted.
    void setRetransmits(uint64_t packets) { retransmits_ = retransmitsBefore_ + packets; }
    void beginConnection() { retransmitsBefore_ = retransmits_; }
    void setServerAddress(std::string address) {
        const std::lock_guard lock(mutex_);
        serverAddress_ = std::move(address);
    }
    uint64_t sent() const { return sent_; }
    uint64_t received() const { return received_; }
    void fill(NetStats &stats) const {
        stats.bytesSent = sent_;
        stats.bytesReceived = received_;
        stats.rttMs = rttMs_;
        stats.rttJitterMs = rttJitterMs_;
        stats.retransmits = retransmits_;
        const std::lock_guard lock(mutex_);
        stats.serverAddress = serverAddress_;
    }

  private:
    std::atomic<uint64_t> sent_{0};
    std::atomic<uint64_t> received_{0};
    std::atomic<double> rttMs_{0};
    std::atomic<double> rttJitterMs_{0};
    std::atomic<uint64_t> retransmits_{0};
    uint64_t retransmitsBefore_ = 0; // the session's thread only
    mutable std::mutex mutex_;
    std::string serverAddress_;
};

} // namespace rtcroom::embedded
