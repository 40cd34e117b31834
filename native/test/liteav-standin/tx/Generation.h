#pragma once

#include "runtime/Kernel.h"

namespace standin {

/// Most pairs of a key and a value that one event carries.
constexpr int MOST_PARAMETERS = 16;

/// How the callbacks of a generation are called, and the numbers in which they differ.
struct Generation {
    using Event = void (*)(void *callback, int id, int count, const char **keys, const char **values, void *userData);
    using Video = void (*)(void *callback, char *data, unsigned size, int width, int height, int format,
                           void *userData);
    using Audio = void (*)(void *callback, unsigned char *pcm, unsigned size, unsigned rate, unsigned channels,
                           unsigned long long timestamp, void *userData);

    Event pusherEvent, playerEvent;
    Video pusherVideo, playerVideo; // null: the generation has none
    Audio pusherAudio, playerAudio;
    int callbackSlots; // destructor included
    int pusherSnapshotEvent, playerSnapshotEvent;
    int cameraRemovedEvent, cameraAvailableEvent;
    bool format3IsBgra; // else RGBA
};

extern const Generation GENERATION;

/// Keys and values of one event; the texts of numbers live in it.
class EventParameters {
  public:
    void add(const char *key, const char *value);
    void add(const char *key, int value);

    int count() const { return count_; }
    const char **keys() { return keys_; }
    const char **values() { return values_; }

  private:
    const char *keys_[MOST_PARAMETERS];
    const char *values_[MOST_PARAMETERS];
    char numbers_[MOST_PARAMETERS][12];
    int count_ = 0;
};

/// Writes a small JPEG of the pusher's or player's colour: 0, −2 for a path that cannot be written or is no .jpg, −3
/// for a file that is there already.
int writeSnapshot(const wchar_t *path, unsigned size, bool ofPusher);

} // namespace standin
