#include "embedded/publish/RtmpPublishSession.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

#include "embedded/net/Interrupt.h"
#include "embedded/net/NetCounters.h"
#include "embedded/net/Progress.h"
#include "embedded/net/RoundTripJitter.h"
#include "embedded/net/SessionFailure.h"
#include "embedded/net/TcpInfo.h"
#include "embedded/publish/FlvStreamWriter.h"
#include "embedded/publish/SendQueue.h"
#include "embedded/publish/linkSample.h"
#include "embedded/rtmp/RtmpConnection.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

// Packets leave the queue, where they can still be dropped, only when less than this waits for the kernel.
constexpr size_t commitAheadBytes = 16 * 1024;
// How often a connection is looked at while bytes are on their way.
constexpr std::chrono::milliseconds checkInterval{50};

/// Whether the peer takes what we write: within the limit, all of what waited for it at its beginning or a good part
/// of that. What only our own kernel took, such as answers to pings, is nothing.
class DrainWatch {
  public:
    explicit DrainWatch(std::chrono::milliseconds limit) : limit_(limit), moved_(Deadline::Clock::now()) {}

    /// `sent` went to the kernel in all, `unsent` waits before it.
    void note(const TcpInfo &info, uint64_t sent, size_t unsent) {
        const uint64_t taken = sent - std::min<uint64_t>(sent, static_cast<uint64_t>(info.unackedBytes));
        const uint64_t given = sent + unsent;
        waiting_ = taken < given;
        if (taken < wanted_)
            return;
        moved_ = Deadline::Clock::now();
        wanted_ = std::min(given, taken + minProgressBytes);
    }
    bool stalled() const { return waiting_ && Deadline::Clock::now() - moved_ >= limit_; }
    Deadline nextCheck() const {
        return waiting_ ? Deadline::in(checkInterval).earlier(Deadline(moved_ + limit_)) : Deadline::never();
    }

  private:
    const std::chrono::milliseconds limit_;
    Deadline::Clock::time_point moved_;
    uint64_t wanted_ = 0;
    bool waiting_ = false;
};

} // namespace

class RtmpPublishSession::Impl {
  public:
    Impl(Callbacks callbacks, const engine::NetworkOptions &options, std::vector<CodecId> enhanced)
        : callbacks_(std::move(callbacks)), options_(options), enhanced_(std::move(enhanced)) {}

    SessionResult run(const std::string &url) {
        SessionResult result;
        const bool lostEarlier = published_;
        publishing_ = false;
        try {
            interrupt_.throwIfStopped();
            runConnection(StreamUrl::parse(url));
        } catch (const SessionFailure &failure) {
            result = failure.result();
            if (lostEarlier && !publishing_ && result.serverCode == "NetStream.Publish.BadName") {
                result.end = SessionEnd::NameTaken;
                result.message += "; it may still hold the connection that was lost";
            }
        } catch (const engine::EngineException &error) {
            result = {SessionEnd::InvalidUrl, error.what(), {}};
        } catch (const std::exception &error) {
            // Out of memory or of file descriptors: as good as a lost connection, and worth another try.
            result = {SessionEnd::ConnectFailed, std::string("the session broke off: ") + error.what(), {}};
        }
        queue_.close();
        return result;
    }

    void stop() { interrupt_.stop(); }
    void setNearestAddress(bool nearest) { nearest_ = nearest; }
    void noteNetworkChange() { interrupt_.noteNetworkChange(); }
    bool hasNewRoute() { return interrupt_.path().hasNewRoute(); }
    void reset() {
        queue_.forgetConfigs();
        published_ = false;
        interrupt_.reset();
    }

    void send(EncodedPacket packet) {
        const auto result = queue_.push(std::move(packet));
        if (result != SendQueue::PushResult::Discarded)
            interrupt_.wake();
        if (result == SendQueue::PushResult::KeyFrameWanted && keyFrameWanted_)
            keyFrameWanted_();
    }

    void onKeyFrameWanted(std::function<void()> callback) { keyFrameWanted_ = std::move(callback); }

    NetStats stats() const {
        NetStats out;
        counters_.fill(out);
        const SendQueue::State queue = queue_.state();
        out.queuedPackets = queue.packets;
        out.queuedMs = queue.ageMs;
        out.droppedPackets = queue.dropped;
        return out;
    }

    int64_t queuedMs() const { return queue_.state().ageMs; }

  private:
    void runConnection(const StreamUrl &url) {
        const auto deadline = Deadline::in(std::chrono::milliseconds(options_.connectTimeoutMs));
        RtmpConnection connection(url, SessionRole::Publish, options_, interrupt_, counters_, enhanced_,
                                  nearest_ ? AddressChoice::Nearest : AddressChoice::Preferred);
        connection.open(deadline);
        if (callbacks_.onConnected)
            callbacks_.onConnected();
        connection.startStream(deadline);
        while (!connection.started()) {
            connection.flush();
            if (connection.wait(deadline).readable)
                connection.receive(ignoreMessage);
            if (!connection.started() && deadline.passed())
                throw SessionFailure(SessionEnd::HandshakeFailed,
                                     connection.server() + " did not answer the publish in time");
        }
        published_ = publishing_ = true;
        counters_.beginConnection();
        queue_.open();
        if (callbacks_.onPublishing)
            callbacks_.onPublishing();
        if (keyFrameWanted_)
            keyFrameWanted_();
        try {
            pump(connection);
        } catch (const SessionFailure &failure) {
            if (failure.result().end == SessionEnd::Stopped)
                connection.sayGoodbye();
            throw;
        }
    }

    [[noreturn]] void pump(RtmpConnection &connection) {
        FlvStreamWriter writer(connection);
        const uint64_t sentBefore = counters_.sent();
        RoundTripJitter jitter;
        DrainWatch watch{std::chrono::milliseconds(options_.dataTimeoutMs)};
        for (;;) {
            bool drained = false;
            do {
                while (connection.unsent() < commitAheadBytes) {
                    const auto packet = queue_.pop();
                    if (!packet)
                        break;
                    writer.write(*packet);
                }
                drained = connection.flush();
            } while (drained && !queue_.empty());

            const TcpInfo info = tcpInfo(connection.fd());
            counters_.setRtt(info.rttMs);
            counters_.setRttJitter(jitter.note(info));
            counters_.setRetransmits(info.retransmits);
            if (callbacks_.onLink)
                callbacks_.onLink(linkSample(info, counters_.sent() - sentBefore,
                                             queue_.state().bytes + connection.unsent(), LinkSample::Clock::now()));
            watch.note(info, counters_.sent(), connection.unsent());
            if (watch.stalled())
                throw SessionFailure(SessionEnd::NoData, connection.server() + " has taken no data for " +
                                                             std::to_string(options_.dataTimeoutMs) + " ms");
            if (connection.wait(watch.nextCheck()).readable)
                connection.receive(ignoreMessage);
        }
    }

    static void ignoreMessage(Message &) {}

    const Callbacks callbacks_;
    const engine::NetworkOptions options_;
    const std::vector<CodecId> enhanced_;
    std::function<void()> keyFrameWanted_;
    std::atomic<bool> nearest_{true};
    Interrupt interrupt_;
    NetCounters counters_;
    SendQueue queue_;
    // run()'s thread only, and reset() between runs. Some run since reset() published; this one does.
    bool published_ = false;
    bool publishing_ = false;
};

RtmpPublishSession::RtmpPublishSession(Callbacks callbacks, const engine::NetworkOptions &options,
                                       std::vector<CodecId> enhanced)
    : impl_(std::make_unique<Impl>(std::move(callbacks), options, std::move(enhanced))) {}
RtmpPublishSession::~RtmpPublishSession() = default;
SessionResult RtmpPublishSession::run(const std::string &url) { return impl_->run(url); }
void RtmpPublishSession::stop() { impl_->stop(); }
void RtmpPublishSession::reset() { impl_->reset(); }
void RtmpPublishSession::setNearestAddress(bool nearest) { impl_->setNearestAddress(nearest); }
void RtmpPublishSession::noteNetworkChange() { impl_->noteNetworkChange(); }
bool RtmpPublishSession::hasNewRoute() { return impl_->hasNewRoute(); }
void RtmpPublishSession::send(EncodedPacket packet) { impl_->send(std::move(packet)); }
void RtmpPublishSession::onKeyFrameWanted(std::function<void()> callback) {
    impl_->onKeyFrameWanted(std::move(callback));
}
NetStats RtmpPublishSession::stats() const { return impl_->stats(); }
int64_t RtmpPublishSession::queuedMs() const { return impl_->queuedMs(); }

} // namespace rtcroom::embedded
