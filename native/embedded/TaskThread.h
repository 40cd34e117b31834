#pragma once

#include "engine/TaskThread.h"

namespace rtcroom::embedded {

using engine::TaskThread;

} // namespace rtcroom::embedded
