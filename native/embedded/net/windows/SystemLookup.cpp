#include "embedded/net/SystemLookup.h"

#include <cstring>
#include <memory>

#include "embedded/net/SocketCalls.h"
#include "embedded/net/windows/WideText.h"

namespace rtcroom::embedded {

namespace {

struct AddrInfoDeleter {
    void operator()(ADDRINFOW *list) const { FreeAddrInfoW(list); }
};

} // namespace

int systemLookup(const std::string &host, uint16_t port, bool numericOnly, std::vector<SocketAddress> &out) {
    startSockets();
    ADDRINFOW hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = (numericOnly ? AI_NUMERICHOST : 0) | AI_NUMERICSERV;
    ADDRINFOW *list = nullptr;
    const int error = GetAddrInfoW(toWide(host).c_str(), std::to_wstring(port).c_str(), &hints, &list);
    if (error != 0)
        return error;
    const std::unique_ptr<ADDRINFOW, AddrInfoDeleter> owner(list);
    for (const ADDRINFOW *entry = list; entry; entry = entry->ai_next) {
        if ((entry->ai_family != AF_INET && entry->ai_family != AF_INET6) ||
            entry->ai_addrlen > sizeof(sockaddr_storage))
            continue;
        SocketAddress &address = out.emplace_back();
        std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
        address.length = static_cast<socklen_t>(entry->ai_addrlen);
    }
    return 0;
}

// gai_strerror() of Windows is not for several threads.
std::string systemLookupErrorText(int error) {
    switch (error) {
    case WSAHOST_NOT_FOUND:
    case WSANO_DATA:
        return "Name or service not known";
    case WSATRY_AGAIN:
        return "Temporary failure in name resolution";
    case WSANO_RECOVERY:
        return "Non-recoverable failure in name resolution";
    default:
        return socketErrorText(socketErrorFromSystem(error));
    }
}

void pinThisLibrary() noexcept {
    HMODULE self = nullptr;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                       reinterpret_cast<LPCWSTR>(&pinThisLibrary), &self);
}

} // namespace rtcroom::embedded
