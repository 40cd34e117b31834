#pragma once

#include <string>

#include "embedded/net/Deadline.h"
#include "embedded/net/Interrupt.h"
#include "embedded/net/Transport.h"

namespace rtcroom::embedded {

/// Questions and answers at the start of a connection. `peer` names the other side in the messages of the
/// SessionFailures that are thrown: Stopped, HandshakeFailed at the deadline, ServerDisconnected.
class Exchange {
  public:
    Exchange(Transport &transport, const std::string &peer, const Deadline &deadline, Interrupt &interrupt)
        : transport_(transport), peer_(peer), deadline_(deadline), interrupt_(interrupt) {}

    /// All of it.
    void send(std::string_view bytes);
    /// What comes next, at least 1 byte.
    size_t receive(std::span<uint8_t> out);
    /// Exactly as much.
    void receiveExactly(std::span<uint8_t> out);

  private:
    void wait(bool toRead);
    [[noreturn]] void failClosed(int error) const;

    Transport &transport_;
    const std::string &peer_;
    const Deadline &deadline_;
    Interrupt &interrupt_;
};

} // namespace rtcroom::embedded
