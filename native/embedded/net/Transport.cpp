#include "embedded/net/Transport.h"

#include "embedded/net/SocketCalls.h"

namespace rtcroom::embedded {

std::string Transport::errorText(int error) const { return socketErrorText(error); }

Socket::IoResult TcpTransport::receive(std::span<uint8_t> out) noexcept {
    const auto result = socket_.receive(out);
    counters_.addReceived(result.bytes);
    return result;
}

Socket::IoResult TcpTransport::send(std::span<const SendPart> parts) noexcept {
    const auto result = socket_.send(parts);
    counters_.addSent(result.bytes);
    return result;
}

} // namespace rtcroom::embedded
