#pragma once

#include <memory>
#include <vector>

#include "embedded/http/HttpUrl.h"
#include "embedded/http/ResponseBody.h"
#include "embedded/net/NetCounters.h"
#include "embedded/net/Transport.h"
#include "embedded/receive/FlvTagSplitter.h"
#include "embedded/rtmp/StreamConnection.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// A stream that a server sends as one endless FLV file over HTTP/1.1, plain or in TLS. Up to 5 redirects are followed,
/// never from https to http. Statuses end a session as RTMP's refusals do: 404 and 410 StreamNotFound, 408, 425, 429
/// and all from 500 on ServerDisconnected, others Refused.
class FlvConnection final : public StreamConnection {
  public:
    FlvConnection(HttpUrl url, const engine::NetworkOptions &options, Interrupt &interrupt, NetCounters &counters);

    /// Connects.
    void open(const Deadline &deadline) override;
    /// Asks, and follows redirects to the answer.
    void startStream(const Deadline &deadline) override;
    bool started() const override { return body_.has_value(); }
    bool receive(const std::function<void(Message &)> &onMessage) override;
    uint64_t mediaBytes() const override { return splitter_.mediaBytes(); }
    bool flush() override { return true; }
    Interrupt::Ready wait(const Deadline &deadline) override;
    void sayGoodbye() noexcept override {}
    SocketHandle fd() const override { return transport_->fd(); }
    const std::string &server() const override { return server_; }

  private:
    ResponseHead request(const Deadline &deadline);
    void followRedirect(const ResponseHead &head, const Deadline &deadline);
    void takeBody(std::span<const uint8_t> bytes, const std::function<void(Message &)> &onMessage);
    [[noreturn]] void failClosed(const Socket::IoResult &result) const;
    [[noreturn]] void failProtocol(const std::string &why) const;

    HttpUrl url_;
    std::string server_;
    const engine::NetworkOptions &options_;
    Interrupt &interrupt_;
    NetCounters &counters_;
    std::unique_ptr<Transport> transport_;
    std::vector<HttpUrl> visited_;
    std::vector<uint8_t> buffer_;
    /// Of `buffer_`: what came with the response's head.
    std::span<const uint8_t> early_;
    std::optional<ResponseBody> body_;
    FlvTagSplitter splitter_;
};

} // namespace rtcroom::embedded
