#include "embedded/receive/PlaySession.h"

#include <exception>
#include <utility>

#include "embedded/media/Codecs.h"
#include "embedded/net/Interrupt.h"
#include "embedded/net/NetCounters.h"
#include "embedded/net/Progress.h"
#include "embedded/net/SessionFailure.h"
#include "embedded/net/TcpInfo.h"
#include "embedded/receive/FlvConnection.h"
#include "embedded/rtmp/FlvTags.h"
#include "embedded/rtmp/RtmpConnection.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

constexpr std::chrono::milliseconds rttInterval{500};

/// Beyond H.264 and AAC.
std::vector<CodecId> decodable() {
    std::vector<CodecId> out{CodecId::Hevc, CodecId::Av1, CodecId::Vp9, CodecId::Opus};
    std::erase_if(out, [](CodecId codec) { return findDecoder(codec) == nullptr; });
    return out;
}

} // namespace

class PlaySession::Impl {
  public:
    Impl(Callbacks callbacks, const engine::NetworkOptions &options)
        : callbacks_(std::move(callbacks)), options_(options) {}

    SessionResult run(const std::string &url) {
        try {
            interrupt_.throwIfStopped();
            if (HttpUrl::recognises(url)) {
                FlvConnection connection(HttpUrl::parse(url), options_, interrupt_, counters_);
                runConnection(connection);
            }
            RtmpConnection connection(StreamUrl::parse(url), SessionRole::Play, options_, interrupt_, counters_,
                                      decodable());
            runConnection(connection);
        } catch (const SessionFailure &failure) {
            return failure.result();
        } catch (const engine::EngineException &error) {
            return {SessionEnd::InvalidUrl, error.what(), {}};
        } catch (const std::exception &error) {
            // Out of memory or of file descriptors: as good as a lost connection, and worth another try.
            return {SessionEnd::ConnectFailed, std::string("the session broke off: ") + error.what(), {}};
        }
    }

    void stop() { interrupt_.stop(); }
    void noteNetworkChange() { interrupt_.noteNetworkChange(); }
    bool hasNewRoute() { return interrupt_.path().hasNewRoute(); }
    void reset() { interrupt_.reset(); }

    NetStats stats() const {
        NetStats out;
        counters_.fill(out);
        return out;
    }

  private:
    [[noreturn]] void runConnection(StreamConnection &connection) {
        const auto deadline = Deadline::in(std::chrono::milliseconds(options_.connectTimeoutMs));
        connection.open(deadline);
        if (callbacks_.onConnected)
            callbacks_.onConnected();
        connection.startStream(deadline);
        try {
            receive(connection, deadline);
        } catch (const SessionFailure &failure) {
            if (failure.result().end == SessionEnd::Stopped)
                connection.sayGoodbye();
            throw;
        }
    }

    [[noreturn]] void receive(StreamConnection &connection, const Deadline &startDeadline) {
        const std::chrono::milliseconds patience(options_.dataTimeoutMs);
        FlvTagReader reader;
        bool begun = false;
        bool gotMedia = false;
        uint64_t mediaBytes = 0;
        Deadline silence = Deadline::never();
        Deadline nextRtt = Deadline::in({});
        const auto begin = [&] {
            if (std::exchange(begun, true))
                return;
            silence = Deadline::in(patience);
            if (callbacks_.onStreamBegin)
                callbacks_.onStreamBegin();
        };
        const FlvTagReader::OnPacket onPacket = [this](EncodedPacket packet) {
            // A stop must not wait for the rest of what one read brought.
            interrupt_.throwIfStopped();
            if (callbacks_.onPacket)
                callbacks_.onPacket(std::move(packet));
        };
        const auto onMessage = [&](Message &message) {
            if (!isMedia(message.type))
                return;
            begin();
            gotMedia = gotMedia || !message.body.empty();
            reader.read(message, onPacket);
        };
        // An HTTP response is the server's word that the stream began; it may hold the player until there is one.
        if (connection.started())
            begin();
        for (;;) {
            connection.flush();
            const bool readable = connection.wait(begun ? silence : startDeadline).readable;
            if (readable) {
                connection.receive(onMessage);
                if (connection.started())
                    begin();
                // Pings of a server whose publisher has fallen silent are no data, and neither is a message that
                // drips; a good part of a large frame is.
                if (std::exchange(gotMedia, false) || connection.mediaBytes() - mediaBytes >= minProgressBytes) {
                    mediaBytes = connection.mediaBytes();
                    silence = begun ? Deadline::in(patience) : silence;
                }
                if (nextRtt.passed()) {
                    counters_.setRtt(tcpInfo(connection.fd()).rttMs);
                    nextRtt = Deadline::in(rttInterval);
                }
            }
            if (!begun && startDeadline.passed())
                throw SessionFailure(SessionEnd::HandshakeFailed,
                                     connection.server() + " did not answer the play in time");
            if (begun && silence.passed())
                throw SessionFailure(SessionEnd::NoData, "nothing has come from " + connection.server() + " for " +
                                                             std::to_string(options_.dataTimeoutMs) +
                                                             " ms; check that the stream is being published");
        }
    }

    const Callbacks callbacks_;
    const engine::NetworkOptions options_;
    Interrupt interrupt_;
    NetCounters counters_;
};

PlaySession::PlaySession(Callbacks callbacks, const engine::NetworkOptions &options)
    : impl_(std::make_unique<Impl>(std::move(callbacks), options)) {}
PlaySession::~PlaySession() = default;
SessionResult PlaySession::run(const std::string &url) { return impl_->run(url); }
void PlaySession::stop() { impl_->stop(); }
void PlaySession::reset() { impl_->reset(); }
void PlaySession::noteNetworkChange() { impl_->noteNetworkChange(); }
bool PlaySession::hasNewRoute() { return impl_->hasNewRoute(); }
NetStats PlaySession::stats() const { return impl_->stats(); }

} // namespace rtcroom::embedded
