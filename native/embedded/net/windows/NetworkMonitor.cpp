#include "embedded/net/NetworkMonitor.h"

#include <cstring>
#include <exception>
#include <utility>

#include "embedded/net/SocketTypes.h"
// After winsock2.h.
#include <iphlpapi.h>

namespace rtcroom::embedded {

namespace {

/// Registrations with the IP helper, which calls back on threads of its own.
class IpHelperMonitor final : public NetworkMonitor {
  public:
    explicit IpHelperMonitor(std::function<void()> onChange) : onChange_(std::move(onChange)) {
        note(NotifyUnicastIpAddressChange(AF_UNSPEC, onAddress, this, FALSE, &addresses_), addresses_);
        note(NotifyIpInterfaceChange(AF_UNSPEC, onInterface, this, FALSE, &interfaces_), interfaces_);
        note(NotifyRouteChange2(AF_UNSPEC, onRoute, this, FALSE, &routes_), routes_);
    }
    /// Each cancel waits for a call that is under way.
    ~IpHelperMonitor() override {
        for (const HANDLE registration : {addresses_, interfaces_, routes_})
            if (registration)
                CancelMibChangeNotify2(registration);
    }
    bool tells() const { return addresses_ || interfaces_ || routes_; }

  private:
    static void WINAPI onAddress(void *self, MIB_UNICASTIPADDRESS_ROW *, MIB_NOTIFICATION_TYPE) { tell(self); }
    static void WINAPI onInterface(void *self, MIB_IPINTERFACE_ROW *, MIB_NOTIFICATION_TYPE) { tell(self); }
    static void WINAPI onRoute(void *self, MIB_IPFORWARD_ROW2 *, MIB_NOTIFICATION_TYPE) { tell(self); }
    static void tell(void *self) { static_cast<IpHelperMonitor *>(self)->onChange_(); }
    static void note(DWORD error, HANDLE &registration) {
        if (error != NO_ERROR)
            registration = nullptr;
    }

    const std::function<void()> onChange_;
    HANDLE addresses_ = nullptr;
    HANDLE interfaces_ = nullptr;
    HANDLE routes_ = nullptr;
};

struct TableDeleter {
    void operator()(MIB_UNICASTIPADDRESS_TABLE *table) const { FreeMibTable(table); }
};

bool sameAddress(const SOCKADDR_INET &one, const SocketAddress &other) {
    if (other.family() == AF_INET)
        return one.Ipv4.sin_addr.s_addr == reinterpret_cast<const sockaddr_in &>(other.storage).sin_addr.s_addr;
    return std::memcmp(&one.Ipv6.sin6_addr, &reinterpret_cast<const sockaddr_in6 &>(other.storage).sin6_addr,
                       sizeof(in6_addr)) == 0;
}

} // namespace

std::unique_ptr<NetworkMonitor> NetworkMonitor::start(std::function<void()> onChange) noexcept {
    try {
        auto monitor = std::make_unique<IpHelperMonitor>(std::move(onChange));
        if (monitor->tells())
            return monitor;
    } catch (const std::exception &) {
        // Out of memory.
    }
    return nullptr;
}

AddressState addressState(const SocketAddress &local) noexcept {
    MIB_UNICASTIPADDRESS_TABLE *table = nullptr;
    if (GetUnicastIpAddressTable(static_cast<ADDRESS_FAMILY>(local.family()), &table) != NO_ERROR)
        return AddressState::Usable;
    const std::unique_ptr<MIB_UNICASTIPADDRESS_TABLE, TableDeleter> owner(table);
    for (ULONG i = 0; i < table->NumEntries; ++i) {
        const MIB_UNICASTIPADDRESS_ROW &row = table->Table[i];
        if (!sameAddress(row.Address, local))
            continue;
        // Those of an interface without carrier are tentative.
        return row.DadState == IpDadStatePreferred || row.DadState == IpDadStateDeprecated ? AddressState::Usable
                                                                                           : AddressState::NoCarrier;
    }
    return AddressState::Gone;
}

} // namespace rtcroom::embedded
