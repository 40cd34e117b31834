#include "embedded/net/Proxy.h"

#include <array>
#include <vector>

extern "C" {
#include <libavutil/base64.h>
}

#include "embedded/http/ResponseHead.h"
#include "embedded/net/Exchange.h"
#include "embedded/net/ProtocolError.h"
#include "embedded/net/SessionFailure.h"
#include "embedded/net/SocketTypes.h"
#include "embedded/net/UrlParts.h"

namespace rtcroom::embedded {

namespace {

std::string base64(const std::string &text) {
    std::vector<char> out(AV_BASE64_SIZE(text.size()));
    av_base64_encode(out.data(), static_cast<int>(out.size()), reinterpret_cast<const uint8_t *>(text.data()),
                     static_cast<int>(text.size()));
    return out.data();
}

void connectHttp(Exchange &exchange, const ProxyUrl &proxy, const std::string &target) {
    std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\nUser-Agent: liteav-rtcroom\r\n";
    if (!proxy.user.empty())
        request += "Proxy-Authorization: Basic " + base64(proxy.user + ":" + proxy.password) + "\r\n";
    exchange.send(request + "\r\n");
    ResponseHeadReader reader;
    std::array<uint8_t, 1024> buffer{};
    size_t left = 0;
    try {
        while (!reader.complete()) {
            const std::span<const uint8_t> got(buffer.data(), exchange.receive(buffer));
            left = got.size() - reader.take(got);
        }
    } catch (const ProtocolError &error) {
        throw SessionFailure(SessionEnd::HandshakeFailed, proxy.display() + " does not speak HTTP: " + error.what());
    }
    const int status = reader.head().status;
    const std::string code = "HTTP " + std::to_string(status);
    if (status == 407)
        throw SessionFailure(
            SessionResult{SessionEnd::ProxyRefused,
                          proxy.display() + (proxy.user.empty() ? " wants a user and a password; put them into its URL"
                                                                : " does not accept the user or the password"),
                          code});
    if (status >= 500)
        throw SessionFailure(SessionResult{SessionEnd::ConnectFailed,
                                           proxy.display() + " cannot connect to " + target + " (" + code + ")", code});
    if (status < 200 || status >= 300)
        throw SessionFailure(SessionResult{
            SessionEnd::ProxyRefused, proxy.display() + " refuses to connect to " + target + " (" + code + ")", code});
    // All our protocols begin with the client's words.
    if (left > 0)
        throw SessionFailure(SessionEnd::HandshakeFailed,
                             proxy.display() + " sent something of its own into the connection");
}

[[noreturn]] void failSocks(const ProxyUrl &proxy, const std::string &target, uint8_t reply) {
    static constexpr std::array reasons{
        "",
        "it failed",
        "its rules do not allow it",
        "network unreachable",
        "host unreachable",
        "connection refused",
        "no answer in time",
        "it does not support connecting",
        "it does not support this kind of address",
    };
    constexpr uint8_t notAllowed = 2;
    throw SessionFailure(reply == notAllowed ? SessionEnd::ProxyRefused : SessionEnd::ConnectFailed,
                         proxy.display() + " cannot connect to " + target + ": " +
                             (reply < reasons.size() ? reasons[reply] : "for an unknown reason"));
}

std::string socksAddress(const std::string &host) {
    constexpr char v4 = 1, name = 3, v6 = 4;
    std::array<char, 16> binary{};
    if (inet_pton(AF_INET, host.c_str(), binary.data()) == 1)
        return v4 + std::string(binary.data(), 4);
    if (inet_pton(AF_INET6, host.c_str(), binary.data()) == 1)
        return v6 + std::string(binary.data(), 16);
    return std::string{name, static_cast<char>(host.size())} + host;
}

void connectSocks(Exchange &exchange, const ProxyUrl &proxy, const std::string &host, uint16_t port) {
    constexpr char version = 5;
    enum : uint8_t { noAuthentication = 0, userPassword = 2 };
    const auto require = [&](bool holds) {
        if (!holds)
            throw SessionFailure(SessionEnd::HandshakeFailed, proxy.display() + " does not speak SOCKS5");
    };
    exchange.send(proxy.user.empty() ? std::string{version, 1, noAuthentication}
                                     : std::string{version, 2, noAuthentication, userPassword});
    std::array<uint8_t, 2> chosen{};
    exchange.receiveExactly(chosen);
    require(chosen[0] == version);
    if (chosen[1] == userPassword && !proxy.user.empty()) {
        exchange.send(std::string{1, static_cast<char>(proxy.user.size())} + proxy.user +
                      static_cast<char>(proxy.password.size()) + proxy.password);
        std::array<uint8_t, 2> answer{};
        exchange.receiveExactly(answer);
        if (answer[1] != 0)
            throw SessionFailure(SessionEnd::ProxyRefused,
                                 proxy.display() + " does not accept the user or the password");
    } else if (chosen[1] != noAuthentication) {
        throw SessionFailure(SessionEnd::ProxyRefused,
                             proxy.display() + (proxy.user.empty()
                                                    ? " wants a user and a password; put them into its URL"
                                                    : " wants another kind of authentication than user and password"));
    }
    constexpr char connectCommand = 1;
    exchange.send(std::string{version, connectCommand, 0} + socksAddress(host) + static_cast<char>(port >> 8) +
                  static_cast<char>(port & 0xff));
    // Version, reply, reserved, kind of address, first byte of it.
    std::array<uint8_t, 5> reply{};
    exchange.receiveExactly(std::span(reply).first(2));
    require(reply[0] == version);
    if (reply[1] != 0)
        failSocks(proxy, authorityText(host, port), reply[1]);
    exchange.receiveExactly(std::span(reply).subspan(2));
    require(reply[3] == 1 || reply[3] == 3 || reply[3] == 4);
    const size_t addressLeft = reply[3] == 1 ? 3 : reply[3] == 4 ? 15 : reply[4];
    std::vector<uint8_t> rest(addressLeft + 2);
    exchange.receiveExactly(rest);
}

} // namespace

void connectThrough(Transport &transport, const ProxyUrl &proxy, const std::string &host, uint16_t port,
                    const Deadline &deadline, Interrupt &interrupt) {
    const std::string peer = proxy.display();
    Exchange exchange(transport, peer, deadline, interrupt);
    if (proxy.kind == ProxyUrl::Kind::Http)
        connectHttp(exchange, proxy, authorityText(host, port));
    else
        connectSocks(exchange, proxy, host, port);
}

} // namespace rtcroom::embedded
