#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/Player.h"
#include "engine/Pusher.h"

namespace rtcroom::engine {

/// What an engine has, for the application to ask beforehand. Every method of the contract that is not named here
/// throws Unsupported.
struct Capabilities {
    std::vector<std::string> pusherMethods;
    std::vector<std::string> playerMethods;
    std::vector<std::string> videoSources;
    std::vector<std::string> audioSources;
    /// Of the source user: what the application may send.
    std::vector<std::string> userVideoFormats;
    std::vector<std::string> userAudioFormats;
    std::vector<std::string> protocols;
    std::vector<std::string> videoEncoders;
    /// That the engine tries when enableHWAcceleration wants it; whether one opens is the machine's.
    std::vector<std::string> hardwareEncoders;
    std::vector<std::string> audioEncoders;
    std::vector<std::string> videoDecoders;
    std::vector<std::string> audioDecoders;
};

class Engine {
  public:
    virtual ~Engine() = default;
    virtual std::string name() const = 0;
    /// Versions of what it is made of, for people.
    virtual std::string version() const = 0;
    /// Path of the library that it found on the machine; empty for one that is part of the addon.
    virtual std::string library() const { return {}; }
    virtual const Capabilities &capabilities() const = 0;
    /// The listener must outlive the object's close.
    virtual std::unique_ptr<Pusher> createPusher(const PusherOptions &options, PusherListener &listener) = 0;
    virtual std::unique_ptr<Player> createPlayer(const PlayerOptions &options, PlayerListener &listener) = 0;
};

} // namespace rtcroom::engine
