#include <doctest/doctest.h>

#ifdef __linux__

#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#include <cstring>
#include <filesystem>
#include <optional>
#include <thread>

#include "embedded/net/Connector.h"
#include "embedded/net/NetworkPath.h"
#include "embedded/net/NetworkWatch.h"
#include "embedded/net/SessionFailure.h"
#include "embedded/net/SystemLookup.h"
#include "test/net/SessionRunner.h"
#include "test/support/Await.h"

using namespace rtcroom::test;

namespace {

SocketAddress addressOf(const std::string &host, uint16_t port) {
    std::vector<SocketAddress> out;
    if (systemLookup(host, port, true, out) != 0 || out.empty())
        throw std::runtime_error(host + " is no address");
    return out.front();
}

/// A network of the calling thread's own, with loopback alone, whose further addresses come and go.
class OwnNetwork {
  public:
    /// Nothing without the right to make one.
    static std::optional<OwnNetwork> make() {
        if (unshare(CLONE_NEWNET) != 0)
            return std::nullopt;
        std::optional<OwnNetwork> out{OwnNetwork()};
        out->control("lo", SIOCSIFFLAGS, [](ifreq &request) { request.ifr_flags = IFF_UP; });
        return out;
    }
    /// IPv4: the label's address, in place of the one that it had. IPv6: one address more of loopback's.
    void add(const std::string &label, const std::string &host) const {
        const SocketAddress address = addressOf(host, 0);
        if (address.family() == AF_INET6) {
            control6(SIOCSIFADDR, address);
            // The kernel looks on a thread of its own whether it is a duplicate.
            REQUIRE(await([&] { return canBind(address); }));
            return;
        }
        control(label, SIOCSIFADDR,
                [&](ifreq &request) { std::memcpy(&request.ifr_addr, &address.storage, sizeof(sockaddr_in)); });
    }
    bool hasIpv6() const { return NetworkPath::sourceTowards(addressOf("::1", 9)) == "::1"; }
    /// A further interface, there as long as what comes back; nothing without /dev/net/tun.
    FileDescriptor addInterface(const std::string &name, const std::string &host, const std::string &mask) const {
        FileDescriptor device(::open("/dev/net/tun", O_RDWR | O_CLOEXEC));
        ifreq request{};
        request.ifr_flags = IFF_TUN | IFF_NO_PI;
        name.copy(request.ifr_name, IFNAMSIZ - 1);
        if (!device || ioctl(device.get(), TUNSETIFF, &request) != 0)
            return {};
        add(name, host);
        const SocketAddress netmask = addressOf(mask, 0);
        control(name, SIOCSIFNETMASK,
                [&](ifreq &wanted) { std::memcpy(&wanted.ifr_netmask, &netmask.storage, sizeof(sockaddr_in)); });
        control(name, SIOCSIFFLAGS, [](ifreq &wanted) { wanted.ifr_flags = IFF_UP; });
        return device;
    }
    void remove(const std::string &label, const std::string &host) const {
        const SocketAddress address = addressOf(host, 0);
        if (address.family() == AF_INET6)
            control6(SIOCDIFADDR, address);
        else
            // An alias that goes down is gone.
            control(label, SIOCSIFFLAGS, [](ifreq &request) { request.ifr_flags = 0; });
    }

  private:
    OwnNetwork() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
    void control(const std::string &name, unsigned long operation, const std::function<void(ifreq &)> &fill) const {
        ifreq request{};
        name.copy(request.ifr_name, IFNAMSIZ - 1);
        fill(request);
        if (ioctl(socket_.get(), operation, &request) != 0)
            throw std::runtime_error(name + ": " + std::strerror(errno));
    }

    static bool canBind(const SocketAddress &address) {
        const FileDescriptor socket(::socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
        return ::bind(socket.get(), reinterpret_cast<const sockaddr *>(&address.storage), address.length) == 0;
    }
    static void control6(unsigned long operation, const SocketAddress &address) {
        in6_ifreq request{};
        request.ifr6_addr = reinterpret_cast<const sockaddr_in6 &>(address.storage).sin6_addr;
        request.ifr6_prefixlen = 128;
        request.ifr6_ifindex = static_cast<int>(if_nametoindex("lo"));
        const FileDescriptor socket(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        if (ioctl(socket.get(), operation, &request) != 0)
            throw std::runtime_error(address.host() + ": " + std::strerror(errno));
    }

    FileDescriptor socket_;
};

/// Runs on a thread in a network of its own; says so where there can be none.
void inOwnNetwork(const std::function<void(const OwnNetwork &)> &body) {
    std::async(std::launch::async, [&] {
        if (const auto network = OwnNetwork::make())
            body(*network);
        else
            MESSAGE("skipped: it takes the right to make a network namespace (root)");
    }).get();
}

FileDescriptor listenOn(const SocketAddress &address) {
    FileDescriptor out(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(out.get(), reinterpret_cast<const sockaddr *>(&address.storage), address.length) == 0);
    REQUIRE(::listen(out.get(), 8) == 0);
    return out;
}

/// The process has so many descriptors until it is lifted.
class OpenFileLimit {
  public:
    explicit OpenFileLimit(rlim_t count) {
        getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit low{count, before_.rlim_max};
        setrlimit(RLIMIT_NOFILE, &low);
    }
    ~OpenFileLimit() { lift(); }
    void lift() const { setrlimit(RLIMIT_NOFILE, &before_); }

  private:
    rlimit before_{};
};

ptrdiff_t filesIn(const char *folder) {
    return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}

} // namespace

TEST_CASE("a change of the network is told to all watches, until they are gone, and leaves no thread or descriptor") {
    inOwnNetwork([](const OwnNetwork &network) {
        const auto threads = filesIn("/proc/self/task");
        const auto descriptors = filesIn("/proc/self/fd");
        Flags flags;
        {
            const NetworkWatch first([&] { flags.raise("first"); });
            {
                const NetworkWatch second([&] { flags.raise("second"); });
                CHECK(filesIn("/proc/self/task") == threads + 1);
                network.add("lo:1", "10.9.8.7");
                REQUIRE(flags.await("first"));
                REQUIRE(flags.await("second"));
            }
            const int before = flags.count("second");
            network.remove("lo:1", "10.9.8.7");
            REQUIRE(flags.await("first", flags.count("first") + 1));
            CHECK(flags.count("second") == before);
        }
        CHECK(filesIn("/proc/self/task") == threads);
        CHECK(filesIn("/proc/self/fd") == descriptors);
    });
}

TEST_CASE("watches begin and end on many threads while the network changes") {
    inOwnNetwork([](const OwnNetwork &network) {
        const auto threadsBefore = filesIn("/proc/self/task");
        const auto descriptors = filesIn("/proc/self/fd");
        std::atomic<int> told = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int n = 0; n < 100; ++n)
                    const NetworkWatch watch([&] { ++told; });
            });
        for (int n = 0; n < 20; ++n) {
            network.add("lo:1", "10.9.8.7");
            network.remove("lo:1", "10.9.8.7");
        }
        for (std::thread &thread : threads)
            thread.join();
        CHECK(filesIn("/proc/self/task") == threadsBefore);
        CHECK(filesIn("/proc/self/fd") == descriptors);
    });
}

TEST_CASE("a path is lost with its address, and a route to the server from another one is new") {
    struct Family {
        std::string own, other;
    };
    for (const Family &family : {Family{"10.9.8.7", "10.1.1.1"}, Family{"fd00::9:8:7", "fd00::1:1:1"}})
        inOwnNetwork([&](const OwnNetwork &network) {
            CAPTURE(family.own);
            if (family.own.find(':') != std::string::npos && !network.hasIpv6()) {
                MESSAGE("skipped: this kernel has no IPv6");
                return;
            }
            network.add("lo:1", family.own);
            const SocketAddress server = addressOf(family.own, 1935);
            const FileDescriptor listener = listenOn(server);
            Interrupt interrupt;
            NetworkPath &path = interrupt.path();
            path.begin();
            CHECK_FALSE(path.hasNewRoute());
            path.setTargets({server});
            CHECK_FALSE(path.hasNewRoute());
            const Connected connected =
                connectToAny({server}, AddressChoice::Preferred, "server", Deadline::in(patience), interrupt);
            path.setConnection(connected.socket.fd());
            CHECK(path.lost().empty());
            // Some other address of the same interface.
            network.add("lo:2", family.other);
            network.remove("lo:2", family.other);
            CHECK(path.lost().empty());
            interrupt.noteNetworkChange();
            CHECK(interrupt.wait(connected.socket.fd(), true, false, Deadline::in(std::chrono::seconds(5))).woken);

            network.remove("lo:1", family.own);
            CHECK(path.lost().find("no longer has the address " + family.own + ",") != std::string::npos);
            CHECK_FALSE(path.hasNewRoute());
            interrupt.noteNetworkChange();
            try {
                interrupt.wait(connected.socket.fd(), true, false, Deadline::in(patience));
                FAIL("the wait went on");
            } catch (const SessionFailure &failure) {
                CHECK(failure.result().end == SessionEnd::NetworkChanged);
            }
            CHECK_FALSE(path.hasNewRoute());
            // The same address, back: the connection is given up, and can be made anew.
            network.add("lo:1", family.own);
            CHECK(path.hasNewRoute());
            path.begin();
            CHECK_FALSE(path.hasNewRoute());
            CHECK(path.lost().empty());
            // Between tries.
            network.remove("lo:1", family.own);
            CHECK_FALSE(path.hasNewRoute());
            network.add("lo:1", family.own);
            CHECK(path.hasNewRoute());
        });
}

TEST_CASE("a path is lost with its interface's carrier, once another address leads to the server") {
    inOwnNetwork([](const OwnNetwork &network) {
        const FileDescriptor cable = network.addInterface("cable", "10.9.8.7", "255.255.255.0");
        if (!cable) {
            MESSAGE("skipped: there is no /dev/net/tun");
            return;
        }
        const SocketAddress server = addressOf("10.9.8.99", 1935);
        const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        REQUIRE(::connect(socket.get(), reinterpret_cast<const sockaddr *>(&server.storage), server.length) == 0);
        NetworkPath path;
        path.setTargets({server});
        path.setConnection(socket.get());
        const int off = 0;
        REQUIRE(ioctl(cable.get(), TUNSETCARRIER, &off) == 0);
        // It may be back at any moment, and nothing else leads there.
        CHECK(path.lost().empty());
        CHECK_FALSE(path.hasNewRoute());
        const FileDescriptor radio = network.addInterface("radio", "10.9.8.97", "255.255.255.248");
        REQUIRE(radio);
        // The kernel takes up to a second to tell of a carrier.
        CHECK(await([&] { return path.lost().find("10.9.8.97 leads to the server now") != std::string::npos; }));
        CHECK(path.hasNewRoute());
        const int on = 1;
        REQUIRE(ioctl(cable.get(), TUNSETCARRIER, &on) == 0);
        CHECK(await([&] { return path.lost().empty(); }));
    });
}

TEST_CASE("a connect that is under way follows the network: to another way, or to its end when there is none") {
    inOwnNetwork([](const OwnNetwork &network) {
        // Nobody reads it, so nobody answers.
        FileDescriptor cable = network.addInterface("cable", "10.9.8.7", "255.255.255.0");
        if (!cable) {
            MESSAGE("skipped: there is no /dev/net/tun");
            return;
        }
        const FileDescriptor listener = listenOn(addressOf("0.0.0.0", 1935));
        Interrupt interrupt;
        const NetworkWatch watch([&] { interrupt.noteNetworkChange(); });
        const auto connectTo = [&](const std::string &host) {
            return connectToAny({addressOf(host, 1935)}, AddressChoice::Preferred, "server", Deadline::in(patience),
                                interrupt);
        };
        const auto begin = std::chrono::steady_clock::now();
        const auto after100ms = [&](const std::function<void()> &change) {
            return std::async(std::launch::async, [change] {
                std::this_thread::sleep_for(std::chrono::milliseconds(100));
                change();
            });
        };
        std::future<void> changing = after100ms([&] { network.add("lo:1", "10.9.8.99"); });
        const Connected connected = connectTo("10.9.8.99");
        changing.get();
        CHECK(NetworkPath::localAddress(connected.socket.fd())->host() == "10.9.8.99");
        // What was sent at first is sent again after a second.
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(900));

        network.remove("lo:1", "10.9.8.7");
        changing = after100ms([&] { cable.close(); });
        try {
            connectTo("10.9.8.55");
            FAIL("connected to nobody");
        } catch (const SessionFailure &failure) {
            CHECK(failure.result().message.find("no route") != std::string::npos);
        }
        changing.get();
    });
}

TEST_CASE("without a descriptor for it nothing is told and nothing runs, and the next watch tries again") {
    inOwnNetwork([](const OwnNetwork &network) {
        const auto threads = filesIn("/proc/self/task");
        Flags flags;
        const OpenFileLimit limit(3);
        const NetworkWatch deaf([&] { flags.raise("first"); });
        limit.lift();
        CHECK(filesIn("/proc/self/task") == threads);
        const NetworkWatch second([&] { flags.raise("second"); });
        CHECK(filesIn("/proc/self/task") == threads + 1);
        network.add("lo:1", "10.9.8.7");
        CHECK(flags.await("first"));
        CHECK(flags.await("second"));
    });
}

#endif
