#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "liteav/v2/Slots.h"
#include "liteav/v2/Types.h"

namespace rtcroom::test {

using Names = std::vector<std::string>;

/// The methods of each interface in slot order, written from the SDK's description and not from the engine's tables.
struct V2Order {
    Names pusher, player, pusherObserver, playerObserver, devices, deviceList, sourceList, effects, deviceObserver;
};
V2Order v2Order(liteav::v2::Revision revision);

/// A library of the current generation made of arrays of functions. Each function knows its place only; what stands
/// there is the order's.
class FakeV2 {
  public:
    explicit FakeV2(liteav::v2::Revision revision);

    liteav::v2::Exports exports();
    /// Calls since the last `take`, as name(arguments).
    Names take();
    bool sawCall(const std::string &call);

    /// Answers by method; 0 without one.
    std::map<std::string, uint64_t> answers;
    /// Run before a method answers: a library that takes its time.
    std::map<std::string, std::function<void()>> before;
    /// Only names are noted and no argument is looked at: for tables that are wrong on purpose.
    bool namesOnly = false;
    bool refuseCreation = false;
    int created = 0;
    int released = 0;
    int lastMode = -1;
    Names devices{"first", "second"};

    struct Object {
        void *const *table;
        FakeV2 *fake;
        const Names *order;
    };
    Object pusher, player, manager, deviceList, sourceList, effects;
    void *pusherObserver = nullptr;
    void *playerObserver = nullptr;
    void *deviceObserver = nullptr;
    const V2Order order;

    /// The SDK calls its observer.
    template <typename... A> void tellPusher(const char *method, A... a) {
        tell(pusherObserver, order.pusherObserver, method, a...);
    }
    template <typename... A> void tellPlayer(const char *method, A... a) {
        tell(playerObserver, order.playerObserver, method, static_cast<void *>(&player), a...);
    }
    template <typename... A> static void tell(void *observer, const Names &order, const char *method, A... a) {
        for (size_t slot = 0; slot < order.size(); ++slot)
            if (order[slot] == method)
                reinterpret_cast<void (*)(void *, A...)>((*static_cast<void ***>(observer))[slot])(observer, a...);
    }

    uint64_t call(Object &object, size_t slot, const uint64_t (&args)[4]);

  private:
    std::mutex mutex_;
    Names calls_;
};

} // namespace rtcroom::test
