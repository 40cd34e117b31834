#pragma once

#include "engine/LivePlayAttribute.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// How far playing stays behind what arrives, ms. The defaults are those of a call.
struct PlayoutSettings {
    /// The delay that the jitter is given moves between these; equal, it is fixed.
    double minDelayMs = 0;
    double maxDelayMs = 250;
    /// Jitter up to this much is not worth a delay.
    double freeJitterMs = 15;
    /// Picture and sound need not wait for one another for less than this, a frame of sound taken by its end: it cannot
    /// come sooner, and encoding it takes another two. 40 ms less what decoding varies by.
    double syncSlackMs = 37;
    /// How much faster the sound is made while the clock catches up.
    double catchUpRate = 1.25;
    /// More than this above the wanted delay is left out, up to a key frame.
    double farBehindMs = 500;
    /// Pictures or data that stand still for longer are told.
    int blockThresholdMs = 800;
};

/// The SDK's defaults for plain live (1 to 5 s), a call's for LiveRtmpAcc, with what `attribute` sets.
PlayoutSettings playoutSettings(engine::PlayType type, const engine::LivePlayAttribute &attribute);

} // namespace rtcroom::embedded
