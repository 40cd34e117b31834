#include "embedded/Support.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "embedded/media/Codecs.h"
#include "embedded/media/ffmpeg.h"
#include "sound/SoundProcessor.h"
#include "sound/SoundSdl.h"
#include "window/Unsupported.h"

namespace rtcroom::embedded {
namespace {

using engine::System;

constexpr std::array SYSTEMS{System::Linux, System::Windows, System::Mac};

/// What a system must have for it.
enum class Need { Nothing, Windows, Capture, SystemSound, Processing };

struct Entry {
    const char *name;
    Need need = Need::Nothing;
    const char *note = "";
};

constexpr Entry PUSHER[]{
    {"startPreview"},
    {"stopPreview"},
    {"updatePreview", Need::Windows},
    {"startAudioCapture"},
    {"stopAudioCapture"},
    {"startPush"},
    {"stopPush"},
    {"isPushing"},
    {"setVideoQualityParamPreset"},
    {"setVideoResolution"},
    {"setVideoFPS"},
    {"setVideoBitRate"},
    {"enableHWAcceleration", Need::Nothing, "not for AV1"},
    {"setVideoBitRateMin"},
    {"setVideoBitRateMax"},
    {"setAutoAdjustStrategy"},
    {"setMute"},
    {"setPauseVideo"},
    {"sendCustomVideoData"},
    {"sendCustomAudioData"},
    {"sendMessage", Need::Nothing, "not in AV1"},
    {"setOutputVideoFormat"},
    {"setOutputAudio"},
    {"captureVideoSnapShot"},
    {"startLocalRecord", Need::Nothing, "MP4, of what is encoded anyway"},
    {"stopLocalRecord"},
    {"setRenderMode"},
    {"setRotation", Need::Nothing, "in the window only"},
    {"setRenderYMirror"},
    {"setOutputYMirror"},
    {"setBeautyStyle", Need::Nothing, "with FFmpeg's avgblur, maskedclamp and lutyuv"},
    {"setWatermark", Need::Nothing, "with FFmpeg's overlay"},
    {"setNearestIP", Need::Nothing, "by the quickest TCP handshake"},
    {"showDebugView", Need::Windows, "Linux: with Xft"},
    {"micVolumeIndication"},
    {"setAudioCaptureVolume"},
    {"getAudioCaptureVolume"},
    {"enumCameras", Need::Nothing, "macOS: with an FFmpeg that lists AVFoundation's, which 5.1 does not"},
    {"switchCamera"},
    {"getScreenCaptureSources", Need::Capture},
    {"selectScreenCaptureTarget", Need::Capture},
    {"setScreenCaptureParam", Need::Capture},
    {"setAudioChannels"},
    {"enumMics"},
    {"selectMicDevice"},
    {"micVolume"},
    {"setMicVolume"},
    {"enableMic"},
    {"openMicTest"},
    {"closeMicTest"},
    {"openSystemVoiceInput", Need::SystemSound, "the whole machine; not one program"},
    {"closeSystemVoiceInput", Need::SystemSound},
    {"setSystemVoiceInputVolume", Need::SystemSound},
    {"enableAudioPreprocess", Need::Processing, "with WebRTC's audio processing 0.3, at build time and on the machine"},
    {"close"},
};

constexpr Entry PLAYER[]{
    {"startPlay"},
    {"stopPlay"},
    {"isPlaying"},
    {"pause"},
    {"resume"},
    {"setMute"},
    {"setOutputVideoFormat"},
    {"setOutputAudio"},
    {"captureVideoSnapShot"},
    {"startLocalRecord", Need::Nothing, "MP4, of what is encoded anyway"},
    {"stopLocalRecord"},
    {"setRenderFrame", Need::Windows},
    {"updateRenderFrame", Need::Windows},
    {"closeRenderFrame"},
    {"setRenderMode"},
    {"setRotation", Need::Nothing, "in the window only"},
    {"setRenderYMirror"},
    {"showDebugView", Need::Windows, "Linux: with Xft"},
    {"setEnableMessage"},
    {"setLivePlayAttribute"},
    {"speakerVolumeIndication"},
    {"setAudioPlayoutVolume"},
    {"getAudioPlayoutVolume"},
    {"enumSpeakers"},
    {"selectSpeakerDevice"},
    {"speakerVolume"},
    {"setSpeakerVolume"},
    {"close"},
};

constexpr Entry VIDEO_SOURCES[]{{"synthetic"}, {"file"}, {"image"}, {"user"}, {"camera"}, {"screen", Need::Capture}};

constexpr Entry AUDIO_SOURCES[]{{"synthetic"}, {"file"}, {"user"}, {"microphone"}};

constexpr Entry USER_PICTURES[]{{"i420"}, {"nv12"}, {"rgba"}, {"h264", Need::Nothing, "encoded already"}};

constexpr Entry USER_SOUND[]{{"pcm"}, {"aac", Need::Nothing, "encoded already"}};

const char *missing(Need need, System system) {
    switch (need) {
    case Need::Nothing:
        return nullptr;
    case Need::Windows:
        return window::windowsUnsupported(system);
    case Need::Capture:
        return window::captureUnsupported(system);
    case Need::SystemSound:
        return sound::systemSoundUnsupported(system);
    case Need::Processing:
        return sound::SoundProcessor::unsupported(system);
    }
    return nullptr;
}

/// Of this system; and what the machine has.
bool isHere(Need need) {
    return !missing(need, engine::thisSystem) && (need != Need::Processing || !sound::SoundProcessor::unsupported());
}

template <size_t N> std::vector<std::string> those(const Entry (&entries)[N]) {
    std::vector<std::string> names;
    for (const Entry &entry : entries)
        if (isHere(entry.need))
            names.emplace_back(entry.name);
    return names;
}

using Names = std::vector<const char *> (*)(CodecId codec);

/// Those of the table that this system can have and this FFmpeg has.
std::vector<std::string> encodersHere(Names names, std::initializer_list<CodecId> codecs) {
    std::vector<std::string> found;
    for (const CodecId codec : codecs)
        for (const char *name : names(codec))
            if (!encoderUnsupported(name, engine::thisSystem) && avcodec_find_encoder_by_name(name))
                found.emplace_back(name);
    return found;
}

std::vector<std::string> decodersHere(std::initializer_list<CodecId> codecs) {
    std::vector<std::string> found;
    for (const CodecId codec : codecs)
        if (const AVCodec *decoder = findDecoder(codec))
            found.emplace_back(decoder->name);
    return found;
}

template <typename Missing> SupportRow makeRow(const char *part, const char *name, Missing missing, const char *note) {
    SupportRow row{.part = part, .name = name, .note = note};
    std::ranges::transform(SYSTEMS, row.missing.begin(), missing);
    return row;
}

} // namespace

std::vector<SupportRow> supportMatrix() {
    std::vector<SupportRow> rows;
    const auto add = [&rows](const char *part, const auto &entries) {
        for (const Entry &entry : entries)
            rows.push_back(makeRow(
                part, entry.name, [&entry](System system) { return missing(entry.need, system); }, entry.note));
    };
    const auto addEncoders = [&rows](const char *part, Names names, std::initializer_list<CodecId> codecs) {
        for (const CodecId codec : codecs)
            for (const char *name : names(codec))
                rows.push_back(makeRow(
                    part, name, [name](System system) { return encoderUnsupported(name, system); }, codecName(codec)));
    };
    add("pusher", PUSHER);
    add("player", PLAYER);
    add("video source", VIDEO_SOURCES);
    add("audio source", AUDIO_SOURCES);
    add("user picture", USER_PICTURES);
    add("user sound", USER_SOUND);
    addEncoders("video encoder", encoderNames, {CodecId::H264, CodecId::Hevc, CodecId::Av1});
    addEncoders("hardware encoder", hardwareEncoderNames, {CodecId::H264, CodecId::Hevc});
    addEncoders("audio encoder", encoderNames, {CodecId::Aac, CodecId::Opus});
    return rows;
}

engine::Capabilities capabilitiesHere() {
    engine::Capabilities c;
    c.pusherMethods = those(PUSHER);
    c.playerMethods = those(PLAYER);
    c.videoSources = those(VIDEO_SOURCES);
    c.audioSources = those(AUDIO_SOURCES);
    c.userVideoFormats = those(USER_PICTURES);
    c.userAudioFormats = those(USER_SOUND);
    c.protocols = {"rtmp", "http-flv", "rtmps", "https-flv"};
    c.videoEncoders = encodersHere(encoderNames, {CodecId::H264, CodecId::Hevc, CodecId::Av1});
    c.hardwareEncoders = encodersHere(hardwareEncoderNames, {CodecId::H264, CodecId::Hevc});
    c.audioEncoders = encodersHere(encoderNames, {CodecId::Aac, CodecId::Opus});
    c.videoDecoders = decodersHere({CodecId::H264, CodecId::Hevc, CodecId::Av1, CodecId::Vp9});
    c.audioDecoders = decodersHere({CodecId::Aac, CodecId::Opus});
    return c;
}

} // namespace rtcroom::embedded
