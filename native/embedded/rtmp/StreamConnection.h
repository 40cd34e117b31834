#pragma once

#include <functional>
#include <string>

#include "embedded/net/Deadline.h"
#include "embedded/net/Interrupt.h"
#include "embedded/net/SocketTypes.h"
#include "embedded/rtmp/Message.h"

namespace rtcroom::embedded {

/// One connection that brings a stream, on one thread. All calls throw SessionFailure.
class StreamConnection {
  public:
    virtual ~StreamConnection() = default;

    /// Up to where the server is known to speak the protocol.
    virtual void open(const Deadline &deadline) = 0;
    /// Asks for the stream.
    virtual void startStream(const Deadline &deadline) = 0;
    /// The server has said that the stream began.
    virtual bool started() const = 0;
    /// Reads once what is there; false when there was nothing. Media and data messages go to `onMessage`, the rest is
    /// dealt with.
    virtual bool receive(const std::function<void(Message &)> &onMessage) = 0;
    /// Bytes of sound and pictures that have come, those of messages that are half here among them.
    virtual uint64_t mediaBytes() const = 0;
    /// Writes what the kernel takes; true when nothing is left.
    virtual bool flush() = 0;
    /// Waits until there is something to read or to write, for a wake, or for the deadline.
    virtual Interrupt::Ready wait(const Deadline &deadline) = 0;
    /// Tells the server that the stream is over, if that needs no waiting.
    virtual void sayGoodbye() noexcept = 0;

    virtual SocketHandle fd() const = 0;
    /// For people; holds no secret.
    virtual const std::string &server() const = 0;
};

} // namespace rtcroom::embedded
