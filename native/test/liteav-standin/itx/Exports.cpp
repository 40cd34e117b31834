// The exports of the interface SDK. STANDIN_VERSION is what the DLL states of itself.

#include "itx/ItxPlayer.h"
#include "itx/ItxPusher.h"

using standin::Call;
using standin::Kind;

#define STANDIN_EXPORT extern "C" __declspec(dllexport)

namespace standin {

namespace {

ITXLivePusherCallback *pusherCallback(void *callback) { return static_cast<ITXLivePusherCallback *>(callback); }
ITXLivePlayerCallback *playerCallback(void *callback) { return static_cast<ITXLivePlayerCallback *>(callback); }

template <class Object, class Interface> void destroy(Call &call, Interface **address, Kind kind) {
    call.address(address);
    if (!call.memory(address, sizeof *address))
        return;
    call.address(*address);
    if (!objects::numberOf(*address, kind))
        return call.fault("this is not a live object of the class");
    auto *object = static_cast<Object *>(*address);
    if (object->isOwnThread())
        return call.fault("destroyed on a thread of the SDK: it would wait for itself");
    delete object;
    *address = nullptr;
}

} // namespace

constinit const Generation GENERATION = {
    [](void *callback, int id, int count, const char **keys, const char **values, void *userData) {
        pusherCallback(callback)->onEventCallback(id, count, keys, values, userData);
    },
    [](void *callback, int id, int count, const char **keys, const char **values, void *userData) {
        playerCallback(callback)->onEventCallback(id, count, keys, values, userData);
    },
    [](void *callback, char *data, unsigned size, int width, int height, int, void *userData) {
        pusherCallback(callback)->onVideoCaptureCallback(data, size, width, height, userData);
    },
    [](void *callback, char *data, unsigned size, int width, int height, int format, void *userData) {
        playerCallback(callback)->onVideoDecodeCallback(data, size, width, height,
                                                        static_cast<TXEOutputVideoFormat>(format), userData);
    },
    [](void *callback, unsigned char *pcm, unsigned size, unsigned rate, unsigned channels, unsigned long long at,
       void *userData) { pusherCallback(callback)->onAudioCaptureCallback(pcm, size, rate, channels, at, userData); },
    [](void *callback, unsigned char *pcm, unsigned size, unsigned rate, unsigned channels, unsigned long long at,
       void *userData) { playerCallback(callback)->onAudioDecodeCallback(pcm, size, rate, channels, at, userData); },
    4,    // slots of a callback
    1022, // snapshots
    1022,
    1023, // camera removed, available
    1024,
    true, // 3 is BGRA
};

bool fireAt(void *object, Kind kind, const char *callback, int a, int b, const char *text) {
    if (kind == Kind::Pusher)
        return static_cast<ItxPusher *>(object)->fire(callback, a, b, text);
    return kind == Kind::Player && static_cast<ItxPlayer *>(object)->fire(callback, a, b, text);
}

} // namespace standin

STANDIN_EXPORT ITXLivePusher *createTXLivePusher() {
    const Call call("createTXLivePusher");
    return new standin::ItxPusher;
}

STANDIN_EXPORT void destroyTXLivePusher(ITXLivePusher **pusher) {
    Call call("destroyTXLivePusher");
    standin::destroy<standin::ItxPusher>(call, pusher, Kind::Pusher);
}

STANDIN_EXPORT ITXLivePlayer *createTXLivePlayer() {
    const Call call("createTXLivePlayer");
    return new standin::ItxPlayer;
}

STANDIN_EXPORT void destroyTXLivePlayer(ITXLivePlayer **player) {
    Call call("destroyTXLivePlayer");
    standin::destroy<standin::ItxPlayer>(call, player, Kind::Player);
}

STANDIN_EXPORT const char *getLiteAvSDKVersion() {
    const Call call("getLiteAvSDKVersion");
    return STANDIN_VERSION;
}
