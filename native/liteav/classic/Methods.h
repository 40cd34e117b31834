#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "liteav/abi/Call.h"

// The two older generations as data: slots of the interface one (createTXLivePusher, v5.4 to v8), mangled exports of
// the 2018 one (x86, exported classes). Their methods take the same arguments where one row has both.
namespace rtcroom::liteav::classic {

inline constexpr int NO = ABSENT;

#define RTCROOM_CLASSIC_PUSHER(X)                                                                                      \
    X(constructor, NO, "??0TXLivePusher@@QAE@XZ")                                                                      \
    X(destructor, 0, "??1TXLivePusher@@UAE@XZ")                                                                        \
    X(setCallback, 1, "?setCallback@TXLivePusher@@QAEXPAVTXLivePusherCallback@@PAX@Z")                                 \
    X(enumCameras, NO, "?enumCameras@TXLivePusher@@SAHPAPA_WI@Z")                                                      \
    X(getCameraDevicesList, 2, "")                                                                                     \
    X(micDeviceCount, NO, "?micDeviceCount@TXLivePusher@@QBEHXZ")                                                      \
    X(micDeviceName, NO, "?micDeviceName@TXLivePusher@@QAE_NIQAD@Z")                                                   \
    X(getMicDevicesList, 3, "")                                                                                        \
    X(selectMicDevice, 4, "?selectMicDevice@TXLivePusher@@QAEXI@Z")                                                    \
    X(micVolume, 5, "?micVolume@TXLivePusher@@QAEIXZ")                                                                 \
    X(setMicVolume, 6, "?setMicVolume@TXLivePusher@@QAEXI@Z")                                                          \
    X(enableMic, NO, "?enableMic@TXLivePusher@@QAEX_N@Z")                                                              \
    X(micVolumeIndication, 7, "")                                                                                      \
    X(setAudioCaptureVolume, 8, "")                                                                                    \
    X(getAudioCaptureVolume, 9, "")                                                                                    \
    X(openMicTest, 10, "?openMicTest@TXLivePusher@@QAEXXZ")                                                            \
    X(closeMicTest, 11, "?closeMicTest@TXLivePusher@@QAEXXZ")                                                          \
    X(openSystemVoiceInput, 12, "?openSystemVoiceInput@TXLivePusher@@QAEXPBD@Z")                                       \
    X(closeSystemVoiceInput, 13, "?closeSystemVoiceInput@TXLivePusher@@QAEXXZ")                                        \
    X(setSystemVoiceInputVolume, 14, "?setSystemVoiceInputVolume@TXLivePusher@@QAEXH@Z")                               \
    X(enableAudioPreprocess, 15, "")                                                                                   \
    X(setAudioChannels, 16, "")                                                                                        \
    X(startAudioCapture, 17, "?startAudioCapture@TXLivePusher@@QAEXW4TXEAudioCaptureSrcType@@@Z")                      \
    X(stopAudioCapture, 18, "?stopAudioCapture@TXLivePusher@@QAEXXZ")                                                  \
    X(startPreviewCamera, NO, "?startPreview@TXLivePusher@@QAE_NPAUHWND__@@ABUtagRECT@@H@Z")                           \
    X(startPreviewIn, NO,                                                                                              \
      "?startPreview@TXLivePusher@@QAE_NW4TXEVideoCaptureSrcType@@PAUHWND__@@ABUtagRECT@@W4TXEVideoUserDataFormat@@@"  \
      "Z")                                                                                                             \
    X(startPreview, 19, "")                                                                                            \
    X(updatePreviewIn, NO, "?updatePreview@TXLivePusher@@QAEXPAUHWND__@@ABUtagRECT@@@Z")                               \
    X(updatePreview, 20, "")                                                                                           \
    X(stopPreview, 21, "?stopPreview@TXLivePusher@@QAEXXZ")                                                            \
    X(enumCaptureWindow, NO, "?enumCaptureWindow@TXLivePusher@@SAHPAPAUHWND__@@I@Z")                                   \
    X(setScreenCaptureParam, NO, "?setScreenCaptureParam@TXLivePusher@@QAEXPAUHWND__@@ABUtagRECT@@_N2@Z")              \
    X(getScreenCaptureSources, 22, "")                                                                                 \
    X(selectScreenCaptureTarget, 23, "")                                                                               \
    X(captureVideoSnapShot, 24, "?captureVideoSnapShot@TXLivePusher@@QAEHPB_WI@Z")                                     \
    X(startPush, 25, "?startPush@TXLivePusher@@QAE_NPBD@Z")                                                            \
    X(stopPush, 26, "?stopPush@TXLivePusher@@QAEXXZ")                                                                  \
    X(switchCamera, 27, "?switchCamera@TXLivePusher@@QAEXH@Z")                                                         \
    X(startLocalRecord, 28, "?startLocalRecord@TXLivePusher@@QAEHPBD_K@Z")                                             \
    X(stopLocalRecord, 29, "?stopLocalRecord@TXLivePusher@@QAEHXZ")                                                    \
    X(setMute, 30, "?setMute@TXLivePusher@@QAEX_N@Z")                                                                  \
    X(setRenderMode, 31, "?setRenderMode@TXLivePusher@@QAEXW4TXERenderMode@@@Z")                                       \
    X(setRotation, 32, "?setRotation@TXLivePusher@@QAEXW4TXEVideoRotation@@@Z")                                        \
    X(setVideoQualityParamPreset, 33,                                                                                  \
      "?setVideoQualityParamPreset@TXLivePusher@@QAEXW4TXEVideoQualityParamPreset@@W4TXEVideoRatio@@@Z")               \
    X(setVideoResolution, 34, "?setVideoResolution@TXLivePusher@@QAEXW4TXEVideoResolution@@@Z")                        \
    X(setBeautyStyle, 35, "?setBeautyStyle@TXLivePusher@@QAEXW4TXEBeautyStyle@@HH@Z")                                  \
    X(setRenderYMirror, 36, "?setRenderYMirror@TXLivePusher@@QAEX_N@Z")                                                \
    X(setOutputYMirror, 37, "?setOutputYMirror@TXLivePusher@@QAEX_N@Z")                                                \
    X(setVideoBitRate, 38, "?setVideoBitRate@TXLivePusher@@QAEXK@Z")                                                   \
    X(setAutoAdjustStrategy, 39, "?setAutoAdjustStrategy@TXLivePusher@@QAEXW4TXEAutoAdjustStrategy@@@Z")               \
    X(setVideoBitRateMin, 40, "?setVideoBitRateMin@TXLivePusher@@QAEXH@Z")                                             \
    X(setVideoBitRateMax, 41, "?setVideoBitRateMax@TXLivePusher@@QAEXH@Z")                                             \
    X(setVideoFPS, 42, "?setVideoFPS@TXLivePusher@@QAEXK@Z")                                                           \
    X(setPauseVideo, 43, "?setPauseVideo@TXLivePusher@@QAEX_N@Z")                                                      \
    X(setNearestIP, 44, "")                                                                                            \
    X(showDebugView, 45, "")                                                                                           \
    X(sendCustomVideoData, 46, "")                                                                                     \
    X(sendCustomAudioData, 47, "")

#define RTCROOM_CLASSIC_PLAYER(X)                                                                                      \
    X(constructor, NO, "??0TXLivePlayer@@QAE@XZ")                                                                      \
    X(destructor, 0, "??1TXLivePlayer@@UAE@XZ")                                                                        \
    X(setCallback, 1, "?setCallback@TXLivePlayer@@QAEXPAVTXLivePlayerCallback@@PAX@Z")                                 \
    X(speakerDeviceCount, NO, "?speakerDeviceCount@TXLivePlayer@@QBEHXZ")                                              \
    X(speakerDeviceName, NO, "?speakerDeviceName@TXLivePlayer@@QAE_NIQAD@Z")                                           \
    X(getSpeakerDevicesList, 2, "")                                                                                    \
    X(selectSpeakerDevice, 3, "?selectSpeakerDevice@TXLivePlayer@@QAEXI@Z")                                            \
    X(speakerVolume, 4, "?speakerVolume@TXLivePlayer@@QAEIXZ")                                                         \
    X(setSpeakerVolume, 5, "?setSpeakerVolume@TXLivePlayer@@QAEXI@Z")                                                  \
    X(speakerVolumeIndication, 6, "")                                                                                  \
    X(setAudioPlayoutVolume, 7, "")                                                                                    \
    X(getAudioPlayoutVolume, 8, "")                                                                                    \
    X(setRenderFrameIn, NO, "?setRenderFrame@TXLivePlayer@@QAEXPAUHWND__@@ABUtagRECT@@@Z")                             \
    X(setRenderFrame, 9, "")                                                                                           \
    X(updateRenderFrameIn, NO, "?updateRenderFrame@TXLivePlayer@@QAEXPAUHWND__@@ABUtagRECT@@@Z")                       \
    X(updateRenderFrame, 10, "")                                                                                       \
    X(closeRenderFrame, 11, "?closeRenderFrame@TXLivePlayer@@QAEXXZ")                                                  \
    X(startPlay, 12, "?startPlay@TXLivePlayer@@QAEXPBDW4TXEPlayType@@@Z")                                              \
    X(stopPlay, 13, "?stopPlay@TXLivePlayer@@QAEXXZ")                                                                  \
    X(pause, 14, "?pause@TXLivePlayer@@QAEXXZ")                                                                        \
    X(resume, 15, "?resume@TXLivePlayer@@QAEXXZ")                                                                      \
    X(isPlaying, 16, "?isPlaying@TXLivePlayer@@QAE_NXZ")                                                               \
    X(setMute, 17, "?setMute@TXLivePlayer@@QAEX_N@Z")                                                                  \
    X(setRenderMode, 18, "?setRenderMode@TXLivePlayer@@QAEXW4TXERenderMode@@@Z")                                       \
    X(setRotation, 19, "?setRotation@TXLivePlayer@@QAEXW4TXEVideoRotation@@@Z")                                        \
    X(setRenderYMirror, 20, "?setRenderYMirror@TXLivePlayer@@QAEX_N@Z")                                                \
    X(setOutputVideoFormat, 21, "?setOutputVideoFormat@TXLivePlayer@@QAEXW4TXEOutputVideoFormat@@@Z")                  \
    X(setEnableMessage, 22, "")                                                                                        \
    X(captureVideoSnapShot, 23, "?captureVideoSnapShot@TXLivePlayer@@QAEHPB_WI@Z")                                     \
    X(setLivePlayAttribute, 24, "")

struct MethodRow {
    const char *method;
    /// Of the interface generation.
    int slot;
    /// Of the 2018 generation; empty when it lacks the method.
    const char *symbol;
};

#define RTCROOM_CLASSIC_NAME(name, slot, symbol) name,
#define RTCROOM_CLASSIC_ROW(name, slot, symbol) MethodRow{#name, slot, symbol},
#define RTCROOM_CLASSIC_INTERFACE(Name, LIST)                                                                          \
    enum class Name : size_t { LIST(RTCROOM_CLASSIC_NAME) count };                                                     \
    inline constexpr std::array<MethodRow, static_cast<size_t>(Name::count)> Name##Rows{{LIST(RTCROOM_CLASSIC_ROW)}};

RTCROOM_CLASSIC_INTERFACE(PusherMethod, RTCROOM_CLASSIC_PUSHER)
RTCROOM_CLASSIC_INTERFACE(PlayerMethod, RTCROOM_CLASSIC_PLAYER)

#undef RTCROOM_CLASSIC_NAME
#undef RTCROOM_CLASSIC_ROW
#undef RTCROOM_CLASSIC_INTERFACE

enum class Generation { Interface, Tx2018 };

constexpr bool has(Generation generation, const MethodRow &row) {
    return generation == Generation::Interface ? row.slot != ABSENT : *row.symbol != '\0';
}

/// The lists that the interface generation gives out.
struct ListSlots {
    int count = 1;
    int name = 2;
    int pid = 3;
    int deviceRelease = 4;
    int info = 2;
    int sourceRelease = 3;
};

/// The slots, changeable, so that a test can show that each is right.
struct SlotTable {
    std::array<int, PusherMethodRows.size()> pusher{};
    std::array<int, PlayerMethodRows.size()> player{};
    ListSlots lists;
    int onEvent = 1;
    int onVideo = 2;
    int onAudio = 3;
};

constexpr SlotTable slotTable() {
    SlotTable table;
    for (size_t i = 0; i < PusherMethodRows.size(); ++i)
        table.pusher[i] = PusherMethodRows[i].slot;
    for (size_t i = 0; i < PlayerMethodRows.size(); ++i)
        table.player[i] = PlayerMethodRows[i].slot;
    return table;
}

namespace detail {

/// Every slot below `count` has exactly one method, and no symbol stands twice.
template <size_t N> constexpr bool isWhole(const std::array<MethodRow, N> &rows, size_t count) {
    std::array<bool, N> taken{};
    size_t present = 0;
    for (size_t i = 0; i < N; ++i) {
        for (size_t j = 0; j < i; ++j)
            if (*rows[i].symbol != '\0' && std::string_view(rows[i].symbol) == rows[j].symbol)
                return false;
        if (rows[i].slot == ABSENT)
            continue;
        const auto slot = static_cast<size_t>(rows[i].slot);
        if (slot >= count || taken[slot])
            return false;
        taken[slot] = true;
        ++present;
    }
    return present == count;
}

static_assert(isWhole(PusherMethodRows, 48));
static_assert(isWhole(PlayerMethodRows, 25));

} // namespace detail

/// What is used of the library. Function pointers, so that a test can stand in for it.
struct Exports {
    Generation generation = Generation::Interface;
    // The interface generation.
    void *(*createPusher)() = nullptr;
    void (*destroyPusher)(void **) = nullptr;
    void *(*createPlayer)() = nullptr;
    void (*destroyPlayer)(void **) = nullptr;
    const char *(*version)() = nullptr;
    // The 2018 generation, by method.
    std::array<void *, PusherMethodRows.size()> pusher{};
    std::array<void *, PlayerMethodRows.size()> player{};
};

} // namespace rtcroom::liteav::classic
