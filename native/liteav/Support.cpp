#include "liteav/Support.h"

#include <algorithm>

namespace rtcroom::liteav {
namespace {

using P = v2::PusherSlot;
using L = v2::PlayerSlot;
using CP = classic::PusherMethod;
using CL = classic::PlayerMethod;

/// What a method of the contract needs of each generation; a generation for which nothing is named lacks it.
template <typename V2, typename Classic> struct Need {
    const char *method;
    std::vector<V2> v2;
    std::vector<Classic> itx;
    std::vector<Classic> tx2018;
    const char *note;
    /// Reached through the pusher's device manager.
    bool devices = false;
};

using PusherNeed = Need<P, CP>;
using PlayerNeed = Need<L, CL>;

const std::vector<PusherNeed> &pusherNeeds() {
    static const std::vector<PusherNeed> NEEDS{
        {"startPreview",
         {P::setRenderView, P::startCamera, P::getDeviceManager},
         {CP::startPreview},
         {CP::startPreviewCamera, CP::startPreviewIn},
         "camera, screen; the application's pictures not in 2018",
         true},
        {"stopPreview", {P::stopCamera, P::getDeviceManager}, {CP::stopPreview}, {CP::stopPreview}, "", true},
        {"updatePreview", {P::setRenderView}, {CP::updatePreview}, {CP::updatePreviewIn}, ""},
        {"startAudioCapture",
         {P::startMicrophone, P::enableCustomAudioCapture},
         {CP::startAudioCapture},
         {CP::startAudioCapture},
         "microphone; the application's sound not in 2018"},
        {"stopAudioCapture",
         {P::stopMicrophone, P::enableCustomAudioCapture},
         {CP::stopAudioCapture},
         {CP::stopAudioCapture},
         ""},
        {"startPush", {P::startPush}, {CP::startPush}, {CP::startPush}, "v2 takes trtc:// as well"},
        {"stopPush", {P::stopPush}, {CP::stopPush}, {CP::stopPush}, ""},
        {"isPushing", {P::startPush}, {CP::startPush}, {CP::startPush}, "kept by the addon"},
        {"setVideoQualityParamPreset",
         {P::setVideoQuality},
         {CP::setVideoQualityParamPreset},
         {CP::setVideoQualityParamPreset},
         "v2: as setVideoQuality"},
        {"setVideoResolution",
         {P::setVideoQuality, P::setProperty},
         {CP::setVideoResolution},
         {CP::setVideoResolution},
         "v2: as setVideoQuality; 960×720 and 1280×960 may become 640×480; 1080p in v2 only"},
        {"setVideoFPS", {P::setVideoQuality}, {CP::setVideoFPS}, {CP::setVideoFPS}, "v2: as setVideoQuality"},
        {"setVideoBitRate",
         {P::setVideoQuality},
         {CP::setVideoBitRate},
         {CP::setVideoBitRate},
         "v2: as setVideoQuality"},
        {"setVideoBitRateMin",
         {P::setVideoQuality},
         {CP::setVideoBitRateMin},
         {CP::setVideoBitRateMin},
         "v2: as setVideoQuality"},
        {"setVideoBitRateMax",
         {P::setVideoQuality},
         {CP::setVideoBitRateMax},
         {CP::setVideoBitRateMax},
         "v2: as setVideoQuality"},
        {"setAutoAdjustStrategy",
         {P::setVideoQuality},
         {CP::setAutoAdjustStrategy},
         {CP::setAutoAdjustStrategy},
         "v2: the bitrate's floor only"},
        {"setMute", {P::pauseAudio, P::resumeAudio}, {CP::setMute}, {CP::setMute}, ""},
        {"setPauseVideo", {P::pauseVideo, P::resumeVideo}, {CP::setPauseVideo}, {CP::setPauseVideo}, ""},
        {"sendCustomVideoData",
         {P::enableCustomVideoCapture, P::sendCustomVideoFrame},
         {CP::sendCustomVideoData},
         {},
         "I420; v2: without the time stamp"},
        {"sendCustomAudioData",
         {P::enableCustomAudioCapture, P::sendCustomAudioFrame},
         {CP::sendCustomAudioData},
         {},
         "v2: without the time stamp"},
        {"sendMessage", {P::sendSeiMessage}, {}, {}, "while pushing; SEI 242"},
        {"captureVideoSnapShot",
         {P::snapshot},
         {CP::captureVideoSnapShot},
         {CP::captureVideoSnapShot},
         "while pushing; .jpg only before v2"},
        {"startLocalRecord",
         {P::startLocalRecording, P::stopLocalRecording},
         {CP::startLocalRecord},
         {CP::startLocalRecord},
         "v2: while pushing, one file"},
        {"stopLocalRecord", {P::stopLocalRecording}, {CP::stopLocalRecord}, {CP::stopLocalRecord}, ""},
        {"setRenderMode", {P::setRenderFillMode}, {CP::setRenderMode}, {CP::setRenderMode}, ""},
        {"setRotation", {P::setRenderRotation}, {CP::setRotation}, {CP::setRotation}, "v2: the preview only"},
        {"setRenderYMirror", {P::setRenderMirror}, {CP::setRenderYMirror}, {CP::setRenderYMirror}, ""},
        {"setOutputYMirror", {P::setEncoderMirror}, {CP::setOutputYMirror}, {CP::setOutputYMirror}, ""},
        {"setBeautyStyle", {P::setBeautyStyle}, {CP::setBeautyStyle}, {CP::setBeautyStyle}, "v2: blur is smooth"},
        {"setWatermark", {P::setWatermark}, {}, {}, ""},
        {"setNearestIP", {}, {CP::setNearestIP}, {}, ""},
        {"showDebugView", {P::showDebugView}, {CP::showDebugView}, {}, "v2: on or off"},
        {"enumCameras", {P::getDeviceManager}, {CP::getCameraDevicesList}, {CP::enumCameras}, "2018: no ids", true},
        {"switchCamera",
         {P::getDeviceManager},
         {CP::switchCamera, CP::getCameraDevicesList},
         {CP::switchCamera, CP::enumCameras},
         "",
         true},
        {"enumMics",
         {P::getDeviceManager},
         {CP::getMicDevicesList},
         {CP::micDeviceCount, CP::micDeviceName},
         "2018: no ids",
         true},
        {"selectMicDevice",
         {P::getDeviceManager},
         {CP::selectMicDevice, CP::getMicDevicesList},
         {CP::selectMicDevice, CP::micDeviceCount},
         "",
         true},
        {"micVolume", {P::getDeviceManager}, {CP::micVolume}, {CP::micVolume}, "0–65535", true},
        {"setMicVolume", {P::getDeviceManager}, {CP::setMicVolume}, {CP::setMicVolume}, "0–65535", true},
        {"micVolumeIndication",
         {P::enableVolumeEvaluation},
         {CP::micVolumeIndication},
         {},
         "0–100; v2: from the first call on"},
        {"enableMic", {P::getAudioEffectManager}, {}, {CP::enableMic}, "v2: by the capture volume", true},
        {"openMicTest", {P::getDeviceManager}, {CP::openMicTest}, {CP::openMicTest}, "", true},
        {"closeMicTest", {P::getDeviceManager}, {CP::closeMicTest}, {CP::closeMicTest}, "", true},
        {"setAudioCaptureVolume", {P::getAudioEffectManager}, {CP::setAudioCaptureVolume}, {}, "0–65535", true},
        {"getAudioCaptureVolume",
         {P::getAudioEffectManager},
         {CP::getAudioCaptureVolume},
         {},
         "v2: kept by the addon",
         true},
        {"openSystemVoiceInput",
         {P::startSystemAudioLoopback},
         {CP::openSystemVoiceInput},
         {CP::openSystemVoiceInput},
         "v2: all that plays, not one program"},
        {"closeSystemVoiceInput",
         {P::stopSystemAudioLoopback},
         {CP::closeSystemVoiceInput},
         {CP::closeSystemVoiceInput},
         ""},
        {"setSystemVoiceInputVolume",
         {P::setSystemAudioLoopbackVolume},
         {CP::setSystemVoiceInputVolume},
         {CP::setSystemVoiceInputVolume},
         "0–100"},
        {"enableAudioPreprocess", {}, {CP::enableAudioPreprocess}, {}, ""},
        {"setAudioChannels", {P::setAudioQuality}, {CP::setAudioChannels}, {}, "before the push"},
        {"getScreenCaptureSources",
         {P::getScreenCaptureSources},
         {CP::getScreenCaptureSources},
         {CP::enumCaptureWindow},
         "2018: windows and the primary screen"},
        {"selectScreenCaptureTarget",
         {P::getScreenCaptureSources, P::setScreenCaptureSource},
         {CP::selectScreenCaptureTarget, CP::getScreenCaptureSources},
         {CP::setScreenCaptureParam, CP::enumCaptureWindow},
         ""},
        {"setScreenCaptureParam",
         {P::getScreenCaptureSources, P::setScreenCaptureSource},
         {},
         {CP::setScreenCaptureParam},
         "v2: does not follow"},
        {"close", {P::setObserver}, {CP::setCallback}, {CP::setCallback}, ""},
    };
    return NEEDS;
}

const std::vector<PlayerNeed> &playerNeeds() {
    static const std::vector<PlayerNeed> NEEDS{
        {"startPlay",
         {L::startPlay},
         {CL::startPlay},
         {CL::startPlay},
         "v2: the address decides, the type is not looked at"},
        {"stopPlay", {L::stopPlay}, {CL::stopPlay}, {CL::stopPlay}, ""},
        {"isPlaying", {L::startPlay}, {CL::startPlay}, {CL::startPlay}, "kept by the addon"},
        {"pause", {L::pauseAudio, L::pauseVideo}, {CL::pause}, {CL::pause}, ""},
        {"resume", {L::resumeAudio, L::resumeVideo}, {CL::resume}, {CL::resume}, ""},
        {"setMute", {L::setPlayoutVolume}, {CL::setMute}, {CL::setMute}, "v2: by the volume"},
        {"setOutputVideoFormat",
         {L::enableObserveVideoFrame},
         {CL::setOutputVideoFormat},
         {},
         "v2: no picture in the window meanwhile"},
        {"setOutputAudio", {L::enableObserveAudioFrame}, {CL::startPlay}, {}, ""},
        {"captureVideoSnapShot",
         {L::snapshot},
         {CL::captureVideoSnapShot},
         {CL::captureVideoSnapShot},
         ".jpg only before v2"},
        {"startLocalRecord", {L::startLocalRecording, L::stopLocalRecording}, {}, {}, "while playing"},
        {"stopLocalRecord", {L::stopLocalRecording}, {}, {}, ""},
        {"setRenderFrame", {L::setRenderView}, {CL::setRenderFrame}, {CL::setRenderFrameIn}, ""},
        {"updateRenderFrame", {L::setRenderView}, {CL::updateRenderFrame}, {CL::updateRenderFrameIn}, ""},
        {"closeRenderFrame", {L::setRenderView}, {CL::closeRenderFrame}, {CL::closeRenderFrame}, ""},
        {"setRenderMode", {L::setRenderFillMode}, {CL::setRenderMode}, {CL::setRenderMode}, ""},
        {"setRotation", {L::setRenderRotation}, {CL::setRotation}, {CL::setRotation}, ""},
        {"setRenderYMirror", {L::setRenderMirrorMode}, {CL::setRenderYMirror}, {CL::setRenderYMirror}, ""},
        {"showDebugView", {L::showDebugView}, {}, {}, "on or off"},
        {"setEnableMessage", {L::enableReceiveSeiMessage}, {CL::setEnableMessage}, {}, "v2: SEI 5 and 242"},
        {"setLivePlayAttribute",
         {L::setCacheParams, L::setProperty},
         {CL::setLivePlayAttribute},
         {},
         "v2: without VideoBlockThreshold"},
        {"enumSpeakers",
         {L::setPlayoutVolume},
         {CL::getSpeakerDevicesList},
         {CL::speakerDeviceCount, CL::speakerDeviceName},
         "v2: through a hidden pusher; 2018: no ids",
         true},
        {"selectSpeakerDevice",
         {L::setPlayoutVolume},
         {CL::selectSpeakerDevice, CL::getSpeakerDevicesList},
         {CL::selectSpeakerDevice, CL::speakerDeviceCount},
         "",
         true},
        {"speakerVolume", {L::setPlayoutVolume}, {CL::speakerVolume}, {CL::speakerVolume}, "0–65535"},
        {"setSpeakerVolume", {L::setPlayoutVolume}, {CL::setSpeakerVolume}, {CL::setSpeakerVolume}, "0–65535"},
        {"speakerVolumeIndication",
         {L::enableVolumeEvaluation},
         {CL::speakerVolumeIndication},
         {},
         "0–100; v2: from the first call on"},
        {"setAudioPlayoutVolume", {L::setPlayoutVolume}, {CL::setAudioPlayoutVolume}, {}, "0–65535"},
        {"getAudioPlayoutVolume", {L::setPlayoutVolume}, {CL::getAudioPlayoutVolume}, {}, "v2: kept by the addon"},
        {"close", {L::setObserver}, {CL::setCallback}, {CL::setCallback}, ""},
    };
    return NEEDS;
}

template <typename Method, typename Slots> bool allIn(const std::vector<Method> &needed, const Slots &slots) {
    return !needed.empty() && std::all_of(needed.begin(), needed.end(), [&](Method m) { return slots.has(m); });
}

template <typename Method, size_t N>
bool allIn(const std::vector<Method> &needed, const std::array<classic::MethodRow, N> &rows,
           classic::Generation generation) {
    return !needed.empty() && std::all_of(needed.begin(), needed.end(), [&](Method m) {
        return classic::has(generation, rows[static_cast<size_t>(m)]);
    });
}

bool hasV2(const PusherNeed &need, const v2::SlotTable &slots) {
    return allIn(need.v2, slots.pusher) && (!need.devices || slots.devices.has(v2::DeviceManagerSlot::getDevicesList));
}

bool hasV2(const PlayerNeed &need, const v2::SlotTable &slots) {
    return allIn(need.v2, slots.player) &&
           (!need.devices ||
            (slots.pusher.has(P::getDeviceManager) && slots.devices.has(v2::DeviceManagerSlot::getDevicesList)));
}

template <typename Needs, size_t N>
void addRows(std::vector<MatrixRow> &rows, const char *object, const Needs &needs,
             const std::array<classic::MethodRow, N> &classicRows) {
    static constexpr std::array V2{v2::slotTable(v2::Revision::R2), v2::slotTable(v2::Revision::R3),
                                   v2::slotTable(v2::Revision::R4)};
    for (const auto &need : needs)
        rows.push_back({object, need.method, allIn(need.tx2018, classicRows, classic::Generation::Tx2018),
                        allIn(need.itx, classicRows, classic::Generation::Interface), hasV2(need, V2[0]),
                        hasV2(need, V2[1]), hasV2(need, V2[2]), need.note});
}

/// None takes what is encoded already.
void addUserSource(std::vector<std::string> &sources, std::vector<std::string> &formats, const char *format) {
    sources.emplace_back("user");
    formats.emplace_back(format);
}

engine::Capabilities capabilitiesFrom(const Support &support) {
    engine::Capabilities c;
    c.pusherMethods.assign(support.pusher.begin(), support.pusher.end());
    c.playerMethods.assign(support.player.begin(), support.player.end());
    if (support.pusher.contains("startPreview"))
        c.videoSources = {"camera"};
    if (support.pusher.contains("startPreview") && support.pusher.contains("getScreenCaptureSources"))
        c.videoSources.emplace_back("screen");
    if (support.pusher.contains("sendCustomVideoData"))
        addUserSource(c.videoSources, c.userVideoFormats, "i420");
    if (support.pusher.contains("startAudioCapture"))
        c.audioSources = {"microphone"};
    if (support.pusher.contains("sendCustomAudioData"))
        addUserSource(c.audioSources, c.userAudioFormats, "pcm");
    // The SDK tells none of its codecs; these are what its streams have.
    c.videoEncoders = c.videoDecoders = {"h264"};
    c.audioEncoders = c.audioDecoders = {"aac"};
    return c;
}

} // namespace

std::vector<MatrixRow> supportMatrix() {
    std::vector<MatrixRow> rows;
    addRows(rows, "pusher", pusherNeeds(), classic::PusherMethodRows);
    addRows(rows, "player", playerNeeds(), classic::PlayerMethodRows);
    return rows;
}

Support supportOf(const v2::SlotTable &slots) {
    Support support;
    for (const PusherNeed &need : pusherNeeds())
        if (hasV2(need, slots))
            support.pusher.insert(need.method);
    for (const PlayerNeed &need : playerNeeds())
        if (hasV2(need, slots))
            support.player.insert(need.method);
    return support;
}

Support supportOf(classic::Generation generation) {
    Support support;
    const bool itx = generation == classic::Generation::Interface;
    for (const PusherNeed &need : pusherNeeds())
        if (allIn(itx ? need.itx : need.tx2018, classic::PusherMethodRows, generation))
            support.pusher.insert(need.method);
    for (const PlayerNeed &need : playerNeeds())
        if (allIn(itx ? need.itx : need.tx2018, classic::PlayerMethodRows, generation))
            support.player.insert(need.method);
    return support;
}

std::chrono::milliseconds patienceOf(engine::Side side, const engine::NetworkOptions &network) {
    constexpr std::chrono::milliseconds MOST = std::chrono::hours(30 * 24);
    const int64_t attempt =
        int64_t{network.connectTimeoutMs} + (side == engine::Side::Play ? network.dataTimeoutMs : 0);
    const int64_t all = attempt * (int64_t{network.connectRetryCount} + 1) +
                        int64_t{network.connectRetryIntervalMs} * network.connectRetryCount;
    return std::min(MOST, std::chrono::milliseconds(all));
}

engine::Capabilities capabilitiesOf(const v2::SlotTable &slots) {
    engine::Capabilities c = capabilitiesFrom(supportOf(slots));
    c.protocols = {"rtmp", "trtc"};
    if (!c.playerMethods.empty() && std::ranges::find(c.playerMethods, "startPlay") != c.playerMethods.end())
        c.protocols.insert(c.protocols.end(), {"http-flv", "hls", "webrtc"});
    return c;
}

engine::Capabilities capabilitiesOf(classic::Generation generation) {
    engine::Capabilities c = capabilitiesFrom(supportOf(generation));
    c.protocols = {"rtmp"};
    if (generation == classic::Generation::Interface)
        c.protocols.emplace_back("http-flv");
    return c;
}

} // namespace rtcroom::liteav
