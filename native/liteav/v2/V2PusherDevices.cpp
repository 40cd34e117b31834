#include "liteav/Convert.h"
#include "liteav/v2/Devices.h"
#include "liteav/v2/V2Pusher.h"

// Sound, devices and screens.
namespace rtcroom::liteav::v2 {

using engine::Completion;
using engine::EngineException;
using engine::ErrorCode;
using engine::Side;

namespace {

void ok(int code, const char *what) { check(Side::Push, code, what); }

} // namespace

// ---- sound

void V2Pusher::startAudioCapture(const engine::AudioSourceOptions &options, Completion done) {
    require("startAudioCapture");
    requireRaw(options);
    using engine::SourceKind;
    if (options.kind != SourceKind::Microphone && options.kind != SourceKind::User)
        throw EngineException(ErrorCode::Unsupported,
                              "the LiteAV SDK pushes the microphone or the application's sound; "
                              "use the engine 'embedded' for others");
    const bool user = options.kind == SourceKind::User;
    userAudio_ = user;
    run(
        "startAudioCapture",
        [this, user] {
            stopAudio();
            replay_.apply("audio", [this, user] {
                ok(user ? sdk().enableCustomAudioCapture(true) : sdk().startMicrophone(), "startAudioCapture");
            });
            sound_ = user ? Sound::User : Sound::Microphone;
        },
        std::move(done));
}

void V2Pusher::stopAudio() {
    replay_.forget("audio");
    switch (std::exchange(sound_, Sound::None)) {
    case Sound::None:
        return;
    case Sound::Microphone:
        ok(sdk().stopMicrophone(), "stopAudioCapture");
        return;
    case Sound::User:
        ok(sdk().enableCustomAudioCapture(false), "stopAudioCapture");
    }
}

void V2Pusher::stopAudioCapture(Completion done) {
    require("stopAudioCapture");
    userAudio_ = false;
    run(
        "stopAudioCapture", [this] { stopAudio(); }, std::move(done));
}

void V2Pusher::setAudioChannels(int channels) {
    requireRange("the channels", channels, 1, 2);
    setApplied("setAudioChannels", "audioQuality", [this, channels] {
        ok(sdk().setAudioQuality(channels == 2 ? AudioQuality::Music : AudioQuality::Default), "setAudioChannels");
    });
}

void V2Pusher::enableMic(bool enable) {
    require("enableMic");
    micEnabled_ = enable;
    const int percent = enable ? volumeToPercent(captureVolume_) : 0;
    // Not stopMicrophone: the system's sound goes on being mixed.
    setApplied("enableMic", "captureVolume", [this, percent] { effects().setVoiceCaptureVolume(percent); });
}

void V2Pusher::setAudioCaptureVolume(int volume) {
    require("setAudioCaptureVolume");
    const int percent = volumeToPercent(volume);
    captureVolume_ = volume;
    if (micEnabled_)
        setApplied("setAudioCaptureVolume", "captureVolume",
                   [this, percent] { effects().setVoiceCaptureVolume(percent); });
}

int V2Pusher::getAudioCaptureVolume() {
    require("getAudioCaptureVolume");
    return captureVolume_;
}

int V2Pusher::micVolumeIndication() {
    require("micVolumeIndication");
    if (!evaluating_.exchange(true))
        setApplied("micVolumeIndication", "evaluation", [this] {
            // The SDK's advice, ms.
            ok(sdk().enableVolumeEvaluation(300), "micVolumeIndication");
        });
    return micLevel_;
}

void V2Pusher::openSystemVoiceInput(const std::string &program) {
    require("openSystemVoiceInput");
    if (!program.empty())
        throw EngineException(ErrorCode::Unsupported, "only the 32-bit LiteAV SDK captures one program's sound; give "
                                                      "none for all that the system plays");
    setApplied("openSystemVoiceInput", "loopback",
               [this] { ok(sdk().startLoopback(nullptr), "openSystemVoiceInput"); });
}

void V2Pusher::closeSystemVoiceInput() {
    set("closeSystemVoiceInput", [this] {
        replay_.forget("loopback");
        ok(sdk().stopLoopback(), "closeSystemVoiceInput");
    });
}

void V2Pusher::setSystemVoiceInputVolume(int volume) {
    requireRange("volume", volume, 0, 100);
    setApplied("setSystemVoiceInputVolume", "loopbackVolume",
               [this, volume] { sdk().setLoopbackVolume(static_cast<uint32_t>(volume)); });
}

void V2Pusher::openMicTest() {
    set("openMicTest", [this] { ok(deviceManagerOf(slots_, sdk()).startMicTest(300, true), "openMicTest"); });
}

void V2Pusher::closeMicTest() {
    set("closeMicTest", [this] { ok(deviceManagerOf(slots_, sdk()).stopMicTest(), "closeMicTest"); });
}

// ---- devices and screens

std::vector<engine::Device> V2Pusher::enumCameras() {
    return ask<std::vector<engine::Device>>(
        "enumCameras", [this] { return listDevices(slots_, deviceManagerOf(slots_, sdk()), DeviceType::Camera); });
}

std::vector<engine::Device> V2Pusher::enumMics() {
    return ask<std::vector<engine::Device>>(
        "enumMics", [this] { return listDevices(slots_, deviceManagerOf(slots_, sdk()), DeviceType::Mic); });
}

void V2Pusher::switchCamera(int index) {
    set("switchCamera", [this, index] {
        const auto manager = deviceManagerOf(slots_, sdk());
        const std::string pid = deviceId(listDevices(slots_, manager, DeviceType::Camera), index, "camera");
        ok(manager.setCurrent(DeviceType::Camera, pid.c_str()), "switchCamera");
        firstFrame_ = false;
        if (source_ == Source::Camera)
            replay_.replace("source", [this, pid] { ok(sdk().startCamera(pid.c_str()), "startPreview"); });
    });
}

void V2Pusher::selectMicDevice(int index) {
    set("selectMicDevice", [this, index] {
        const auto mics = listDevices(slots_, deviceManagerOf(slots_, sdk()), DeviceType::Mic);
        const std::string pid = deviceId(mics, index, "microphone");
        replay_.apply("mic", [this, pid] {
            ok(deviceManagerOf(slots_, sdk()).setCurrent(DeviceType::Mic, pid.c_str()), "selectMicDevice");
        });
    });
}

int V2Pusher::micVolume() {
    return ask<int>("micVolume", [this] {
        return percentToVolume(static_cast<int>(deviceManagerOf(slots_, sdk()).volume(DeviceType::Mic)));
    });
}

void V2Pusher::setMicVolume(int volume) {
    const auto percent = static_cast<uint32_t>(volumeToPercent(volume));
    set("setMicVolume",
        [this, percent] { ok(deviceManagerOf(slots_, sdk()).setVolume(DeviceType::Mic, percent), "setMicVolume"); });
}

std::vector<engine::ScreenCaptureSource> V2Pusher::getScreenCaptureSources(const engine::Size &thumbnail) {
    engine::checkThumbnail(thumbnail);
    return ask<std::vector<engine::ScreenCaptureSource>>(
        "getScreenCaptureSources", [this, thumbnail] { return listSources(slots_, sdk(), thumbnail); });
}

void V2Pusher::selectScreenCaptureTarget(const std::string &id, const engine::Rect &region,
                                         const engine::ScreenCaptureProperty &property) {
    requireRegion(region);
    set("selectScreenCaptureTarget", [this, id, region, property] {
        selectSource(slots_, sdk(), id, region, property);
        screenId_ = id;
        screenRegion_ = region;
        screenProperty_ = property;
    });
}

void V2Pusher::setScreenCaptureParam(uint64_t windowHandle, const engine::Rect &region, bool follow) {
    require("setScreenCaptureParam");
    if (follow)
        throw EngineException(ErrorCode::Unsupported, "only the 2018 SDK follows a window on the screen; share the "
                                                      "window itself");
    selectScreenCaptureTarget(windowHandle ? windowSourceId(windowHandle) : std::string(),
                              windowHandle ? engine::Rect{} : region);
}

} // namespace rtcroom::liteav::v2
