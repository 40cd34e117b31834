#include "FakeV2.h"

#include <array>
#include <sstream>
#include <utility>

namespace rtcroom::test {

using liteav::v2::Revision;

namespace {

Names words(const char *text) {
    std::istringstream in(text);
    Names names;
    for (std::string word; in >> word;)
        names.push_back(word);
    return names;
}

template <size_t Slot> uint64_t entry(FakeV2::Object *self, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    return self->fake->call(*self, Slot, {a, b, c, d});
}

template <size_t... Slots> std::array<void *, sizeof...(Slots)> makeTable(std::index_sequence<Slots...>) {
    return {reinterpret_cast<void *>(&entry<Slots>)...};
}

void *const *table() {
    static const auto TABLE = makeTable(std::make_index_sequence<64>{});
    return TABLE.data();
}

/// The one library, as a real one is one a process.
FakeV2 *current = nullptr;

/// How a method's arguments are noted: i int, u64 pointer as number (p), b bool, s text.
const std::map<std::string, std::string> &signatures() {
    static const std::map<std::string, std::string> SIGNATURES{
        {"setRenderView", "p"},
        {"setRenderMirror", "i"},
        {"setEncoderMirror", "b"},
        {"setRenderRotation", "i"},
        {"setRenderFillMode", "i"},
        {"startCamera", "s"},
        {"startPush", "s"},
        {"startPlay", "s"},
        {"setAudioQuality", "i"},
        {"setBeautyStyle", "iiii"},
        {"setWatermark", "s"},
        {"enableVolumeEvaluation", "i"},
        {"enableCustomVideoCapture", "b"},
        {"enableCustomAudioCapture", "b"},
        {"startSystemAudioLoopback", "s"},
        {"setSystemAudioLoopbackVolume", "i"},
        {"showDebugView", "b"},
        {"setProperty", "ss"},
        {"setRenderMirrorMode", "b"},
        {"setPlayoutVolume", "i"},
        {"enableObserveVideoFrame", "bii"},
        {"enableObserveAudioFrame", "b"},
        {"enableReceiveSeiMessage", "bi"},
        {"setCurrentDevice", "is"},
        {"setCurrentDeviceVolume", "ii"},
        {"startMicDeviceTestPlayback", "ib"},
        {"setVoiceCaptureVolume", "i"},
    };
    return SIGNATURES;
}

std::string render(const std::string &name, const uint64_t (&args)[4]) {
    using namespace liteav::v2;
    std::ostringstream out;
    if (name == "sendSeiMessage") {
        out << static_cast<int>(args[0]) << ',' << std::string_view(reinterpret_cast<const char *>(args[1]), args[2]);
        return out.str();
    }
    if (name == "setVideoQuality") {
        const auto *p = reinterpret_cast<const VideoEncoderParam *>(args[0]);
        out << p->resolution << ',' << p->portrait << ',' << p->fps << ',' << p->bitrateKbps << ','
            << p->minBitrateKbps;
        return out.str();
    }
    if (name == "sendCustomVideoFrame") {
        const auto *f = reinterpret_cast<const VideoFrame *>(args[0]);
        out << static_cast<int>(f->pixelFormat) << ',' << static_cast<int>(f->bufferType) << ',' << f->length << ','
            << f->width << 'x' << f->height << ',' << static_cast<int>(f->data[0]);
        return out.str();
    }
    if (name == "sendCustomAudioFrame") {
        const auto *f = reinterpret_cast<const AudioFrame *>(args[0]);
        out << f->length << ',' << f->sampleRate << ',' << f->channel;
        return out.str();
    }
    if (name == "setScreenCaptureSource") {
        const auto *info = reinterpret_cast<const SourceInfo *>(args[0]);
        const auto *rect = reinterpret_cast<const Rect *>(args[1]);
        out << static_cast<int>(info->type) << ',' << reinterpret_cast<uintptr_t>(info->id) << ',' << rect->left << ','
            << rect->top << ',' << rect->right << ',' << rect->bottom;
        return out.str();
    }
    if (name == "startLocalRecording")
        return reinterpret_cast<const RecordingParams *>(args[0])->path;
    const auto signature = signatures().find(name);
    if (signature == signatures().end())
        return {};
    for (size_t i = 0; i < signature->second.size(); ++i) {
        out << (i ? "," : "");
        switch (signature->second[i]) {
        case 'i':
            out << static_cast<int32_t>(args[i]);
            break;
        case 'b':
            out << ((args[i] & 0xFF) != 0);
            break;
        case 's':
            out << (args[i] ? reinterpret_cast<const char *>(args[i]) : "null");
            break;
        default:
            out << args[i];
        }
    }
    return out.str();
}

} // namespace

V2Order v2Order(Revision revision) {
    const bool r3 = revision != Revision::R2;
    const bool r4 = revision == Revision::R4;
    const std::string common = "setObserver setRenderView setRenderMirror setEncoderMirror setRenderRotation "
                               "setRenderFillMode startCamera stopCamera startMicrophone stopMicrophone "
                               "startVirtualCamera stopVirtualCamera pauseAudio resumeAudio pauseVideo resumeVideo "
                               "startPush stopPush isPushing setAudioQuality setVideoQuality getAudioEffectManager ";
    const std::string pusher =
        common + (r4 ? "getBeautyManager " : "") + "getDeviceManager setBeautyStyle " +
        (r4 ? "enableSharpnessEnhancement setLUTColorFilter setLUTColorFilterStrength " : "") +
        "snapshot setWatermark enableVolumeEvaluation enableCustomVideoProcess enableCustomVideoCapture "
        "enableCustomVideoRender enableCustomAudioCapture sendCustomVideoFrame sendCustomAudioFrame sendSeiMessage "
        "startScreenCapture stopScreenCapture startSystemAudioLoopback stopSystemAudioLoopback " +
        (r3 ? "setSystemAudioLoopbackVolume " : "") +
        "getScreenCaptureSources setScreenCaptureSource showDebugView setProperty " +
        (r4 ? "getProperty setMixTranscodingConfig startLocalRecording stopLocalRecording " : "") + "destructor";
    const std::string player = std::string("setObserver setRenderView setRenderRotation setRenderFillMode ") +
                               (r4 ? "setRenderMirrorMode " : "") +
                               "startPlay stopPlay isPlaying pauseAudio resumeAudio pauseVideo resumeVideo "
                               "setPlayoutVolume setCacheParams switchStream enableVolumeEvaluation snapshot "
                               "enableObserveVideoFrame enableObserveAudioFrame enableReceiveSeiMessage " +
                               (r4 ? "enablePictureInPicture " : "") + "showDebugView setProperty " +
                               (r4 ? "startLocalRecording stopLocalRecording " : "") + "destructor";
    const std::string pusherObserver =
        std::string("destructor onError onWarning onCaptureFirstAudioFrame onCaptureFirstVideoFrame "
                    "onMicrophoneVolumeUpdate onPushStatusUpdate onStatisticsUpdate ") +
        (r4 ? "onGLContextCreated " : "") + "onSnapshotComplete onRenderVideoFrame onProcessVideoFrame " +
        (r4 ? "onGLContextDestroyed " : "") + "onScreenCaptureStarted onScreenCaptureStoped " +
        (r4 ? "onLocalRecordBegin onLocalRecording onLocalRecordComplete" : "");
    const std::string playerObserver =
        std::string("destructor onError onWarning onVideoResolutionChanged onConnected onVideoPlaying onAudioPlaying "
                    "onVideoLoading onAudioLoading onPlayoutVolumeUpdate onStatisticsUpdate onSnapshotComplete "
                    "onRenderVideoFrame onPlayoutAudioFrame onReceiveSeiMessage onStreamSwitched ") +
        (r4 ? "onPictureInPictureStateUpdate onLocalRecordBegin onLocalRecording onLocalRecordComplete" : "");
    return {
        words(pusher.c_str()),
        words(player.c_str()),
        words(pusherObserver.c_str()),
        words(playerObserver.c_str()),
        words("destructor getDevicesList setCurrentDevice getCurrentDevice setCurrentDeviceVolume "
              "getCurrentDeviceVolume setCurrentDeviceMute getCurrentDeviceMute enableFollowingDefaultAudioDevice "
              "startCameraDeviceTestCallback startCameraDeviceTest stopCameraDeviceTest startMicDeviceTestPlayback "
              "startMicDeviceTest stopMicDeviceTest startSpeakerDeviceTest stopSpeakerDeviceTest "
              "setApplicationPlayVolume getApplicationPlayVolume setApplicationMuteState getApplicationMuteState "
              "setCameraCapturerParam setDeviceObserver"),
        words("destructor getCount getDeviceName getDevicePID getDeviceProperties release"),
        words("destructor getCount getSourceInfo release"),
        words("destructor enableVoiceEarMonitor setVoiceEarMonitorVolume setVoiceReverbType setVoiceChangerType "
              "setVoiceCaptureVolume"),
        words("destructor onDeviceChanged"),
    };
}

FakeV2::FakeV2(Revision revision) : order(v2Order(revision)) {
    pusher = {table(), this, &order.pusher};
    player = {table(), this, &order.player};
    manager = {table(), this, &order.devices};
    deviceList = {table(), this, &order.deviceList};
    sourceList = {table(), this, &order.sourceList};
    effects = {table(), this, &order.effects};
    current = this;
}

liteav::v2::Exports FakeV2::exports() {
    liteav::v2::Exports e;
    e.createPusher = [](int mode) -> void * {
        current->lastMode = mode;
        if (current->refuseCreation)
            return nullptr;
        ++current->created;
        return &current->pusher;
    };
    e.releasePusher = [](void *) { ++current->released; };
    e.createPlayer = []() -> void * {
        if (current->refuseCreation)
            return nullptr;
        ++current->created;
        return &current->player;
    };
    e.releasePlayer = [](void *) { ++current->released; };
    e.version = [] { return "12.2.0.1"; };
    e.setLicence = [](const char *, const char *) {};
    return e;
}

uint64_t FakeV2::call(Object &object, size_t slot, const uint64_t (&args)[4]) {
    const std::string name = slot < object.order->size() ? (*object.order)[slot] : "outside";
    {
        const std::lock_guard lock(mutex_);
        const std::string text = namesOnly ? std::string() : render(name, args);
        calls_.push_back(text.empty() ? name : name + "(" + text + ")");
    }
    if (const auto delay = before.find(name); delay != before.end())
        delay->second();
    // Observers are kept by the address alone.
    if (name == "setObserver")
        (&object == &pusher ? pusherObserver : playerObserver) =
            args[0] ? reinterpret_cast<void *>(args[0]) : (&object == &pusher ? pusherObserver : playerObserver);
    if (name == "setDeviceObserver" && args[0])
        deviceObserver = reinterpret_cast<void *>(args[0]);
    if (const auto answer = answers.find(name); answer != answers.end())
        return answer->second;
    if (name == "getDeviceManager")
        return reinterpret_cast<uint64_t>(&manager);
    if (name == "getAudioEffectManager")
        return reinterpret_cast<uint64_t>(&effects);
    if (namesOnly)
        return 0;
    if (name == "getDevicesList")
        return reinterpret_cast<uint64_t>(&deviceList);
    if (name == "getScreenCaptureSources")
        return reinterpret_cast<uint64_t>(&sourceList);
    if (name == "getCount")
        return devices.size();
    if (name == "getDeviceName" || name == "getDevicePID")
        return reinterpret_cast<uint64_t>(devices[args[0]].c_str());
    if (name == "getSourceInfo") {
        auto *info = reinterpret_cast<liteav::v2::SourceInfo *>(args[0]);
        info->type = args[1] == 0 ? liteav::v2::SourceType::Screen : liteav::v2::SourceType::Window;
        info->id = reinterpret_cast<void *>(static_cast<uintptr_t>(100 + args[1]));
        info->name = devices[args[1]].c_str();
        info->mainScreen = args[1] == 0;
        return args[0];
    }
    return 0;
}

Names FakeV2::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(calls_, {});
}

bool FakeV2::sawCall(const std::string &call) {
    const std::lock_guard lock(mutex_);
    for (const std::string &each : calls_)
        if (each == call)
            return true;
    return false;
}

} // namespace rtcroom::test
