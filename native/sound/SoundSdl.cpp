#include "sound/SoundSdl.h"

#include "engine/Error.h"
#include "engine/SharedLibrary.h"
#include <string>

namespace rtcroom::sound {

namespace {

using engine::EngineException;
using engine::ErrorCode;

#ifdef _WIN32

/// It is in the addon, as for windows.
SoundSdl load() {
    SoundSdl table{};
#define RTCROOM_SOUND_TAKE(name) table.name = &SDL_##name;
    RTCROOM_SOUND_FUNCTIONS(RTCROOM_SOUND_TAKE)
#undef RTCROOM_SOUND_TAKE
    table.GetDefaultAudioInfo = &SDL_GetDefaultAudioInfo;
    return table;
}

#else

#ifdef __APPLE__
constexpr std::initializer_list<const char *> NAMES{"libSDL2-2.0.0.dylib", "/opt/homebrew/lib/libSDL2-2.0.0.dylib",
                                                    "/usr/local/lib/libSDL2-2.0.0.dylib"};
constexpr const char *REMEDY = "`brew install sdl2`";
#else
constexpr std::initializer_list<const char *> NAMES{"libSDL2-2.0.so.0"};
constexpr const char *REMEDY = "on Debian or Ubuntu `apt-get install libsdl2-2.0-0`";
#endif

SoundSdl load() {
    engine::SharedLibrary library;
    if (!library.open(NAMES))
        throw EngineException(ErrorCode::DeviceFailed,
                              std::string("sound devices need SDL 2, which is not installed: ") + REMEDY);
    SoundSdl table{};
    const auto take = [&library](auto &function, const char *name) {
        if (!library.take(function, name))
            throw EngineException(ErrorCode::DeviceFailed, std::string("the installed SDL 2 is too old, it has no ") +
                                                               name + "; install 2.0.18 or newer");
    };
#define RTCROOM_SOUND_TAKE(name) take(table.name, "SDL_" #name);
    RTCROOM_SOUND_FUNCTIONS(RTCROOM_SOUND_TAKE)
#undef RTCROOM_SOUND_TAKE
    library.take(table.GetDefaultAudioInfo, "SDL_GetDefaultAudioInfo");
    return table;
}

#endif

} // namespace

const char *systemSoundUnsupported(engine::System system) {
    switch (system) {
    case engine::System::Windows:
        return "the embedded engine does not hear the system's sound on Windows: SDL opens no loudspeaker for reading; "
               "use the engine liteav, or choose a microphone \"Stereo Mix\" where the sound card has one";
    case engine::System::Mac:
        return "macOS gives no program the system's sound by SDL: choose the microphone of a loopback driver";
    case engine::System::Linux:
        break;
    }
    return nullptr;
}

void requireSystemSound() {
    if (const char *reason = systemSoundUnsupported())
        throw EngineException(ErrorCode::Unsupported, reason);
}

const SoundSdl &soundSdl() {
    // A load that throws is tried again at the next call.
    static const SoundSdl table = load();
    return table;
}

} // namespace rtcroom::sound
