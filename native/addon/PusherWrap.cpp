#include "addon/PusherWrap.h"

namespace rtcroom::addon {

PusherWrap::PusherWrap(const Napi::CallbackInfo &info) : LiveWrap(info) {
    openEngine(info[0], [&info](engine::Engine &engine, Bridge &bridge) {
        return engine.createPusher(fromJs<engine::PusherOptions>(info[0], "options"), bridge);
    });
}

Napi::Function PusherWrap::define(Napi::Env env) {
#define RTCROOM_METHOD(name)                                                                                           \
    InstanceMethod(#name, &PusherWrap::invoke<&engine::Pusher::name>, napi_default_method, const_cast<char *>(#name))
    return DefineClass(env, "Pusher",
                       {
                           RTCROOM_METHOD(startPreview),
                           RTCROOM_METHOD(stopPreview),
                           RTCROOM_METHOD(updatePreview),
                           RTCROOM_METHOD(startAudioCapture),
                           RTCROOM_METHOD(stopAudioCapture),
                           RTCROOM_METHOD(startPush),
                           RTCROOM_METHOD(stopPush),
                           RTCROOM_METHOD(isPushing),
                           RTCROOM_METHOD(setVideoQualityParamPreset),
                           RTCROOM_METHOD(setVideoResolution),
                           RTCROOM_METHOD(setVideoFPS),
                           RTCROOM_METHOD(setVideoBitRate),
                           RTCROOM_METHOD(enableHWAcceleration),
                           RTCROOM_METHOD(setVideoBitRateMin),
                           RTCROOM_METHOD(setVideoBitRateMax),
                           RTCROOM_METHOD(setAutoAdjustStrategy),
                           RTCROOM_METHOD(setMute),
                           RTCROOM_METHOD(setPauseVideo),
                           RTCROOM_METHOD(sendCustomVideoData),
                           RTCROOM_METHOD(sendCustomAudioData),
                           RTCROOM_METHOD(sendMessage),
                           RTCROOM_METHOD(setOutputVideoFormat),
                           RTCROOM_METHOD(setOutputAudio),
                           RTCROOM_METHOD(captureVideoSnapShot),
                           RTCROOM_METHOD(startLocalRecord),
                           RTCROOM_METHOD(stopLocalRecord),
                           RTCROOM_METHOD(setRenderMode),
                           RTCROOM_METHOD(setRotation),
                           RTCROOM_METHOD(setRenderYMirror),
                           RTCROOM_METHOD(setOutputYMirror),
                           RTCROOM_METHOD(setBeautyStyle),
                           RTCROOM_METHOD(setWatermark),
                           RTCROOM_METHOD(setNearestIP),
                           RTCROOM_METHOD(showDebugView),
                           RTCROOM_METHOD(enumCameras),
                           RTCROOM_METHOD(switchCamera),
                           RTCROOM_METHOD(enumMics),
                           RTCROOM_METHOD(selectMicDevice),
                           RTCROOM_METHOD(micVolume),
                           RTCROOM_METHOD(setMicVolume),
                           RTCROOM_METHOD(micVolumeIndication),
                           RTCROOM_METHOD(enableMic),
                           RTCROOM_METHOD(openMicTest),
                           RTCROOM_METHOD(closeMicTest),
                           RTCROOM_METHOD(setAudioCaptureVolume),
                           RTCROOM_METHOD(getAudioCaptureVolume),
                           RTCROOM_METHOD(openSystemVoiceInput),
                           RTCROOM_METHOD(closeSystemVoiceInput),
                           RTCROOM_METHOD(setSystemVoiceInputVolume),
                           RTCROOM_METHOD(enableAudioPreprocess),
                           RTCROOM_METHOD(setAudioChannels),
                           RTCROOM_METHOD(getScreenCaptureSources),
                           RTCROOM_METHOD(selectScreenCaptureTarget),
                           RTCROOM_METHOD(setScreenCaptureParam),
                           InstanceMethod("dropped", &PusherWrap::dropped),
                           InstanceMethod("close", &PusherWrap::close),
                       });
#undef RTCROOM_METHOD
}

} // namespace rtcroom::addon
