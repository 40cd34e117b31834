#pragma once

#include <memory>

#include "engine/Engine.h"

namespace rtcroom::embedded {

/// The engine on FFmpeg's libraries and our own RTMP. Cheap to make; objects it created may outlive it.
std::shared_ptr<engine::Engine> createEmbeddedEngine();

} // namespace rtcroom::embedded
