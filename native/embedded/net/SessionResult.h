#pragma once

#include <cstdint>
#include <string>

namespace rtcroom::embedded {

/// Why a session ended.
enum class SessionEnd {
    Stopped, // stop() was called
    InvalidUrl,
    DnsFailed,
    ConnectFailed,       // refused, unreachable, or no answer in time
    HandshakeFailed,     // what came back is not the protocol, or nothing came back in time
    CertificateRejected, // TLS: expired, of another host, of an unknown authority: final
    ProxyRefused,        // the proxy wants other credentials, or does not allow it: final
    Refused,             // NetConnection.Connect.Rejected, NetStream.Publish.BadName, …: final
    NameTaken,           // NetStream.Publish.BadName after a lost connection, which the server may still hold
    StreamNotFound,      // NetStream.Play.StreamNotFound: may come into being
    ServerDisconnected,
    NoData,         // the peer went silent for dataTimeoutMs
    StreamEnded,    // NetStream.Play.UnpublishNotify / Stop: the publisher went; the server stays
    NetworkChanged, // this machine's, and the connection's own address is gone
};

struct SessionResult {
    SessionEnd end = SessionEnd::Stopped;
    /// For people: cause and, where known, remedy. Names host and app, never the stream key or the query.
    std::string message;
    /// The server's status code ("NetStream.Publish.BadName"), if there was one.
    std::string serverCode;
};

/// Counters run over all connections of a session object.
struct NetStats {
    uint64_t bytesSent = 0;
    uint64_t bytesReceived = 0;
    /// Units waiting in our own queue (pusher).
    int queuedPackets = 0;
    int64_t queuedMs = 0;
    uint64_t droppedPackets = 0;
    double rttMs = 0;
    /// See RoundTripJitter (pusher).
    double rttJitterMs = 0;
    uint64_t retransmits = 0;
    /// "127.0.0.1:1935"; of the last connection that came about.
    std::string serverAddress;
};

} // namespace rtcroom::embedded
