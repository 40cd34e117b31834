#include "addon/ProcessExit.h"

#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "addon/Addon.h"

namespace rtcroom::addon::processExit {

#ifdef _WIN32

void add(Napi::Env env, Addon &addon) {
    const auto process = env.Global().Get("process").As<Napi::Object>();
    const auto end = Napi::Function::New(env, [&addon](const Napi::CallbackInfo &) { addon.shutDown(); });
    process.Get("once").As<Napi::Function>().Call(process, {Napi::String::New(env, "exit"), end});
}

void remove(Addon &) {}

#else

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

void add(Napi::Env, Addon &addon) {
    const std::lock_guard lock(registry().mutex);
    registry().addons.emplace(&addon, std::this_thread::get_id());
}

void remove(Addon &addon) {
    const std::lock_guard lock(registry().mutex);
    registry().addons.erase(&addon);
}

#endif

} // namespace rtcroom::addon::processExit
