#include "check/Check.h"

#include "runtime/Text.h"

// The numbers are the specification's tables of the interface SDK: the place in a list is the slot.

namespace check {

namespace {

constexpr const char *PUSHER[] = {
    "", // destructor
    "setCallback",
    "getCameraDevicesList",
    "getMicDevicesList",
    "selectMicDevice",
    "micVolume",
    "setMicVolume",
    "micVolumeIndication",
    "setAudioCaptureVolume",
    "getAudioCaptureVolume",
    "openMicTest",
    "closeMicTest",
    "openSystemVoiceInput",
    "closeSystemVoiceInput",
    "setSystemVoiceInputVolume",
    "enableAudioPreprocess",
    "setAudioChannels",
    "startAudioCapture",
    "stopAudioCapture",
    "startPreview",
    "updatePreview",
    "stopPreview",
    "getScreenCaptureSources",
    "selectScreenCaptureTarget",
    "captureVideoSnapShot",
    "startPush",
    "stopPush",
    "switchCamera",
    "startLocalRecord",
    "stopLocalRecord",
    "setMute",
    "setRenderMode",
    "setRotation",
    "setVideoQualityParamPreset",
    "setVideoResolution",
    "setBeautyStyle",
    "setRenderYMirror",
    "setOutputYMirror",
    "setVideoBitRate",
    "setAutoAdjustStrategy",
    "setVideoBitRateMin",
    "setVideoBitRateMax",
    "setVideoFPS",
    "setPauseVideo",
    "setNearestIP",
    "showDebugView",
    "sendCustomVideoData",
    "sendCustomAudioData",
};
static_assert(sizeof PUSHER / sizeof *PUSHER == 48);

constexpr const char *PLAYER[] = {
    "", // destructor
    "setCallback",
    "getSpeakerDevicesList",
    "selectSpeakerDevice",
    "speakerVolume",
    "setSpeakerVolume",
    "speakerVolumeIndication",
    "setAudioPlayoutVolume",
    "getAudioPlayoutVolume",
    "setRenderFrame",
    "updateRenderFrame",
    "closeRenderFrame",
    "startPlay",
    "stopPlay",
    "pause",
    "resume",
    "isPlaying",
    "setMute",
    "setRenderMode",
    "setRotation",
    "setRenderYMirror",
    "setOutputVideoFormat",
    "setEnableMessage",
    "captureVideoSnapShot",
    "setLivePlayAttribute",
};
static_assert(sizeof PLAYER / sizeof *PLAYER == 25);

void checkList(void *list, const char *name) {
    reportNumber(callSlot(list, 1), 2, "devices");
    report(standin::contains(reinterpret_cast<const char *>(callSlot(list, 2, 0)), name), "name of a device");
    report(standin::contains(reinterpret_cast<const char *>(callSlot(list, 3, 1)), "standin"), "PID of a device");
    callSlot(list, 4);
}

} // namespace

void checkItx() {
    auto *pusher = reinterpret_cast<void *(*)()>(need("createTXLivePusher"))();
    auto *player = reinterpret_cast<void *(*)()>(need("createTXLivePlayer"))();
    for (int slot = 1; slot < 48; ++slot)
        if (slot != 2 && slot != 3) // these give a list
            expectMethod(pusher, slot, PUSHER[slot]);
    for (int slot = 1; slot < 25; ++slot)
        if (slot != 2)
            expectMethod(player, slot, PLAYER[slot]);
    checkList(reinterpret_cast<void *>(callSlot(pusher, 2)), "摄像头");
    checkList(reinterpret_cast<void *>(callSlot(pusher, 3)), "麦克风");
    checkList(reinterpret_cast<void *>(callSlot(player, 2)), "扬声器");

    const long size[2] = {32, 16};
    auto *sources = reinterpret_cast<void *>(callSlot(pusher, 22, word(size), word(size)));
    reportNumber(callSlot(sources, 1), 3, "screen sources");
    alignas(8) unsigned char info[80] = {};
    reportNumber(callSlot(sources, 2, word(info), 2), word(info), "the struct's address comes back");
    Word id = 0;
    memcpy(&id, info + 8, sizeof id);
    reportNumber(id, 0x10020, "sourceId");
    callSlot(sources, 3);

    unsigned char picture[16 * 16 * 3 / 2] = {};
    alignas(8) unsigned char frame[48] = {};
    const auto put32 = [&frame](int offset, int32_t value) { memcpy(frame + offset, &value, sizeof value); };
    const Word data = word(picture);
    put32(0, 1);
    put32(4, 1);
    memcpy(frame + 8, &data, sizeof data);
    put32(20, sizeof picture);
    put32(24, 16);
    put32(28, 16);
    put32(32, 1234);
    put32(40, 2);
    callSlot(pusher, 19, 1001, 0);
    const int faults = driver.faults();
    driver.clear();
    callSlot(pusher, 46, word(frame));
    expectArguments("1,1,384,16,16,1234,2", "LiteAVVideoFrame");
    reportNumber(driver.faults(), faults, "the frame is taken");
    callSlot(pusher, 21);

    Observer observer;
    prepare(observer);
    callSlot(pusher, 1, word(&observer), 77);
    expectCallback(pusher, observer, "onEventCallback", 1, 1002);
    reportNumber(static_cast<int>(observer.arguments[0]), 1002, "event");
    reportNumber(static_cast<int>(observer.arguments[1]), 2, "parameters");
    reportNumber(observer.arguments[4], 77, "userData");
    expectCallback(pusher, observer, "onVideoCaptureCallback", 2, 64, 48);
    reportNumber(static_cast<int>(observer.arguments[1]), 64 * 48 * 3 / 2, "frame length");
    reportNumber(observer.arguments[4], 77, "userData of a frame");
    expectCallback(pusher, observer, "onAudioCaptureCallback", 3, 960, 5);
    reportNumber(static_cast<int>(observer.arguments[2]), 48'000, "sample rate");
    callSlot(player, 1, word(&observer), 78);
    expectCallback(player, observer, "onEventCallback", 1, 2004);
    expectCallback(player, observer, "onVideoDecodeCallback", 2, 64, 48);
    reportNumber(static_cast<int>(observer.arguments[4]), 2, "format of a frame");
    reportNumber(observer.arguments[5], 78, "userData of a frame");
    expectCallback(player, observer, "onAudioDecodeCallback", 3, 960, 5);

    forget(observer);
    callSlot(player, 1, 0, 0);
    reportNumber(callSlot(pusher, 19, 1, 0) & 0xff, 1, "startPreview");
    reportNumber(callSlot(pusher, 25, word("rtmp://host/live/refuse-3")) & 0xff, 0, "a refused push");
    reportNumber(callSlot(pusher, 25, word("rtmp://host/live/a")) & 0xff, 1, "startPush");
    report(waitFor(observer, 1, 6), "events of a push");
    report(waitFor(observer, 2, 5), "captured frames");
    callSlot(pusher, 26);
    reinterpret_cast<void (*)(void **)>(need("destroyTXLivePusher"))(&pusher);
    reinterpret_cast<void (*)(void **)>(need("destroyTXLivePlayer"))(&player);
    report(pusher == nullptr && player == nullptr, "the pointers are cleared");
    reportNumber(driver.liveObjects(), 0, "nothing lives");

    auto *ended = reinterpret_cast<void *(*)()>(need("createTXLivePusher"))();
    callSlot(ended, 0); // without the flag that frees the memory
    reportNumber(driver.liveObjects(), 0, "slot of the pusher's destructor");
}

} // namespace check
