// The exports of a V2 DLL. Defects are chosen by the build:
//   STANDIN_VERSION           what the DLL states of itself
//   STANDIN_FEW_EXPORTS       the factories only
//   STANDIN_NULL_OBJECTS      the factories fail
//   STANDIN_REFUSED_LICENCE   every start is refused with -5
//   STANDIN_SIBLING           a function of txffmpeg.dll is imported

#include "abi/V2Premier.h"
#include "runtime/Call.h"
#include "runtime/Scenario.h"
#include "v2/PlayerObject.h"
#include "v2/PusherObject.h"

using namespace liteav;
using standin::Call;
using standin::Kind;

#define STANDIN_EXPORT extern "C" __declspec(dllexport)

#ifdef STANDIN_SIBLING
extern "C" __declspec(dllimport) int txffmpeg_version();
#endif

namespace standin {

bool licenceRefused() {
#ifdef STANDIN_REFUSED_LICENCE
    return true;
#else
    return false;
#endif
}

const char *sdkVersion() {
#ifdef STANDIN_SIBLING
    if (txffmpeg_version() == 0)
        return "";
#endif
    return STANDIN_VERSION;
}

namespace {

template <class Object> void release(Call &call, void *address, Kind kind) {
    call.address(address);
    if (!objects::numberOf(address, kind))
        return call.fault("this is not a live object of the class");
    auto *object = static_cast<Object *>(address);
    if (object->isOwnThread())
        return call.fault("released on a thread of the SDK: it would wait for itself");
    delete object;
}

} // namespace

bool fireAt(void *object, Kind kind, const char *callback, int a, int b, const char *text) {
    if (kind == Kind::Pusher)
        return static_cast<PusherObject *>(object)->fire(callback, a, b, text);
    return kind == Kind::Player && static_cast<PlayerObject *>(object)->fire(callback, a, b, text);
}

} // namespace standin

STANDIN_EXPORT V2TXLivePusher *createV2TXLivePusher(int mode) {
    Call call("createV2TXLivePusher");
    call.arg(mode);
#ifdef STANDIN_NULL_OBJECTS
    return nullptr;
#else
    if (mode == V2TXLiveMode_RTMP || mode == V2TXLiveMode_RTC)
        return new standin::PusherObject(mode);
    call.fault("the mode is not 0 or 1");
    return nullptr;
#endif
}

STANDIN_EXPORT V2TXLivePlayer *createV2TXLivePlayer() {
    const Call call("createV2TXLivePlayer");
#ifdef STANDIN_NULL_OBJECTS
    return nullptr;
#else
    return new standin::PlayerObject;
#endif
}

STANDIN_EXPORT const char *getLiteAvSDKVersion() {
    const Call call("getLiteAvSDKVersion");
    return standin::sdkVersion();
}

#ifndef STANDIN_FEW_EXPORTS
STANDIN_EXPORT void releaseV2TXLivePusher(V2TXLivePusher *pusher) {
    Call call("releaseV2TXLivePusher");
    standin::release<standin::PusherObject>(call, pusher, Kind::Pusher);
}

STANDIN_EXPORT void releaseV2TXLivePlayer(V2TXLivePlayer *player) {
    Call call("releaseV2TXLivePlayer");
    standin::release<standin::PlayerObject>(call, player, Kind::Player);
}

STANDIN_EXPORT V2TXLivePremier *getV2TXLivePremierShareInstance() {
    return V2TXLivePremier::getV2TXLivePremierShareInstance();
}

STANDIN_EXPORT void destroyV2TXLivePremierShareInstance() { V2TXLivePremier::destroyV2TXLivePremierShareInstance(); }

STANDIN_EXPORT int setGlobalEnv(const char *environment) {
    Call call("setGlobalEnv");
    return call.result(call.text(environment) ? 0 : -2);
}

STANDIN_EXPORT void v2tx_live_premier_set_license(const char *url, const char *key) {
    Call call("v2tx_live_premier_set_license");
    call.text(url);
    call.text(key);
}

/// The prototype of the handler is not known: it is never called.
STANDIN_EXPORT void v2tx_live_premier_set_on_license_loaded_handler(void *handler) {
    Call("v2tx_live_premier_set_on_license_loaded_handler").address(handler);
}

STANDIN_EXPORT const char *v2tx_live_premier_get_sdk_version() {
    const Call call("v2tx_live_premier_get_sdk_version");
    return standin::sdkVersion();
}

STANDIN_EXPORT void v2tx_live_premier_set_environment(const char *environment) {
    Call call("v2tx_live_premier_set_environment");
    call.text(environment);
}

STANDIN_EXPORT void v2tx_live_premier_set_user_id(const char *userId) {
    Call call("v2tx_live_premier_set_user_id");
    call.text(userId);
}
#endif
