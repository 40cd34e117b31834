#include "embedded/net/Resolver.h"

#include <exception>
#include <utility>

#include "embedded/net/AbandonableCall.h"
#include "embedded/net/SessionFailure.h"
#include "embedded/net/SystemLookup.h"

namespace rtcroom::embedded {

namespace {

struct Answer {
    std::vector<SocketAddress> addresses;
    /// Why there are none.
    std::string error;
};

AbandonedCalls abandonedLookups;

/// The two families taking turns, the first one's first.
std::vector<SocketAddress> takeTurns(const std::vector<SocketAddress> &addresses) {
    std::vector<SocketAddress> first, second;
    for (const SocketAddress &address : addresses) {
        const bool preferred = first.empty() || first.front().family() == address.family();
        (preferred ? first : second).push_back(address);
    }
    std::vector<SocketAddress> out;
    for (size_t i = 0; i < first.size() || i < second.size(); ++i) {
        if (i < first.size())
            out.push_back(first[i]);
        if (i < second.size())
            out.push_back(second[i]);
    }
    return out;
}

[[noreturn]] void fail(const std::string &host, const std::string &why) {
    throw SessionFailure(SessionEnd::DnsFailed, "cannot resolve " + host + ": " + why +
                                                    "; check the host name and this machine's DNS settings");
}

Answer lookUp(const std::string &host, uint16_t port) {
    try {
        std::vector<SocketAddress> addresses;
        if (const int error = systemLookup(host, port, false, addresses); error != 0)
            return {{}, systemLookupErrorText(error)};
        if (addresses.empty())
            return {{}, "it has no IPv4 or IPv6 address"};
        return {takeTurns(addresses), {}};
    } catch (const std::exception &error) {
        return {{}, error.what()};
    }
}

} // namespace

std::vector<SocketAddress> resolveHost(const std::string &host, uint16_t port, const Deadline &deadline,
                                       Interrupt &interrupt) {
    std::vector<SocketAddress> literal;
    if (systemLookup(host, port, true, literal) == 0 && !literal.empty())
        return takeTurns(literal);
    AbandonableCall<Answer> lookup(abandonedLookups);
    if (const std::string error = lookup.start([host, port] { return lookUp(host, port); }); !error.empty())
        fail(host, error);
    auto answer = lookup.wait(deadline, interrupt);
    if (!answer)
        fail(host, "no answer in time");
    if (!answer->error.empty())
        fail(host, answer->error);
    return std::move(answer->addresses);
}

} // namespace rtcroom::embedded
