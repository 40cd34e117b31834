#include "embedded/net/Resolver.h"

#include <atomic>
#include <cstring>
#include <dlfcn.h>
#include <memory>
#include <mutex>
#include <netdb.h>
#include <netinet/in.h>
#include <system_error>
#include <thread>

#include "embedded/net/SessionFailure.h"

namespace rtcroom::embedded {

namespace {

constexpr int maxLookups = 32;

struct AddrInfoDeleter {
    void operator()(addrinfo *list) const { freeaddrinfo(list); }
};

/// Shared by the caller and its lookup thread, whichever lives longer.
struct Lookup {
    std::string host;
    std::string service;
    Waker done;
    std::mutex mutex;
    bool finished = false;
    int error = 0;
    std::vector<SocketAddress> addresses;
};

std::atomic<int> lookupsUnderWay{0};

// An abandoned lookup may return after the addon would have been unloaded (the last worker of a process that loaded it
// ends): its code has to stay mapped.
void pinThisLibrary() {
    static const bool pinned = [] {
        Dl_info info{};
        if (dladdr(reinterpret_cast<const void *>(&pinThisLibrary), &info) != 0 && info.dli_fname)
            // Fails for a program's own code, which is never unloaded.
            return dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE) != nullptr;
        return false;
    }();
    (void)pinned;
}

std::vector<SocketAddress> takeTurns(const addrinfo *list) {
    std::vector<SocketAddress> first, second;
    for (const addrinfo *entry = list; entry; entry = entry->ai_next) {
        if ((entry->ai_family != AF_INET && entry->ai_family != AF_INET6) ||
            entry->ai_addrlen > sizeof(sockaddr_storage))
            continue;
        SocketAddress address;
        std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
        address.length = entry->ai_addrlen;
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

int lookUp(const std::string &host, const std::string &service, int flags, std::vector<SocketAddress> &out) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo *list = nullptr;
    const int error = getaddrinfo(host.c_str(), service.c_str(), &hints, &list);
    const std::unique_ptr<addrinfo, AddrInfoDeleter> owner(error == 0 ? list : nullptr);
    if (error == 0)
        out = takeTurns(list);
    return error;
}

[[noreturn]] void fail(const std::string &host, const std::string &why) {
    throw SessionFailure(SessionEnd::DnsFailed, "cannot resolve " + host + ": " + why +
                                                    "; check the host name and this machine's DNS settings");
}

void startLookup(const std::shared_ptr<Lookup> &lookup) {
    pinThisLibrary();
    if (lookupsUnderWay.fetch_add(1) >= maxLookups) {
        lookupsUnderWay.fetch_sub(1);
        fail(lookup->host, "too many earlier lookups have had no answer");
    }
    try {
        std::thread([lookup] {
            std::vector<SocketAddress> addresses;
            const int error = lookUp(lookup->host, lookup->service, 0, addresses);
            {
                const std::lock_guard lock(lookup->mutex);
                lookup->finished = true;
                lookup->error = error;
                lookup->addresses = std::move(addresses);
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

std::string SocketAddress::text() const {
    char host[NI_MAXHOST];
    char service[NI_MAXSERV];
    if (getnameinfo(reinterpret_cast<const sockaddr *>(&storage), length, host, sizeof host, service, sizeof service,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return "?";
    return (family() == AF_INET6 ? "[" + std::string(host) + "]:" : std::string(host) + ":") + service;
}

std::vector<SocketAddress> resolveHost(const std::string &host, uint16_t port, const Deadline &deadline,
                                       Interrupt &interrupt) {
    std::vector<SocketAddress> literal;
    if (lookUp(host, std::to_string(port), AI_NUMERICHOST, literal) == 0 && !literal.empty())
        return literal;
    const auto lookup = std::make_shared<Lookup>();
    lookup->host = host;
    lookup->service = std::to_string(port);
    startLookup(lookup);
    while (!interrupt.wait(lookup->done.fd(), true, false, deadline).readable)
        if (deadline.passed())
            fail(host, "no answer in time");
    const std::lock_guard lock(lookup->mutex);
    if (lookup->error != 0)
        fail(host, gai_strerror(lookup->error));
    if (lookup->addresses.empty())
        fail(host, "it has no IPv4 or IPv6 address");
    return lookup->addresses;
}

} // namespace rtcroom::embedded
