#pragma once

// SDL's own headers, without its main().
#define SDL_MAIN_HANDLED
#include <SDL.h>

#include "engine/System.h"

namespace rtcroom::sound {

#define RTCROOM_SOUND_FUNCTIONS(X)                                                                                     \
    X(AudioInit)                                                                                                       \
    X(AudioQuit)                                                                                                       \
    X(CloseAudioDevice)                                                                                                \
    X(GetAudioDeviceName)                                                                                              \
    X(GetAudioDeviceStatus)                                                                                            \
    X(GetCurrentAudioDriver)                                                                                           \
    X(GetError)                                                                                                        \
    X(GetNumAudioDevices)                                                                                              \
    X(OpenAudioDevice)                                                                                                 \
    X(PauseAudioDevice)                                                                                                \
    X(SetHintWithPriority)                                                                                             \
    X(free)

/// The functions of SDL 2 for sound. The library is loaded when the first device is wanted, so that a program without
/// sound devices needs none of it.
struct SoundSdl {
#define RTCROOM_SOUND_MEMBER(name) decltype(&SDL_##name) name;
    RTCROOM_SOUND_FUNCTIONS(RTCROOM_SOUND_MEMBER)
#undef RTCROOM_SOUND_MEMBER
    /// Null before SDL 2.24.
    int(SDLCALL *GetDefaultAudioInfo)(char **name, SDL_AudioSpec *spec, int isCapture);
};

/// Why that system's own sound cannot be heard; null when it can.
const char *systemSoundUnsupported(engine::System system = engine::thisSystem);
/// Throws EngineException(Unsupported) with it.
void requireSystemSound();

/// From any thread. Throws EngineException(DeviceFailed) when the library is not there.
const SoundSdl &soundSdl();

} // namespace rtcroom::sound
