#pragma once

#include <memory>
#include <set>
#include <utility>
#include <vector>

#include <napi.h>

#include "addon/FrameExport.h"
#include "addon/Reaper.h"
#include "engine/Engine.h"
#include "engine/Options.h"

namespace rtcroom::addon {

/// An object of an environment that has an engine object and thus threads.
class Owned {
  public:
    virtual ~Owned() = default;
    /// Begins to close and delivers nothing any more; the reaper does the waiting. Calls no JavaScript.
    virtual void shutDown() = 0;
};

/// One an environment (the main thread, each worker): owns what lives in it and ends it with it, however it ends.
class Addon {
  public:
    /// Makes the environment's addon and ties it to the environment's end.
    static Addon &create(Napi::Env env);
    static Addon &of(Napi::Env env);

    explicit Addon(Napi::Env env);
    ~Addon();
    Addon(const Addon &) = delete;
    Addon &operator=(const Addon &) = delete;

    /// The engine that `options` mean; kept, so that the same options give the same one. Throws EngineException.
    engine::Engine &engine(const engine::EngineOptions &options);
    Reaper &reaper() { return reaper_; }
    FrameExport &frames() { return frames_; }

    void add(Owned &object) { live_.insert(&object); }
    void remove(Owned &object) { live_.erase(&object); }
    bool isShutDown() const { return shutDown_; }

    /// Closes every live object at once and waits for all their threads. Twice is nothing.
    void shutDown();

  private:
    static void onCleanup(void *addon);

    const Napi::Env env_;
    std::vector<std::pair<engine::EngineOptions, std::shared_ptr<engine::Engine>>> engines_;
    FrameExport frames_;
    std::set<Owned *> live_;
    bool shutDown_ = false;
    Reaper reaper_;
};

} // namespace rtcroom::addon
