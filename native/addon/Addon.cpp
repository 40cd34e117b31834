#include "addon/Addon.h"

#include <vector>

#include "addon/ProcessExit.h"
#include "embedded/EmbeddedEngine.h"
#include "liteav/LiteavEngine.h"

namespace rtcroom::addon {

Addon &Addon::create(Napi::Env env) {
    auto owner = std::make_unique<Addon>(env);
    Addon &addon = *owner;
    env.SetInstanceData(owner.release()); // The environment deletes it.
    return addon;
}

Addon &Addon::of(Napi::Env env) { return *env.GetInstanceData<Addon>(); }

Addon::Addon(Napi::Env env) : env_(env) {
    napi_add_env_cleanup_hook(env_, onCleanup, this);
    processExit::add(env, *this);
}

Addon::~Addon() {
    shutDown();
    processExit::remove(*this);
}

engine::Engine &Addon::engine(const engine::EngineOptions &options) {
    for (const auto &[known, engine] : engines_)
        if (known == options)
            return *engine;
    std::shared_ptr<engine::Engine> made;
    if (options.name == "embedded")
        made = embedded::createEmbeddedEngine();
    else if (options.name == "liteav")
        made = liteav::createLiteavEngine(options);
    else if (options.name == "auto")
        made = liteav::findSdk(options) ? liteav::createLiteavEngine(options) : embedded::createEmbeddedEngine();
    else
        throw engine::EngineException(engine::ErrorCode::InvalidArgument,
                                      "engine must be 'auto', 'embedded', 'liteav' or 'process'");
    return *engines_.emplace_back(options, std::move(made)).second;
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
