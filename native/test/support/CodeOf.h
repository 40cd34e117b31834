#pragma once

#include <doctest/doctest.h>

#include "engine/Error.h"

namespace rtcroom::test {

/// Of the EngineException that `call` throws; that it throws none, or one that says nothing, is a failure.
template <typename Call> engine::ErrorCode codeOf(Call &&call) {
    try {
        call();
    } catch (const engine::EngineException &failure) {
        CHECK_FALSE(failure.error().message.empty());
        return failure.error().code;
    }
    FAIL("nothing was thrown");
    return engine::ErrorCode::Internal;
}

} // namespace rtcroom::test
