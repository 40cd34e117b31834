#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstring>
#include <thread>

#include "embedded/net/Connector.h"
#include "embedded/net/SessionFailure.h"
#include "test/net/FullBacklog.h"
#include "test/net/SessionRunner.h"

using namespace rtcroom::test;

// The addresses are what a resolver would have given.

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

SocketAddress localAddress(uint16_t port) {
    SocketAddress out;
    auto &address = reinterpret_cast<sockaddr_in &>(out.storage);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    out.length = sizeof address;
    return out;
}

/// A port that the kernel answers for.
class Listener {
  public:
    Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in own{};
        socklen_t length = sizeof own;
        const SocketAddress any = localAddress(0);
        if (::bind(fd_.get(), reinterpret_cast<const sockaddr *>(&any.storage), any.length) != 0 ||
            ::listen(fd_.get(), 8) != 0 || ::getsockname(fd_.get(), reinterpret_cast<sockaddr *>(&own), &length) != 0)
            throw std::runtime_error("no port to listen on");
        address_ = localAddress(ntohs(own.sin_port));
    }
    const SocketAddress &address() const { return address_; }
    void close() { fd_.close(); }
    FileDescriptor accept() const { return FileDescriptor(::accept(fd_.get(), nullptr, nullptr)); }

  private:
    FileDescriptor fd_;
    SocketAddress address_;
};

struct Outcome {
    std::string address;
    SessionEnd end = SessionEnd::Stopped;
    int64_t ms = 0;
};

Outcome race(const std::vector<SocketAddress> &addresses, AddressChoice choice,
             milliseconds time = milliseconds(5000)) {
    Interrupt interrupt;
    Outcome out;
    const auto begin = Clock::now();
    try {
        out.address = connectToAny(addresses, choice, "server", Deadline::in(time), interrupt).address.text();
    } catch (const SessionFailure &failure) {
        out.end = failure.result().end;
    }
    out.ms = std::chrono::duration_cast<milliseconds>(Clock::now() - begin).count();
    return out;
}

} // namespace

TEST_CASE("an address that never answers costs 250 ms in the order of preference, and nothing for the nearest") {
    const FullBacklog first, second;
    const Listener live;
    const std::vector<SocketAddress> addresses{first.socketAddress(), second.socketAddress(), live.address()};
    const Outcome preferred = race(addresses, AddressChoice::Preferred);
    CHECK(preferred.address == live.address().text());
    CHECK(preferred.ms >= 500);
    const Outcome nearest = race(addresses, AddressChoice::Nearest);
    CHECK(nearest.address == live.address().text());
    CHECK(nearest.ms < 250);
}

TEST_CASE("of many addresses the first eight are tried at once") {
    const std::array<FullBacklog, 8> dead;
    const Listener live;
    std::vector<SocketAddress> addresses;
    for (const FullBacklog &each : dead)
        addresses.push_back(each.socketAddress());
    addresses.push_back(live.address());
    const Outcome ninth = race(addresses, AddressChoice::Nearest);
    CHECK(ninth.address == live.address().text());
    CHECK(ninth.ms >= 250);
    CHECK(ninth.ms < 1500);
    std::swap(addresses[7], addresses[8]);
    CHECK(race(addresses, AddressChoice::Nearest).ms < 250);
}

TEST_CASE("an address that refuses has the next one tried at once, whatever the choice") {
    Listener gone;
    gone.close();
    const Listener live;
    for (const AddressChoice choice : {AddressChoice::Preferred, AddressChoice::Nearest}) {
        const Outcome outcome = race({gone.address(), gone.address(), live.address()}, choice);
        CHECK(outcome.address == live.address().text());
        CHECK(outcome.ms < 250);
        CHECK(race({gone.address(), gone.address()}, choice).end == SessionEnd::ConnectFailed);
    }
}

TEST_CASE("an address that answers late is waited for until the deadline, and the deadline is that of all") {
    Listener gone;
    gone.close();
    FullBacklog late;
    std::thread clearing([&] {
        std::this_thread::sleep_for(milliseconds(300));
        late.acceptAll();
    });
    // The kernel's second SYN, after a second.
    const Outcome outcome = race({gone.address(), late.socketAddress()}, AddressChoice::Nearest);
    clearing.join();
    CHECK(outcome.address == late.socketAddress().text());
    CHECK(outcome.ms >= 300);
    for (const AddressChoice choice : {AddressChoice::Preferred, AddressChoice::Nearest}) {
        const FullBacklog one, other;
        const Outcome none = race({one.socketAddress(), other.socketAddress()}, choice, milliseconds(400));
        CHECK(none.end == SessionEnd::ConnectFailed);
        CHECK(none.ms >= 400);
        CHECK(none.ms < 1400);
    }
}

TEST_CASE("of two that answer, the preferred one is taken and the other is closed") {
    const Listener first, second;
    Interrupt interrupt;
    Connected connected = connectToAny({first.address(), second.address()}, AddressChoice::Nearest, "server",
                                       Deadline::in(patience), interrupt);
    REQUIRE(connected.address.text() == first.address().text());
    const FileDescriptor loser = second.accept();
    REQUIRE(loser);
    uint8_t byte = 0;
    CHECK(::recv(loser.get(), &byte, 1, 0) <= 0);
    const FileDescriptor winner = first.accept();
    const SendPart part = sendPart(&byte, 1);
    CHECK(connected.socket.send({&part, 1}).bytes == 1);
    CHECK(::recv(winner.get(), &byte, 1, 0) == 1);
}

TEST_CASE("a stop ends a race at once") {
    const FullBacklog one, other;
    Interrupt interrupt;
    std::thread stopping([&] {
        std::this_thread::sleep_for(milliseconds(100));
        interrupt.stop();
    });
    const auto begin = Clock::now();
    try {
        connectToAny({one.socketAddress(), other.socketAddress()}, AddressChoice::Nearest, "server",
                     Deadline::in(patience), interrupt);
        FAIL("connected to nothing");
    } catch (const SessionFailure &failure) {
        CHECK(failure.result().end == SessionEnd::Stopped);
    }
    CHECK(Clock::now() - begin < patience / 4);
    stopping.join();
}
