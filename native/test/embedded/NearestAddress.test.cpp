#include <doctest/doctest.h>

#include <atomic>
#include <dlfcn.h>
#include <netdb.h>
#include <string_view>

#include "test/embedded/Sides.h"
#include "test/support/Await.h"
#include "test/support/ScriptedServer.h"

using namespace rtcroom::test;

namespace {

constexpr std::string_view twoAddresses = "two-addresses.test";

} // namespace

/// This program's lookup: the system's, which knows one host more. It has 127.0.0.1 and then 127.0.0.2.
extern "C" int getaddrinfo(const char *node, const char *service, const addrinfo *hints, addrinfo **out) {
    static const auto system = reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
    if (!node || node != twoAddresses)
        return system(node, service, hints, out);
    if (hints && hints->ai_flags & AI_NUMERICHOST)
        return EAI_NONAME;
    addrinfo *second = nullptr;
    if (const int error = system("127.0.0.2", service, hints, &second); error != 0)
        return error;
    if (const int error = system("127.0.0.1", service, hints, out); error != 0) {
        freeaddrinfo(second);
        return error;
    }
    addrinfo *last = *out;
    while (last->ai_next)
        last = last->ai_next;
    last->ai_next = second;
    return 0;
}

TEST_CASE("setNearestIP reaches the connection: with it all addresses of a server are tried, else the first") {
    std::atomic<int> atFirst{0}, atSecond{0};
    const auto counting = [](std::atomic<int> &clients) {
        return [&clients](Peer &peer) {
            ++clients;
            peer.acceptConnect();
            peer.readCommand("publish");
            peer.sendStatus(1, "status", "NetStream.Publish.Start");
            peer.stayUntilClientGoes();
        };
    };
    ScriptedServer first(counting(atFirst));
    ScriptedServer second(counting(atSecond), {.host = "127.0.0.2", .port = first.port()});
    const std::string url = "rtmp://" + std::string(twoAddresses) + ":" + std::to_string(first.port()) + "/live/x";
    const auto push = [&](std::optional<bool> nearest) {
        Pushing a;
        if (nearest)
            a.pusher->setNearestIP(*nearest);
        Outcome audio;
        a.pusher->startAudioCapture({}, audio.completion());
        REQUIRE_FALSE(audio.code());
        a.push(url);
    };
    // Connections are counted in their order: one too many of the first pushes would show at the later ones.
    push(false);
    push(false);
    CHECK(atFirst == 2);
    push(true);
    CHECK(await([&] { return atFirst + atSecond == 4; }));
    push(std::nullopt);
    CHECK(await([&] { return atFirst + atSecond == 6; }));
    CHECK(atSecond == 2);
}
