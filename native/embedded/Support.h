#pragma once

#include <array>
#include <string>
#include <vector>

#include "engine/Engine.h"
#include "engine/System.h"

namespace rtcroom::embedded {

/// One thing that the embedded engine has somewhere.
struct SupportRow {
    /// "pusher", "player", "video source", "audio source", "user picture", "user sound", "video encoder", "hardware
    /// encoder" or "audio encoder".
    std::string part;
    /// A method's, a source's, a format's or FFmpeg's encoder's.
    std::string name;
    /// Why a system lacks it, by engine::System; null where it has it.
    std::array<const char *, 3> missing{};
    /// What else it takes, for people; may be empty.
    std::string note;
};

/// All of it, for all systems. capabilities() is made of the same table; the reasons are those that the refusals give.
std::vector<SupportRow> supportMatrix();

/// What there is on this system, with this FFmpeg and these libraries: some are loaded to know.
engine::Capabilities capabilitiesHere();

} // namespace rtcroom::embedded
