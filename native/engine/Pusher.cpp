#include "engine/Pusher.h"

namespace rtcroom::engine {
namespace {

[[noreturn]] void unsupported(const char *method) {
    throw EngineException(ErrorCode::Unsupported,
                          std::string(method) + " is not supported by this engine; see capabilities");
}

} // namespace

void Pusher::startPreview(const VideoSourceOptions &, Completion) { unsupported("startPreview"); }
void Pusher::stopPreview(Completion) { unsupported("stopPreview"); }
void Pusher::updatePreview(uint64_t) { unsupported("updatePreview"); }
void Pusher::startAudioCapture(const AudioSourceOptions &, Completion) { unsupported("startAudioCapture"); }
void Pusher::stopAudioCapture(Completion) { unsupported("stopAudioCapture"); }
void Pusher::startPush(const std::string &, Completion) { unsupported("startPush"); }
void Pusher::stopPush(Completion) { unsupported("stopPush"); }
bool Pusher::isPushing() const { unsupported("isPushing"); }
void Pusher::setVideoQualityParamPreset(VideoQualityPreset, VideoRatio) { unsupported("setVideoQualityParamPreset"); }
void Pusher::setVideoResolution(int) { unsupported("setVideoResolution"); }
void Pusher::setVideoFPS(int) { unsupported("setVideoFPS"); }
void Pusher::setVideoBitRate(int) { unsupported("setVideoBitRate"); }
void Pusher::enableHWAcceleration(bool) { unsupported("enableHWAcceleration"); }
void Pusher::setVideoBitRateMin(int) { unsupported("setVideoBitRateMin"); }
void Pusher::setVideoBitRateMax(int) { unsupported("setVideoBitRateMax"); }
void Pusher::setAutoAdjustStrategy(AutoAdjustStrategy) { unsupported("setAutoAdjustStrategy"); }
void Pusher::setMute(bool) { unsupported("setMute"); }
void Pusher::setPauseVideo(bool) { unsupported("setPauseVideo"); }
void Pusher::sendCustomVideoData(const UserVideo &) { unsupported("sendCustomVideoData"); }
void Pusher::sendCustomAudioData(const UserAudio &) { unsupported("sendCustomAudioData"); }
void Pusher::sendMessage(const std::string &) { unsupported("sendMessage"); }
void Pusher::setOutputVideoFormat(OutputVideoFormat, const OutputVideoOptions &) {
    unsupported("setOutputVideoFormat");
}
void Pusher::setOutputAudio(bool, const OutputAudioOptions &) { unsupported("setOutputAudio"); }
void Pusher::captureVideoSnapShot(const std::string &, Completion) { unsupported("captureVideoSnapShot"); }
void Pusher::startLocalRecord(const std::string &, uint64_t, Completion) { unsupported("startLocalRecord"); }
void Pusher::stopLocalRecord(Completion) { unsupported("stopLocalRecord"); }
void Pusher::setRenderMode(int) { unsupported("setRenderMode"); }
void Pusher::setRotation(int) { unsupported("setRotation"); }
void Pusher::setRenderYMirror(bool) { unsupported("setRenderYMirror"); }
void Pusher::setOutputYMirror(bool) { unsupported("setOutputYMirror"); }
void Pusher::setBeautyStyle(int, int, int) { unsupported("setBeautyStyle"); }
void Pusher::setWatermark(const std::string &, double, double, double, Completion) { unsupported("setWatermark"); }
void Pusher::setNearestIP(bool) { unsupported("setNearestIP"); }
void Pusher::showDebugView(int) { unsupported("showDebugView"); }
std::vector<Device> Pusher::enumCameras() { unsupported("enumCameras"); }
void Pusher::switchCamera(int) { unsupported("switchCamera"); }
std::vector<Device> Pusher::enumMics() { unsupported("enumMics"); }
void Pusher::selectMicDevice(int) { unsupported("selectMicDevice"); }
int Pusher::micVolume() { unsupported("micVolume"); }
void Pusher::setMicVolume(int) { unsupported("setMicVolume"); }
int Pusher::micVolumeIndication() { unsupported("micVolumeIndication"); }
void Pusher::enableMic(bool) { unsupported("enableMic"); }
void Pusher::openMicTest() { unsupported("openMicTest"); }
void Pusher::closeMicTest() { unsupported("closeMicTest"); }
void Pusher::setAudioCaptureVolume(int) { unsupported("setAudioCaptureVolume"); }
int Pusher::getAudioCaptureVolume() { unsupported("getAudioCaptureVolume"); }
void Pusher::openSystemVoiceInput(const std::string &) { unsupported("openSystemVoiceInput"); }
void Pusher::closeSystemVoiceInput() { unsupported("closeSystemVoiceInput"); }
void Pusher::setSystemVoiceInputVolume(int) { unsupported("setSystemVoiceInputVolume"); }
void Pusher::enableAudioPreprocess(int, bool) { unsupported("enableAudioPreprocess"); }
void Pusher::setAudioChannels(int) { unsupported("setAudioChannels"); }
std::vector<ScreenCaptureSource> Pusher::getScreenCaptureSources(const Size &) {
    unsupported("getScreenCaptureSources");
}
void Pusher::selectScreenCaptureTarget(const std::string &, const Rect &, const ScreenCaptureProperty &) {
    unsupported("selectScreenCaptureTarget");
}
void Pusher::setScreenCaptureParam(uint64_t, const Rect &, bool) { unsupported("setScreenCaptureParam"); }

} // namespace rtcroom::engine
