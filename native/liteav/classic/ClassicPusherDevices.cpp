#include "liteav/Convert.h"
#include "liteav/classic/ClassicPusher.h"
#include "liteav/classic/Lists.h"

// Sound, devices and screens.
namespace rtcroom::liteav::classic {

using engine::Completion;
using engine::EngineException;
using engine::ErrorCode;
using M = PusherMethod;

namespace {

// TXEAudioCaptureSrcType.
constexpr int MICROPHONE = 1;
constexpr int USER_DATA = 1001;

} // namespace

// ---- sound

void ClassicPusher::startAudioCapture(const engine::AudioSourceOptions &options, Completion done) {
    require("startAudioCapture");
    requireRaw(options);
    using engine::SourceKind;
    const bool user = options.kind == SourceKind::User && sdk_.isInterface();
    if (options.kind != SourceKind::Microphone && !user)
        throw EngineException(ErrorCode::Unsupported, "this LiteAV SDK does not push such sound; see "
                                                      "capabilities().audioSources");
    run(
        "startAudioCapture",
        [this, user] {
            sdk_.call<void>(M::startAudioCapture, user ? USER_DATA : MICROPHONE);
            capturing_ = true;
        },
        std::move(done));
}

void ClassicPusher::stopAudioCapture(Completion done) {
    run(
        "stopAudioCapture",
        [this] {
            if (std::exchange(capturing_, false))
                sdk_.call<void>(M::stopAudioCapture);
        },
        std::move(done));
}

int ClassicPusher::micVolume() {
    return ask<int>("micVolume", [this] { return static_cast<int>(sdk_.call<unsigned>(M::micVolume)); });
}

void ClassicPusher::setMicVolume(int volume) {
    volumeToPercent(volume);
    set("setMicVolume", [=, this] { sdk_.call<void>(M::setMicVolume, static_cast<unsigned>(volume)); });
}

int ClassicPusher::micVolumeIndication() {
    return ask<int>("micVolumeIndication",
                    [this] { return static_cast<int>(sdk_.call<uint32_t>(M::micVolumeIndication)); });
}

void ClassicPusher::enableMic(bool enable) {
    set("enableMic", [=, this] { sdk_.call<void>(M::enableMic, enable); });
}

void ClassicPusher::openMicTest() {
    set("openMicTest", [this] { sdk_.call<void>(M::openMicTest); });
}

void ClassicPusher::closeMicTest() {
    set("closeMicTest", [this] { sdk_.call<void>(M::closeMicTest); });
}

void ClassicPusher::setAudioCaptureVolume(int volume) {
    volumeToPercent(volume);
    set("setAudioCaptureVolume", [=, this] { sdk_.call<void>(M::setAudioCaptureVolume, volume); });
}

int ClassicPusher::getAudioCaptureVolume() {
    return ask<int>("getAudioCaptureVolume", [this] { return sdk_.call<int>(M::getAudioCaptureVolume); });
}

void ClassicPusher::openSystemVoiceInput(const std::string &program) {
    set("openSystemVoiceInput", [=, this] {
        sdk_.call<void>(M::openSystemVoiceInput,
                        program.empty() ? static_cast<const char *>(nullptr) : program.c_str());
    });
}

void ClassicPusher::closeSystemVoiceInput() {
    set("closeSystemVoiceInput", [this] { sdk_.call<void>(M::closeSystemVoiceInput); });
}

void ClassicPusher::setSystemVoiceInputVolume(int volume) {
    requireRange("volume", volume, 0, 100);
    set("setSystemVoiceInputVolume", [=, this] { sdk_.call<void>(M::setSystemVoiceInputVolume, volume); });
}

void ClassicPusher::enableAudioPreprocess(int type, bool enable) {
    if (type != 1 && type != 2 && type != 4)
        throw EngineException(ErrorCode::InvalidArgument, "the type must be 1 (echo), 2 (gain) or 4 (noise)");
    set("enableAudioPreprocess", [=, this] { sdk_.call<void>(M::enableAudioPreprocess, type, enable); });
}

void ClassicPusher::setAudioChannels(int channels) {
    requireRange("the channels", channels, 1, 2);
    set("setAudioChannels", [=, this] { sdk_.call<void>(M::setAudioChannels, channels); });
}

// ---- devices and screens

std::vector<engine::Device> ClassicPusher::enumCameras() {
    return ask<std::vector<engine::Device>>("enumCameras", [this] { return listCameras(sdk_); });
}

std::vector<engine::Device> ClassicPusher::enumMics() {
    return ask<std::vector<engine::Device>>("enumMics", [this] { return listMicrophones(sdk_); });
}

void ClassicPusher::switchCamera(int index) {
    set("switchCamera", [=, this] {
        sdk_.call<void>(M::switchCamera, static_cast<int>(requireIndex(listCameras(sdk_), index, "camera")));
    });
}

void ClassicPusher::selectMicDevice(int index) {
    set("selectMicDevice",
        [=, this] { sdk_.call<void>(M::selectMicDevice, requireIndex(listMicrophones(sdk_), index, "microphone")); });
}

std::vector<engine::ScreenCaptureSource> ClassicPusher::getScreenCaptureSources(const engine::Size &thumbnail) {
    engine::checkThumbnail(thumbnail);
    return ask<std::vector<engine::ScreenCaptureSource>>("getScreenCaptureSources",
                                                         [this, thumbnail] { return listSources(sdk_, thumbnail); });
}

void ClassicPusher::selectScreenCaptureTarget(const std::string &id, const engine::Rect &region,
                                              const engine::ScreenCaptureProperty &property) {
    requireRegion(region);
    set("selectScreenCaptureTarget", [=, this] { selectSource(sdk_, id, region, property); });
}

void ClassicPusher::setScreenCaptureParam(uint64_t windowHandle, const engine::Rect &region, bool follow) {
    requireRegion(region);
    set("setScreenCaptureParam", [=, this] {
        const Rect rect{region.left, region.top, region.right, region.bottom};
        sdk_.call<void>(M::setScreenCaptureParam, windowOf(windowHandle), static_cast<const Rect *>(&rect), follow,
                        true);
    });
}

} // namespace rtcroom::liteav::classic
