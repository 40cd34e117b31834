#include "addon/PlayerWrap.h"

namespace rtcroom::addon {

PlayerWrap::PlayerWrap(const Napi::CallbackInfo &info) : LiveWrap(info) {
    openEngine(info[0], [&info](engine::Engine &engine, Bridge &bridge) {
        return engine.createPlayer(fromJs<engine::PlayerOptions>(info[0], "options"), bridge);
    });
}

Napi::Function PlayerWrap::define(Napi::Env env) {
#define RTCROOM_METHOD(name)                                                                                           \
    InstanceMethod(#name, &PlayerWrap::invoke<&engine::Player::name>, napi_default_method, const_cast<char *>(#name))
    return DefineClass(env, "Player",
                       {
                           RTCROOM_METHOD(startPlay),
                           RTCROOM_METHOD(stopPlay),
                           RTCROOM_METHOD(isPlaying),
                           RTCROOM_METHOD(pause),
                           RTCROOM_METHOD(resume),
                           RTCROOM_METHOD(setMute),
                           RTCROOM_METHOD(setOutputVideoFormat),
                           RTCROOM_METHOD(setOutputAudio),
                           RTCROOM_METHOD(captureVideoSnapShot),
                           RTCROOM_METHOD(startLocalRecord),
                           RTCROOM_METHOD(stopLocalRecord),
                           RTCROOM_METHOD(setRenderFrame),
                           RTCROOM_METHOD(updateRenderFrame),
                           RTCROOM_METHOD(closeRenderFrame),
                           RTCROOM_METHOD(setRenderMode),
                           RTCROOM_METHOD(setRotation),
                           RTCROOM_METHOD(setRenderYMirror),
                           RTCROOM_METHOD(showDebugView),
                           RTCROOM_METHOD(setEnableMessage),
                           RTCROOM_METHOD(setLivePlayAttribute),
                           RTCROOM_METHOD(enumSpeakers),
                           RTCROOM_METHOD(selectSpeakerDevice),
                           RTCROOM_METHOD(speakerVolume),
                           RTCROOM_METHOD(setSpeakerVolume),
                           RTCROOM_METHOD(speakerVolumeIndication),
                           RTCROOM_METHOD(setAudioPlayoutVolume),
                           RTCROOM_METHOD(getAudioPlayoutVolume),
                           InstanceMethod("dropped", &PlayerWrap::dropped),
                           InstanceMethod("close", &PlayerWrap::close),
                       });
#undef RTCROOM_METHOD
}

} // namespace rtcroom::addon
