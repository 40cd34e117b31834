#include "embedded/net/Resolver.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "embedded/net/SessionFailure.h"
#include "embedded/net/SystemLookup.h"

namespace rtcroom::embedded {

namespace {

constexpr int maxLookups = 32;

/// Shared by the caller and its lookup thread, whichever lives longer.
struct Lookup {
    std::string host;
    uint16_t port = 0;
    Waker done;
    std::mutex mutex;
    bool finished = false;
    int error = 0;
    std::vector<SocketAddress> addresses;
};

std::atomic<int> lookupsUnderWay{0};

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

void startLookup(const std::shared_ptr<Lookup> &lookup) {
    // An abandoned lookup may return after the addon would have been unloaded (the last worker of a process that
    // loaded it ends): its code has to stay mapped.
    pinThisLibrary();
    if (lookupsUnderWay.fetch_add(1) >= maxLookups) {
        lookupsUnderWay.fetch_sub(1);
        fail(lookup->host, "too many earlier lookups have had no answer");
    }
    try {
        std::thread([lookup] {
            std::vector<SocketAddress> addresses;
            const int error = systemLookup(lookup->host, lookup->port, false, addresses);
            {
                const std::lock_guard lock(lookup->mutex);
                lookup->finished = true;
                lookup->error = error;
                lookup->addresses = takeTurns(addresses);
            }
            lookup->done.wake();
            lookupsUnderWay.fetch_sub(1);
        }).detach();
    } catch (const std::system_error &error) {
        lookupsUnderWay.fetch_sub(1);
        fail(lookup->host, std::string("no thread for it: ") + error.what());
    }
}

} // namespace

std::vector<SocketAddress> resolveHost(const std::string &host, uint16_t port, const Deadline &deadline,
                                       Interrupt &interrupt) {
    std::vector<SocketAddress> literal;
    if (systemLookup(host, port, true, literal) == 0 && !literal.empty())
        return takeTurns(literal);
    const auto lookup = std::make_shared<Lookup>();
    lookup->host = host;
    lookup->port = port;
    startLookup(lookup);
    while (!interrupt.wait(lookup->done.fd(), true, false, deadline).readable)
        if (deadline.passed())
            fail(host, "no answer in time");
    const std::lock_guard lock(lookup->mutex);
    if (lookup->error != 0)
        fail(host, systemLookupErrorText(lookup->error));
    if (lookup->addresses.empty())
        fail(host, "it has no IPv4 or IPv6 address");
    return lookup->addresses;
}

} // namespace rtcroom::embedded
