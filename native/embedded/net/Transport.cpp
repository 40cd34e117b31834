#include "embedded/net/Transport.h"

#include <algorithm>
#include <cstddef>

#include "embedded/net/SocketCalls.h"

namespace rtcroom::embedded {

std::string Transport::errorText(int error) const { return socketErrorText(error); }

size_t gather(std::span<const SendPart> parts, std::span<uint8_t> out) noexcept {
    size_t size = 0;
    for (const SendPart &part : parts) {
        const auto bytes = sentBytes(part).first(std::min(sentBytes(part).size(), out.size() - size));
        std::ranges::copy(bytes, out.begin() + static_cast<std::ptrdiff_t>(size));
        size += bytes.size();
    }
    return size;
}

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
