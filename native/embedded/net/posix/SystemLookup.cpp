#include "embedded/net/SystemLookup.h"

#include <cstring>
#include <dlfcn.h>
#include <memory>

namespace rtcroom::embedded {

namespace {

struct AddrInfoDeleter {
    void operator()(addrinfo *list) const { freeaddrinfo(list); }
};

} // namespace

int systemLookup(const std::string &host, uint16_t port, bool numericOnly, std::vector<SocketAddress> &out) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = (numericOnly ? AI_NUMERICHOST : 0) | AI_NUMERICSERV;
    addrinfo *list = nullptr;
    const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    if (error != 0)
        return error;
    const std::unique_ptr<addrinfo, AddrInfoDeleter> owner(list);
    for (const addrinfo *entry = list; entry; entry = entry->ai_next) {
        if ((entry->ai_family != AF_INET && entry->ai_family != AF_INET6) ||
            entry->ai_addrlen > sizeof(sockaddr_storage))
            continue;
        SocketAddress &address = out.emplace_back();
        std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
        address.length = entry->ai_addrlen;
    }
    return 0;
}

std::string systemLookupErrorText(int error) { return gai_strerror(error); }

void pinThisLibrary() noexcept {
    static const bool pinned = [] {
        Dl_info info{};
        if (dladdr(reinterpret_cast<const void *>(&pinThisLibrary), &info) != 0 && info.dli_fname)
            // Fails for a program's own code, which is never unloaded.
            return dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE) != nullptr;
        return false;
    }();
    (void)pinned;
}

} // namespace rtcroom::embedded
