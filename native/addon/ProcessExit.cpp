#include "addon/ProcessExit.h"

#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "addon/Addon.h"

namespace rtcroom::addon::processExit {
namespace {

struct Registry {
    std::mutex mutex;
    std::map<Addon *, std::thread::id> addons;
};

void shutDownThisThread();

Registry &registry() {
    static Registry instance;
    // After the registry, so that it runs before the registry's destructor.
    static const int registered = std::atexit(shutDownThisThread);
    (void)registered;
    return instance;
}

void shutDownThisThread() {
    std::vector<Addon *> mine;
    {
        const std::lock_guard lock(registry().mutex);
        for (const auto &[addon, thread] : registry().addons)
            if (thread == std::this_thread::get_id())
                mine.push_back(addon);
    }
    for (Addon *addon : mine)
        addon->shutDown();
}

} // namespace

void add(Addon &addon) {
    const std::lock_guard lock(registry().mutex);
    registry().addons.emplace(&addon, std::this_thread::get_id());
}

void remove(Addon &addon) {
    const std::lock_guard lock(registry().mutex);
    registry().addons.erase(&addon);
}

} // namespace rtcroom::addon::processExit
