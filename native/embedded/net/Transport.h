#pragma once

#include <string>

#include "embedded/net/NetCounters.h"
#include "embedded/net/Socket.h"

namespace rtcroom::embedded {

/// A connection's bytes, whatever carries them. Nothing blocks. Counts what goes over the socket in NetCounters.
class Transport {
  public:
    virtual ~Transport() = default;

    virtual Socket::IoResult receive(std::span<uint8_t> out) noexcept = 0;
    /// What a send that would have blocked was given must stand at the front of the next one.
    virtual Socket::IoResult send(std::span<const SendPart> parts) noexcept = 0;
    /// Bytes are here that the socket no longer tells of.
    virtual bool hasReceived() const noexcept { return false; }
    virtual SocketHandle fd() const noexcept = 0;
    /// The error of an IoResult in words.
    virtual std::string errorText(int error) const;
};

/// The first bytes of `parts`, as many as `out` takes; how many.
size_t gather(std::span<const SendPart> parts, std::span<uint8_t> out) noexcept;

/// TCP, as it is.
class TcpTransport final : public Transport {
  public:
    TcpTransport(Socket socket, NetCounters &counters) : socket_(std::move(socket)), counters_(counters) {}
    Socket::IoResult receive(std::span<uint8_t> out) noexcept override;
    Socket::IoResult send(std::span<const SendPart> parts) noexcept override;
    SocketHandle fd() const noexcept override { return socket_.fd(); }

  private:
    Socket socket_;
    NetCounters &counters_;
};

} // namespace rtcroom::embedded
