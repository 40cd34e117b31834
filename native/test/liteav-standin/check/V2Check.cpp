#include "check/Check.h"

#include "runtime/Text.h"

// The numbers are the specification's tables, row by row: {method, R2, R3, R4}; −1 where the revision lacks it.

namespace check {

namespace {

struct Row {
    const char *method;
    int slots[3];
};

constexpr Row PUSHER[] = {
    {"setObserver", {0, 0, 0}},
    {"setRenderView", {1, 1, 1}},
    {"setRenderMirror", {2, 2, 2}},
    {"setEncoderMirror", {3, 3, 3}},
    {"setRenderRotation", {4, 4, 4}},
    {"setRenderFillMode", {5, 5, 5}},
    {"startCamera", {6, 6, 6}},
    {"stopCamera", {7, 7, 7}},
    {"startMicrophone", {8, 8, 8}},
    {"stopMicrophone", {9, 9, 9}},
    {"startVirtualCamera", {10, 10, 10}},
    {"stopVirtualCamera", {11, 11, 11}},
    {"pauseAudio", {12, 12, 12}},
    {"resumeAudio", {13, 13, 13}},
    {"pauseVideo", {14, 14, 14}},
    {"resumeVideo", {15, 15, 15}},
    {"startPush", {16, 16, 16}},
    {"stopPush", {17, 17, 17}},
    {"isPushing", {18, 18, 18}},
    {"setAudioQuality", {19, 19, 19}},
    {"setVideoQuality", {20, 20, 20}},
    {"getAudioEffectManager", {21, 21, 21}},
    {"getBeautyManager", {-1, -1, 22}},
    {"getDeviceManager", {22, 22, 23}},
    {"setBeautyStyle", {23, 23, 24}},
    {"enableSharpnessEnhancement", {-1, -1, 25}},
    {"setLUTColorFilter", {-1, -1, 26}},
    {"setLUTColorFilterStrength", {-1, -1, 27}},
    {"snapshot", {24, 24, 28}},
    {"setWatermark", {25, 25, 29}},
    {"enableVolumeEvaluation", {26, 26, 30}},
    {"enableCustomVideoProcess", {27, 27, 31}},
    {"enableCustomVideoCapture", {28, 28, 32}},
    {"enableCustomVideoRender", {29, 29, 33}},
    {"enableCustomAudioCapture", {30, 30, 34}},
    {"sendCustomVideoFrame", {31, 31, 35}},
    {"sendCustomAudioFrame", {32, 32, 36}},
    {"sendSeiMessage", {33, 33, 37}},
    {"startScreenCapture", {34, 34, 38}},
    {"stopScreenCapture", {35, 35, 39}},
    {"startSystemAudioLoopback", {36, 36, 40}},
    {"stopSystemAudioLoopback", {37, 37, 41}},
    {"setSystemAudioLoopbackVolume", {-1, 38, 42}},
    {"getScreenCaptureSources", {38, 39, 43}},
    {"setScreenCaptureSource", {39, 40, 44}},
    {"showDebugView", {40, 41, 45}},
    {"setProperty", {41, 42, 46}},
    {"getProperty", {-1, -1, 47}},
    {"setMixTranscodingConfig", {-1, -1, 48}},
    {"startLocalRecording", {-1, -1, 49}},
    {"stopLocalRecording", {-1, -1, 50}},
};
constexpr int PUSHER_DESTRUCTOR[] = {42, 43, 51};

constexpr Row PLAYER[] = {
    {"setObserver", {0, 0, 0}},
    {"setRenderView", {1, 1, 1}},
    {"setRenderRotation", {2, 2, 2}},
    {"setRenderFillMode", {3, 3, 3}},
    {"setRenderMirrorMode", {-1, -1, 4}},
    {"startPlay", {4, 4, 5}},
    {"stopPlay", {5, 5, 6}},
    {"isPlaying", {6, 6, 7}},
    {"pauseAudio", {7, 7, 8}},
    {"resumeAudio", {8, 8, 9}},
    {"pauseVideo", {9, 9, 10}},
    {"resumeVideo", {10, 10, 11}},
    {"setPlayoutVolume", {11, 11, 12}},
    {"setCacheParams", {12, 12, 13}},
    {"switchStream", {13, 13, 14}},
    {"enableVolumeEvaluation", {14, 14, 15}},
    {"snapshot", {15, 15, 16}},
    {"enableObserveVideoFrame", {16, 16, 17}},
    {"enableObserveAudioFrame", {17, 17, 18}},
    {"enableReceiveSeiMessage", {18, 18, 19}},
    {"enablePictureInPicture", {-1, -1, 20}},
    {"showDebugView", {19, 19, 21}},
    {"setProperty", {20, 20, 22}},
    {"startLocalRecording", {-1, -1, 23}},
    {"stopLocalRecording", {-1, -1, 24}},
};
constexpr int PLAYER_DESTRUCTOR[] = {21, 21, 25};

constexpr Row PUSHER_CALLBACKS[] = {
    {"onError", {1, 1, 1}},
    {"onWarning", {2, 2, 2}},
    {"onCaptureFirstAudioFrame", {3, 3, 3}},
    {"onCaptureFirstVideoFrame", {4, 4, 4}},
    {"onMicrophoneVolumeUpdate", {5, 5, 5}},
    {"onPushStatusUpdate", {6, 6, 6}},
    {"onStatisticsUpdate", {7, 7, 7}},
    {"onGLContextCreated", {-1, -1, 8}},
    {"onSnapshotComplete", {8, 8, 9}},
    {"onRenderVideoFrame", {9, 9, 10}},
    {"onProcessVideoFrame", {10, 10, 11}},
    {"onGLContextDestroyed", {-1, -1, 12}},
    {"onScreenCaptureStarted", {11, 11, 13}},
    {"onScreenCaptureStoped", {12, 12, 14}},
    {"onLocalRecordBegin", {-1, -1, 15}},
    {"onLocalRecording", {-1, -1, 16}},
    {"onLocalRecordComplete", {-1, -1, 17}},
};

constexpr Row PLAYER_CALLBACKS[] = {
    {"onError", {1, 1, 1}},
    {"onWarning", {2, 2, 2}},
    {"onVideoResolutionChanged", {3, 3, 3}},
    {"onConnected", {4, 4, 4}},
    {"onVideoPlaying", {5, 5, 5}},
    {"onAudioPlaying", {6, 6, 6}},
    {"onVideoLoading", {7, 7, 7}},
    {"onAudioLoading", {8, 8, 8}},
    {"onPlayoutVolumeUpdate", {9, 9, 9}},
    {"onStatisticsUpdate", {10, 10, 10}},
    {"onSnapshotComplete", {11, 11, 11}},
    {"onRenderVideoFrame", {12, 12, 12}},
    {"onPlayoutAudioFrame", {13, 13, 13}},
    {"onReceiveSeiMessage", {14, 14, 14}},
    {"onStreamSwitched", {15, 15, 15}},
    {"onPictureInPictureStateUpdate", {-1, -1, 16}},
    {"onLocalRecordBegin", {-1, -1, 17}},
    {"onLocalRecording", {-1, -1, 18}},
    {"onLocalRecordComplete", {-1, -1, 19}},
};

struct Slot {
    const char *method;
    int slot;
};

constexpr Slot DEVICE_MANAGER[] = {
    {"getDevicesList", 1},
    {"setCurrentDevice", 2},
    {"getCurrentDevice", 3},
    {"setCurrentDeviceVolume", 4},
    {"getCurrentDeviceVolume", 5},
    {"setCurrentDeviceMute", 6},
    {"getCurrentDeviceMute", 7},
    {"enableFollowingDefaultAudioDevice", 8},
    {"startCameraDeviceTest(callback)", 9},
    {"startCameraDeviceTest(window)", 10},
    {"stopCameraDeviceTest", 11},
    {"startMicDeviceTest(interval,playback)", 12},
    {"startMicDeviceTest(interval)", 13},
    {"stopMicDeviceTest", 14},
    {"startSpeakerDeviceTest", 15},
    {"stopSpeakerDeviceTest", 16},
    {"setApplicationPlayVolume", 17},
    {"getApplicationPlayVolume", 18},
    {"setApplicationMuteState", 19},
    {"getApplicationMuteState", 20},
    {"setCameraCapturerParam", 21},
    {"setDeviceObserver", 22},
};

constexpr Slot AUDIO_EFFECTS[] = {
    {"enableVoiceEarMonitor", 1}, {"setVoiceEarMonitorVolume", 2}, {"setVoiceReverbType", 3},
    {"setVoiceChangerType", 4},   {"setVoiceCaptureVolume", 5},    {"setVoicePitch", 6},
    {"setMusicObserver", 7},      {"setMusicTrack", 24},
};

template <size_t COUNT> int slotIn(const Row (&rows)[COUNT], const char *method, int column) {
    for (const Row &row : rows)
        if (standin::equal(row.method, method))
            return row.slots[column];
    report(false, "the table lacks", method);
    return 0;
}

/// Every slot up to the destructor's must be in the table, once.
template <size_t COUNT> void checkWhole(const Row (&rows)[COUNT], int column, int first, int end, const char *what) {
    int sum = 0;
    int count = 0;
    for (const Row &row : rows)
        if (row.slots[column] >= 0) {
            sum += row.slots[column];
            ++count;
        }
    reportNumber(count, end - first, "number of slots of", what);
    reportNumber(sum, (first + end - 1) * (end - first) / 2, "sum of slots of", what);
}

void *newPusher(int mode) { return reinterpret_cast<void *(*)(int)>(need("createV2TXLivePusher"))(mode); }
void release(void *pusher) { reinterpret_cast<void (*)(void *)>(need("releaseV2TXLivePusher"))(pusher); }
void *newPlayer() { return reinterpret_cast<void *(*)()>(need("createV2TXLivePlayer"))(); }
void releasePlayer(void *player) { reinterpret_cast<void (*)(void *)>(need("releaseV2TXLivePlayer"))(player); }

void put32(unsigned char *bytes, int offset, int32_t value) { memcpy(bytes + offset, &value, sizeof value); }
void put64(unsigned char *bytes, int offset, Word value) { memcpy(bytes + offset, &value, sizeof value); }

void checkStructsIn(void *pusher, int column) {
    const auto at = [column](const char *method) { return slotIn(PUSHER, method, column); };
    alignas(8) unsigned char bytes[96] = {};
    put32(bytes, 0, 8);
    put32(bytes, 4, 1);
    put32(bytes, 8, 25);
    put32(bytes, 12, 1200);
    put32(bytes, 16, 600);
    driver.clear();
    reportNumber(static_cast<int>(callSlot(pusher, at("setVideoQuality"), word(bytes))), 0, "result of",
                 "setVideoQuality");
    expectArguments("8,1,25,1200,600", "V2TXLiveVideoEncoderParam");

    unsigned char picture[16 * 16 * 3 / 2] = {};
    memset(bytes, 0, sizeof bytes);
    put32(bytes, 0, 1);
    put32(bytes, 4, 1);
    put64(bytes, 8, word(picture));
    put32(bytes, 16, sizeof picture);
    put32(bytes, 20, 16);
    put32(bytes, 24, 16);
    put32(bytes, 28, 3);
    callSlot(pusher, at("enableCustomVideoCapture"), 1);
    driver.clear();
    reportNumber(static_cast<int>(callSlot(pusher, at("sendCustomVideoFrame"), word(bytes))), 0, "result of",
                 "sendCustomVideoFrame");
    expectArguments("1,1,384,16,16,3", "V2TXLiveVideoFrame");
    put32(bytes, 16, sizeof picture - 1);
    reportNumber(static_cast<int>(callSlot(pusher, at("sendCustomVideoFrame"), word(bytes))), -2, "result of",
                 "a frame of a wrong size");
    callSlot(pusher, at("enableCustomVideoCapture"), 0);

    memset(bytes, 0, sizeof bytes);
    put64(bytes, 0, word(picture));
    put32(bytes, 8, 320);
    put32(bytes, 12, 48'000);
    put32(bytes, 16, 1);
    callSlot(pusher, at("enableCustomAudioCapture"), 1);
    driver.clear();
    reportNumber(static_cast<int>(callSlot(pusher, at("sendCustomAudioFrame"), word(bytes))), 0, "result of",
                 "sendCustomAudioFrame");
    expectArguments("320,48000,1", "V2TXLiveAudioFrame");

    memset(bytes, 0, sizeof bytes);
    alignas(8) unsigned char rect[32] = {};
    alignas(8) unsigned char property[16] = {};
    put32(bytes, 0, 0);
    put64(bytes, 8, 0x1234);
    put64(rect, 0, 1);
    put64(rect, 8, 2);
    put64(rect, 16, 300);
    put64(rect, 24, 400);
    property[0] = 1;
    property[2] = 1;
    put32(property, 4, 255);
    put32(property, 8, 7);
    property[12] = 1;
    driver.clear();
    callSlot(pusher, at("setScreenCaptureSource"), word(bytes), word(rect), word(property));
    expectArguments("0,\"0x1234\",1,2,300,400,true,false,true,255,7,true", "V2TXLiveScreenCaptureSourceInfo");

    using Watermark = int (*)(void *, const char *, float, float, float);
    driver.clear();
    reinterpret_cast<Watermark>(slotOf(pusher, at("setWatermark")))(pusher, "a.png", 0.25f, 0.5f, 0.75f);
    expectArguments("\"a.png\",0.25,0.5,0.75", "floats of setWatermark");
    if (column == 2) {
        memset(bytes, 0, sizeof bytes);
        put64(bytes, 0, word("r.mp4"));
        put32(bytes, 12, 2000);
        driver.clear();
        callSlot(pusher, at("startLocalRecording"), word(bytes));
        expectArguments("\"r.mp4\",0,2000", "V2TXLiveLocalRecordingParams");
    }
}

void checkScreenSources(void *pusher, int column) {
    alignas(8) unsigned char thumb[16] = {};
    put64(thumb, 0, 32);
    put64(thumb, 8, 16);
    auto *list = reinterpret_cast<void *>(
        callSlot(pusher, slotIn(PUSHER, "getScreenCaptureSources", column), word(thumb), word(thumb)));
    reportNumber(callSlot(list, 1), 3, "screen sources");
    Observer info; // only for its bytes
    alignas(8) unsigned char bytes[80];
    memset(bytes, 0xee, sizeof bytes);
    const Word result = callSlot(list, 2, word(bytes), 2);
    reportNumber(result, word(bytes), "the struct's address comes back");
    memcpy(info.bytes[0], bytes, sizeof bytes);
    reportNumber(int32At(info, 0, 0), 0, "sourceType");
    reportNumber(wordAt(info, 0, 8), 0x10020, "sourceId");
    report(standin::equal(reinterpret_cast<const char *>(wordAt(info, 0, 16)), "Calculator"), "sourceName");
    reportNumber(int32At(info, 0, 24 + 8), 1, "thumb type");
    reportNumber(int32At(info, 0, 24 + 12), 32, "thumb width");
    reportNumber(int32At(info, 0, 24 + 20), 32 * 16 * 4, "thumb length");
    reportNumber(int32At(info, 0, 48 + 16), 16, "icon height");
    reportNumber(bytes[72], 1, "isMinimizeWindow");
    reportNumber(bytes[73], 0, "isMainScreen");
    callSlot(list, 3);
}

void checkManagers(void *pusher, int column) {
    auto *devices = reinterpret_cast<void *>(callSlot(pusher, slotIn(PUSHER, "getDeviceManager", column)));
    auto *effects = reinterpret_cast<void *>(callSlot(pusher, slotIn(PUSHER, "getAudioEffectManager", column)));
    const int before = driver.liveObjects();
    for (const Slot &row : DEVICE_MANAGER) {
        if (row.slot == 1 || row.slot == 3)
            continue; // these give an object; below
        expectMethod(devices, row.slot, row.method);
    }
    for (const Slot &row : AUDIO_EFFECTS)
        expectMethod(effects, row.slot, row.method);
    auto *cameras = reinterpret_cast<void *>(callSlot(devices, 1, 2));
    reportNumber(driver.liveObjects(), before + 1, "a list lives");
    reportNumber(callSlot(cameras, 1), 2, "cameras");
    report(standin::contains(reinterpret_cast<const char *>(callSlot(cameras, 2, 1)), "摄像头"), "name of a camera");
    const auto *pid = reinterpret_cast<const char *>(callSlot(cameras, 3, 1));
    report(standin::contains(pid, "standin-camera-2"), "PID of a camera");
    report(standin::contains(reinterpret_cast<const char *>(callSlot(cameras, 4, 1)), "SupportedResolution"),
           "properties of a camera");
    reportNumber(static_cast<int>(callSlot(devices, 2, 2, word(pid))), 0, "setCurrentDevice");
    callSlot(cameras, 5);
    reportNumber(driver.liveObjects(), before, "the list is released");
    auto *current = reinterpret_cast<void *>(callSlot(devices, 3, 2));
    report(standin::contains(reinterpret_cast<const char *>(callSlot(current, 2)), "standin-camera-2"),
           "PID of the current camera");
    report(standin::contains(reinterpret_cast<const char *>(callSlot(current, 3)), "USB"),
           "name of the current camera");
    callSlot(current, 1);
    reportNumber(driver.liveObjects(), before, "the device is released");

    Observer observer;
    prepare(observer);
    callSlot(devices, 22, word(&observer));
    driver.fire(driver.object(pusher), "onDeviceChanged", 2, 1, nullptr);
    reportNumber(observer.slot, 1, "callback slot of", "onDeviceChanged");
    reportNumber(static_cast<int>(observer.arguments[1]), 2, "type of", "onDeviceChanged");
    callSlot(devices, 22, 0);
}

void checkPusher(int column) {
    void *pusher = newPusher(0);
    checkWhole(PUSHER, column, 0, PUSHER_DESTRUCTOR[column], "the pusher");
    for (const Row &row : PUSHER)
        if (row.slots[column] >= 0)
            expectMethod(pusher, row.slots[column], row.method);
    checkStructsIn(pusher, column);
    checkScreenSources(pusher, column);
    checkManagers(pusher, column);

    Observer observer;
    prepare(observer);
    callSlot(pusher, 0, word(&observer));
    checkWhole(PUSHER_CALLBACKS, column, 1, column == 2 ? 18 : 13, "the pusher's observer");
    for (const Row &row : PUSHER_CALLBACKS)
        if (row.slots[column] >= 0)
            expectCallback(pusher, observer, row.method, row.slots[column]);
    expectCallback(pusher, observer, "onStatisticsUpdate", 7, 100);
    for (int i = 0; i < 9; ++i)
        reportNumber(int32At(observer, 0, 4 * i), 100 + i, "offset in V2TXLivePusherStatistics");
    const int render = slotIn(PUSHER_CALLBACKS, "onRenderVideoFrame", column);
    expectCallback(pusher, observer, "onRenderVideoFrame", render, 64, 48);
    reportNumber(int32At(observer, 0, 0), 1, "pixelFormat");
    reportNumber(int32At(observer, 0, 4), 1, "bufferType");
    report(wordAt(observer, 0, 8) != 0, "data");
    reportNumber(int32At(observer, 0, 16), 64 * 48 * 3 / 2, "length");
    reportNumber(int32At(observer, 0, 20), 64, "width");
    reportNumber(int32At(observer, 0, 24), 48, "height");
    reportNumber(int32At(observer, 0, 28), 0, "rotation");
    expectCallback(pusher, observer, "onSnapshotComplete", slotIn(PUSHER_CALLBACKS, "onSnapshotComplete", column), 64,
                   48);
    reportNumber(static_cast<int>(observer.arguments[1]), 64 * 48 * 4, "snapshot length");
    reportNumber(static_cast<int>(observer.arguments[4]), 2, "snapshot format");

    // A push as a user sees it.
    forget(observer);
    const auto *camera = "\\\\?\\usb#standin-camera-1";
    reportNumber(static_cast<int>(callSlot(pusher, 6, word(camera))), 0, "result of", "startCamera");
    reportNumber(static_cast<int>(callSlot(pusher, 16, word("rtmp://host/live/refuse-3"))), -3, "result of",
                 "a refused push");
    reportNumber(static_cast<int>(callSlot(pusher, 16, word("http://host"))), -2, "result of", "a bad address");
    reportNumber(static_cast<int>(callSlot(pusher, 16, word("rtmp://host/live/a?key=1"))), 0, "result of", "startPush");
    report(waitFor(observer, 6, 2), "connecting, connected");
    report(waitFor(observer, 4, 1), "a first picture");
    report(waitFor(observer, 7, 2), "statistics");
    report(observer.thread != GetCurrentThreadId(), "callbacks come on another thread");
    reportNumber(static_cast<int>(callSlot(pusher, 18)), 1, "isPushing");
    reportNumber(static_cast<int>(callSlot(pusher, 19, 1)), -3, "setAudioQuality while pushing");
    const int pushed = observer.callsOf[6];
    callSlot(pusher, 17);
    report(waitFor(observer, 6, pushed + 1), "disconnected");
    reportNumber(static_cast<int>(callSlot(pusher, 18)), 0, "isPushing after stopPush");
    release(pusher);
    reportNumber(driver.liveObjects(), 0, "nothing lives");

    void *ended = newPusher(0);
    callSlot(ended, PUSHER_DESTRUCTOR[column]); // without the flag that frees the memory
    reportNumber(driver.liveObjects(), 0, "slot of the pusher's destructor");
}

void checkPlayer(int column) {
    void *player = newPlayer();
    checkWhole(PLAYER, column, 0, PLAYER_DESTRUCTOR[column], "the player");
    for (const Row &row : PLAYER)
        if (row.slots[column] >= 0)
            expectMethod(player, row.slots[column], row.method);
    using Cache = int (*)(void *, float, float);
    driver.clear();
    reinterpret_cast<Cache>(slotOf(player, slotIn(PLAYER, "setCacheParams", column)))(player, 1.5f, 4.25f);
    expectArguments("1.5,4.25", "floats of setCacheParams");

    Observer observer;
    prepare(observer);
    callSlot(player, 0, word(&observer));
    checkWhole(PLAYER_CALLBACKS, column, 1, column == 2 ? 20 : 16, "the player's observer");
    for (const Row &row : PLAYER_CALLBACKS)
        if (row.slots[column] >= 0) {
            expectCallback(player, observer, row.method, row.slots[column]);
            reportNumber(observer.arguments[0], word(player), "the player comes first in", row.method);
        }
    expectCallback(player, observer, "onStatisticsUpdate", 10, 100);
    for (int i = 0; i < 16; ++i)
        reportNumber(int32At(observer, 1, 4 * i), 100 + i, "offset in V2TXLivePlayerStatistics");
    expectCallback(player, observer, "onPlayoutAudioFrame", 13, 1);
    reportNumber(int32At(observer, 1, 8), 1920, "sound length");
    reportNumber(int32At(observer, 1, 12), 48'000, "sampleRate");
    reportNumber(int32At(observer, 1, 16), 1, "channel");

    forget(observer);
    const auto at = [column](const char *method) { return slotIn(PLAYER, method, column); };
    callSlot(player, at("enableObserveVideoFrame"), 1, 2, 1);
    callSlot(player, at("enableReceiveSeiMessage"), 1, 242);
    reportNumber(static_cast<int>(callSlot(player, at("startPlay"), word("rtmp://host/live/a"))), 0, "startPlay");
    report(waitFor(observer, 4, 1), "connected");
    report(waitFor(observer, 3, 1), "the size");
    report(waitFor(observer, 5, 1), "the first picture");
    report(waitFor(observer, 6, 1), "the first sound");
    report(waitFor(observer, 10, 2), "statistics");
    report(waitFor(observer, 12, 10), "pictures");
    report(waitFor(observer, 14, 1), "a message");
    callSlot(player, at("stopPlay"));
    releasePlayer(player);
    reportNumber(driver.liveObjects(), 0, "nothing lives");

    void *ended = newPlayer();
    callSlot(ended, PLAYER_DESTRUCTOR[column]);
    reportNumber(driver.liveObjects(), 0, "slot of the player's destructor");
}

void checkPremier(int column, bool licence) {
    auto *premier = reinterpret_cast<void *(*)()>(need("getV2TXLivePremierShareInstance"))();
    const auto *version = reinterpret_cast<const char *>(callSlot(premier, 1));
    const auto *stated = reinterpret_cast<const char *(*)()>(need("getLiteAvSDKVersion"))();
    report(standin::equal(version, stated), "one version", version);
    expectMethod(premier, 2, "setObserver");
    alignas(8) unsigned char config[16] = {};
    put32(config, 0, 3);
    config[6] = 1;
    put64(config, 8, word("C:\\log"));
    driver.clear();
    callSlot(premier, 3, word(config));
    expectArguments("3,false,false,true,\"C:\\\\log\"", "V2TXLiveLogConfig");
    expectMethod(premier, 4, "setEnvironment");
    const int shift = licence ? 1 : 0;
    if (licence)
        expectMethod(premier, 5, "setLicense");
    expectMethod(premier, 5 + shift, "setSocks5Proxy");
    expectMethod(premier, 6 + shift, "enableAudioCaptureObserver");
    expectMethod(premier, 7 + shift, "setUserId");
    if (column > 0)
        expectMethod(premier, 8 + shift, "callExperimentalAPI");
    reinterpret_cast<void (*)()>(need("destroyV2TXLivePremierShareInstance"))();
}

void checkHostile(void *object, int start, int stop, void (*end)(void *)) {
    static Observer observer; // outlives the object, as late callbacks need
    prepare(observer);
    callSlot(object, 0, word(&observer));
    callSlot(object, start, word("rtmp://host/live/a"));
    report(waitFor(observer, 1, 3), "errors that nobody caused");
    report(waitFor(observer, 31, 1) && waitFor(observer, 30, 1), "slots that no header has");
    callSlot(object, stop);
    callSlot(object, 0, 0);
    const int before = observer.calls;
    for (int i = 0; i < 200 && observer.calls == before; ++i)
        Sleep(5);
    report(observer.calls > before, "callbacks after setObserver(null)");
    end(object);
    const int after = observer.calls;
    constexpr unsigned long QUIET_MS = 100;
    Sleep(QUIET_MS);
    reportNumber(observer.calls, after, "none after the release");
    reportNumber(driver.liveObjects(), 0, "nothing lives");
}

} // namespace

void checkV2(int revision, bool premierLicence) {
    const int column = revision - 2;
    checkPusher(column);
    checkPlayer(column);
    checkPremier(column, premierLicence);
    driver.hostile(1);
    checkHostile(newPusher(0), 16, 17, release);
    checkHostile(newPlayer(), slotIn(PLAYER, "startPlay", column), slotIn(PLAYER, "stopPlay", column), releasePlayer);
    driver.hostile(0);
}

} // namespace check
