#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace rtcroom::embedded {

/// What of an HTTP response's head matters to us.
struct ResponseHead {
    int status = 0;
    /// Of a redirect. Secret: never print it.
    std::string location;
    bool chunked = false;
    /// Why the body cannot be read; empty when it can.
    std::string unusable;
    std::optional<uint64_t> contentLength;
};

/// Reads the head of an HTTP/1 response (RFC 9112), however it comes apart; interim ones (100 to 199) before it are
/// skipped, 101 is handed out.
///
/// Limits against hostile peers: 16 KB and 128 lines in all. Beyond them, and for what is no HTTP/1 response, take()
/// throws ProtocolError.
class ResponseHeadReader {
  public:
    /// Takes bytes up to the end of the head; returns how many it took.
    size_t take(std::span<const uint8_t> bytes);
    bool complete() const { return complete_; }
    const ResponseHead &head() const { return head_; }

  private:
    void onLine();
    void onStatusLine();
    void onField();

    std::string line_;
    size_t bytes_ = 0;
    size_t lines_ = 0;
    bool inFields_ = false;
    bool complete_ = false;
    ResponseHead head_;
};

} // namespace rtcroom::embedded
