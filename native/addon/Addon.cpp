#include "addon/Addon.h"

#include <vector>

#include "addon/ProcessExit.h"
#include "embedded/EmbeddedEngine.h"

namespace rtcroom::addon {

Addon &Addon::create(Napi::Env env) {
    auto owner = std::make_unique<Addon>(env);
    Addon &addon = *owner;
    env.SetInstanceData(owner.release()); // The environment deletes it.
    return addon;
}

Addon &Addon::of(Napi::Env env) { return *env.GetInstanceData<Addon>(); }

Addon::Addon(Napi::Env env) : env_(env), engine_(embedded::createEmbeddedEngine()) {
    napi_add_env_cleanup_hook(env_, onCleanup, this);
    processExit::add(*this);
}

Addon::~Addon() {
    shutDown();
    processExit::remove(*this);
}

void Addon::onCleanup(void *addon) { static_cast<Addon *>(addon)->shutDown(); }

void Addon::shutDown() {
    if (shutDown_)
        return;
    shutDown_ = true;
    const std::vector<Owned *> objects(live_.begin(), live_.end());
    live_.clear();
    for (Owned *object : objects)
        object->shutDown();
    reaper_.finish();
}

} // namespace rtcroom::addon
