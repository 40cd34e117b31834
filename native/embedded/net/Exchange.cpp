#include "embedded/net/Exchange.h"

#include "embedded/net/SessionFailure.h"

namespace rtcroom::embedded {

void Exchange::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const SendPart part = sendPart(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size());
        const auto sent = transport_.send({&part, 1});
        if (sent.status == Socket::Io::WouldBlock)
            wait(false);
        else if (sent.status != Socket::Io::Done)
            failClosed(sent.error);
        bytes.remove_prefix(sent.bytes);
    }
}

size_t Exchange::receive(std::span<uint8_t> out) {
    for (;;) {
        const auto got = transport_.receive(out);
        if (got.status == Socket::Io::Done)
            return got.bytes;
        if (got.status != Socket::Io::WouldBlock)
            failClosed(got.error);
        wait(true);
    }
}

void Exchange::receiveExactly(std::span<uint8_t> out) {
    while (!out.empty())
        out = out.subspan(receive(out));
}

void Exchange::wait(bool toRead) {
    interrupt_.wait(transport_.fd(), toRead, !toRead, deadline_);
    // Also for a peer that keeps sending what brings nothing.
    if (deadline_.passed())
        throw SessionFailure(SessionEnd::HandshakeFailed, peer_ + " did not answer in time");
}

void Exchange::failClosed(int error) const {
    throw SessionFailure(SessionEnd::ServerDisconnected,
                         peer_ + " closed the connection instead of answering" +
                             (error == 0 ? std::string() : ": " + transport_.errorText(error)));
}

} // namespace rtcroom::embedded
