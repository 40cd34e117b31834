#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "liteav/abi/Call.h"

// The virtual tables of the current generation (liteav::V2TXLivePusher …) as data. Numbers are slots as a caller counts
// them, in the order R2, R3, R4: R2 is older than 12, R3 was read from the package 12.2, R4 from the headers of 13.4.2.
namespace rtcroom::liteav::v2 {

enum class Revision { R2, R3, R4, Unknown };
inline constexpr size_t KNOWN_REVISIONS = 3;

inline constexpr int NO = ABSENT;

#define RTCROOM_V2_PUSHER(X)                                                                                           \
    X(setObserver, 0, 0, 0)                                                                                            \
    X(setRenderView, 1, 1, 1)                                                                                          \
    X(setRenderMirror, 2, 2, 2)                                                                                        \
    X(setEncoderMirror, 3, 3, 3)                                                                                       \
    X(setRenderRotation, 4, 4, 4)                                                                                      \
    X(setRenderFillMode, 5, 5, 5)                                                                                      \
    X(startCamera, 6, 6, 6)                                                                                            \
    X(stopCamera, 7, 7, 7)                                                                                             \
    X(startMicrophone, 8, 8, 8)                                                                                        \
    X(stopMicrophone, 9, 9, 9)                                                                                         \
    X(startVirtualCamera, 10, 10, 10)                                                                                  \
    X(stopVirtualCamera, 11, 11, 11)                                                                                   \
    X(pauseAudio, 12, 12, 12)                                                                                          \
    X(resumeAudio, 13, 13, 13)                                                                                         \
    X(pauseVideo, 14, 14, 14)                                                                                          \
    X(resumeVideo, 15, 15, 15)                                                                                         \
    X(startPush, 16, 16, 16)                                                                                           \
    X(stopPush, 17, 17, 17)                                                                                            \
    X(isPushing, 18, 18, 18)                                                                                           \
    X(setAudioQuality, 19, 19, 19)                                                                                     \
    X(setVideoQuality, 20, 20, 20)                                                                                     \
    X(getAudioEffectManager, 21, 21, 21)                                                                               \
    X(getBeautyManager, NO, NO, 22)                                                                                    \
    X(getDeviceManager, 22, 22, 23)                                                                                    \
    X(setBeautyStyle, 23, 23, 24)                                                                                      \
    X(enableSharpnessEnhancement, NO, NO, 25)                                                                          \
    X(setLUTColorFilter, NO, NO, 26)                                                                                   \
    X(setLUTColorFilterStrength, NO, NO, 27)                                                                           \
    X(snapshot, 24, 24, 28)                                                                                            \
    X(setWatermark, 25, 25, 29)                                                                                        \
    X(enableVolumeEvaluation, 26, 26, 30)                                                                              \
    X(enableCustomVideoProcess, 27, 27, 31)                                                                            \
    X(enableCustomVideoCapture, 28, 28, 32)                                                                            \
    X(enableCustomVideoRender, 29, 29, 33)                                                                             \
    X(enableCustomAudioCapture, 30, 30, 34)                                                                            \
    X(sendCustomVideoFrame, 31, 31, 35)                                                                                \
    X(sendCustomAudioFrame, 32, 32, 36)                                                                                \
    X(sendSeiMessage, 33, 33, 37)                                                                                      \
    X(startScreenCapture, 34, 34, 38)                                                                                  \
    X(stopScreenCapture, 35, 35, 39)                                                                                   \
    X(startSystemAudioLoopback, 36, 36, 40)                                                                            \
    X(stopSystemAudioLoopback, 37, 37, 41)                                                                             \
    X(setSystemAudioLoopbackVolume, NO, 38, 42)                                                                        \
    X(getScreenCaptureSources, 38, 39, 43)                                                                             \
    X(setScreenCaptureSource, 39, 40, 44)                                                                              \
    X(showDebugView, 40, 41, 45)                                                                                       \
    X(setProperty, 41, 42, 46)                                                                                         \
    X(getProperty, NO, NO, 47)                                                                                         \
    X(setMixTranscodingConfig, NO, NO, 48)                                                                             \
    X(startLocalRecording, NO, NO, 49)                                                                                 \
    X(stopLocalRecording, NO, NO, 50)                                                                                  \
    X(destructor, 42, 43, 51)

#define RTCROOM_V2_PLAYER(X)                                                                                           \
    X(setObserver, 0, 0, 0)                                                                                            \
    X(setRenderView, 1, 1, 1)                                                                                          \
    X(setRenderRotation, 2, 2, 2)                                                                                      \
    X(setRenderFillMode, 3, 3, 3)                                                                                      \
    X(setRenderMirrorMode, NO, NO, 4)                                                                                  \
    X(startPlay, 4, 4, 5)                                                                                              \
    X(stopPlay, 5, 5, 6)                                                                                               \
    X(isPlaying, 6, 6, 7)                                                                                              \
    X(pauseAudio, 7, 7, 8)                                                                                             \
    X(resumeAudio, 8, 8, 9)                                                                                            \
    X(pauseVideo, 9, 9, 10)                                                                                            \
    X(resumeVideo, 10, 10, 11)                                                                                         \
    X(setPlayoutVolume, 11, 11, 12)                                                                                    \
    X(setCacheParams, 12, 12, 13)                                                                                      \
    X(switchStream, 13, 13, 14)                                                                                        \
    X(enableVolumeEvaluation, 14, 14, 15)                                                                              \
    X(snapshot, 15, 15, 16)                                                                                            \
    X(enableObserveVideoFrame, 16, 16, 17)                                                                             \
    X(enableObserveAudioFrame, 17, 17, 18)                                                                             \
    X(enableReceiveSeiMessage, 18, 18, 19)                                                                             \
    X(enablePictureInPicture, NO, NO, 20)                                                                              \
    X(showDebugView, 19, 19, 21)                                                                                       \
    X(setProperty, 20, 20, 22)                                                                                         \
    X(startLocalRecording, NO, NO, 23)                                                                                 \
    X(stopLocalRecording, NO, NO, 24)                                                                                  \
    X(destructor, 21, 21, 25)

#define RTCROOM_V2_PUSHER_OBSERVER(X)                                                                                  \
    X(destructor, 0, 0, 0)                                                                                             \
    X(onError, 1, 1, 1)                                                                                                \
    X(onWarning, 2, 2, 2)                                                                                              \
    X(onCaptureFirstAudioFrame, 3, 3, 3)                                                                               \
    X(onCaptureFirstVideoFrame, 4, 4, 4)                                                                               \
    X(onMicrophoneVolumeUpdate, 5, 5, 5)                                                                               \
    X(onPushStatusUpdate, 6, 6, 6)                                                                                     \
    X(onStatisticsUpdate, 7, 7, 7)                                                                                     \
    X(onGLContextCreated, NO, NO, 8)                                                                                   \
    X(onSnapshotComplete, 8, 8, 9)                                                                                     \
    X(onRenderVideoFrame, 9, 9, 10)                                                                                    \
    X(onProcessVideoFrame, 10, 10, 11)                                                                                 \
    X(onGLContextDestroyed, NO, NO, 12)                                                                                \
    X(onScreenCaptureStarted, 11, 11, 13)                                                                              \
    X(onScreenCaptureStoped, 12, 12, 14)                                                                               \
    X(onLocalRecordBegin, NO, NO, 15)                                                                                  \
    X(onLocalRecording, NO, NO, 16)                                                                                    \
    X(onLocalRecordComplete, NO, NO, 17)

#define RTCROOM_V2_PLAYER_OBSERVER(X)                                                                                  \
    X(destructor, 0, 0, 0)                                                                                             \
    X(onError, 1, 1, 1)                                                                                                \
    X(onWarning, 2, 2, 2)                                                                                              \
    X(onVideoResolutionChanged, 3, 3, 3)                                                                               \
    X(onConnected, 4, 4, 4)                                                                                            \
    X(onVideoPlaying, 5, 5, 5)                                                                                         \
    X(onAudioPlaying, 6, 6, 6)                                                                                         \
    X(onVideoLoading, 7, 7, 7)                                                                                         \
    X(onAudioLoading, 8, 8, 8)                                                                                         \
    X(onPlayoutVolumeUpdate, 9, 9, 9)                                                                                  \
    X(onStatisticsUpdate, 10, 10, 10)                                                                                  \
    X(onSnapshotComplete, 11, 11, 11)                                                                                  \
    X(onRenderVideoFrame, 12, 12, 12)                                                                                  \
    X(onPlayoutAudioFrame, 13, 13, 13)                                                                                 \
    X(onReceiveSeiMessage, 14, 14, 14)                                                                                 \
    X(onStreamSwitched, 15, 15, 15)                                                                                    \
    X(onPictureInPictureStateUpdate, NO, NO, 16)                                                                       \
    X(onLocalRecordBegin, NO, NO, 17)                                                                                  \
    X(onLocalRecording, NO, NO, 18)                                                                                    \
    X(onLocalRecordComplete, NO, NO, 19)

// The managers are the same in R2 to R4. Overloads stand in reverse order, as Microsoft's compiler places them.
#define RTCROOM_V2_DEVICE_MANAGER(X)                                                                                   \
    X(destructor, 0, 0, 0)                                                                                             \
    X(getDevicesList, 1, 1, 1)                                                                                         \
    X(setCurrentDevice, 2, 2, 2)                                                                                       \
    X(getCurrentDevice, 3, 3, 3)                                                                                       \
    X(setCurrentDeviceVolume, 4, 4, 4)                                                                                 \
    X(getCurrentDeviceVolume, 5, 5, 5)                                                                                 \
    X(setCurrentDeviceMute, 6, 6, 6)                                                                                   \
    X(getCurrentDeviceMute, 7, 7, 7)                                                                                   \
    X(enableFollowingDefaultAudioDevice, 8, 8, 8)                                                                      \
    X(startCameraDeviceTestCallback, 9, 9, 9)                                                                          \
    X(startCameraDeviceTest, 10, 10, 10)                                                                               \
    X(stopCameraDeviceTest, 11, 11, 11)                                                                                \
    X(startMicDeviceTestPlayback, 12, 12, 12)                                                                          \
    X(startMicDeviceTest, 13, 13, 13)                                                                                  \
    X(stopMicDeviceTest, 14, 14, 14)                                                                                   \
    X(startSpeakerDeviceTest, 15, 15, 15)                                                                              \
    X(stopSpeakerDeviceTest, 16, 16, 16)                                                                               \
    X(setApplicationPlayVolume, 17, 17, 17)                                                                            \
    X(getApplicationPlayVolume, 18, 18, 18)                                                                            \
    X(setApplicationMuteState, 19, 19, 19)                                                                             \
    X(getApplicationMuteState, 20, 20, 20)                                                                             \
    X(setCameraCapturerParam, 21, 21, 21)                                                                              \
    X(setDeviceObserver, 22, 22, 22)

#define RTCROOM_V2_DEVICE_COLLECTION(X)                                                                                \
    X(destructor, 0, 0, 0)                                                                                             \
    X(getCount, 1, 1, 1)                                                                                               \
    X(getDeviceName, 2, 2, 2)                                                                                          \
    X(getDevicePID, 3, 3, 3)                                                                                           \
    X(getDeviceProperties, 4, 4, 4)                                                                                    \
    X(release, 5, 5, 5)

#define RTCROOM_V2_SOURCE_LIST(X)                                                                                      \
    X(destructor, 0, 0, 0)                                                                                             \
    X(getCount, 1, 1, 1)                                                                                               \
    X(getSourceInfo, 2, 2, 2)                                                                                          \
    X(release, 3, 3, 3)

#define RTCROOM_V2_AUDIO_EFFECTS(X)                                                                                    \
    X(destructor, 0, 0, 0)                                                                                             \
    X(enableVoiceEarMonitor, 1, 1, 1)                                                                                  \
    X(setVoiceEarMonitorVolume, 2, 2, 2)                                                                               \
    X(setVoiceReverbType, 3, 3, 3)                                                                                     \
    X(setVoiceChangerType, 4, 4, 4)                                                                                    \
    X(setVoiceCaptureVolume, 5, 5, 5)

#define RTCROOM_V2_DEVICE_OBSERVER(X)                                                                                  \
    X(destructor, 0, 0, 0)                                                                                             \
    X(onDeviceChanged, 1, 1, 1)

struct SlotRow {
    const char *method;
    std::array<int, KNOWN_REVISIONS> slots;
};

#define RTCROOM_V2_NAME(name, r2, r3, r4) name,
#define RTCROOM_V2_ROW(name, r2, r3, r4) SlotRow{#name, {r2, r3, r4}},
#define RTCROOM_V2_INTERFACE(Name, LIST)                                                                               \
    enum class Name : size_t { LIST(RTCROOM_V2_NAME) count };                                                          \
    inline constexpr std::array<SlotRow, static_cast<size_t>(Name::count)> Name##Rows{{LIST(RTCROOM_V2_ROW)}};

RTCROOM_V2_INTERFACE(PusherSlot, RTCROOM_V2_PUSHER)
RTCROOM_V2_INTERFACE(PlayerSlot, RTCROOM_V2_PLAYER)
RTCROOM_V2_INTERFACE(PusherObserverSlot, RTCROOM_V2_PUSHER_OBSERVER)
RTCROOM_V2_INTERFACE(PlayerObserverSlot, RTCROOM_V2_PLAYER_OBSERVER)
RTCROOM_V2_INTERFACE(DeviceManagerSlot, RTCROOM_V2_DEVICE_MANAGER)
RTCROOM_V2_INTERFACE(DeviceCollectionSlot, RTCROOM_V2_DEVICE_COLLECTION)
RTCROOM_V2_INTERFACE(SourceListSlot, RTCROOM_V2_SOURCE_LIST)
RTCROOM_V2_INTERFACE(AudioEffectsSlot, RTCROOM_V2_AUDIO_EFFECTS)
RTCROOM_V2_INTERFACE(DeviceObserverSlot, RTCROOM_V2_DEVICE_OBSERVER)

#undef RTCROOM_V2_NAME
#undef RTCROOM_V2_ROW
#undef RTCROOM_V2_INTERFACE

/// The slots of one interface in one revision, by the method's enum.
template <typename Method> struct InterfaceSlots {
    std::array<int, static_cast<size_t>(Method::count)> slots{};
    constexpr int operator[](Method method) const { return slots[static_cast<size_t>(method)]; }
    constexpr bool has(Method method) const { return (*this)[method] != ABSENT; }
};

struct SlotTable {
    InterfaceSlots<PusherSlot> pusher;
    InterfaceSlots<PlayerSlot> player;
    InterfaceSlots<PusherObserverSlot> pusherObserver;
    InterfaceSlots<PlayerObserverSlot> playerObserver;
    InterfaceSlots<DeviceManagerSlot> devices;
    InterfaceSlots<DeviceCollectionSlot> deviceList;
    InterfaceSlots<SourceListSlot> sourceList;
    InterfaceSlots<AudioEffectsSlot> effects;
    InterfaceSlots<DeviceObserverSlot> deviceObserver;
};

/// Slots below these are the same in every known revision. The managers are not reached in an unknown one.
struct Invariant {
    static constexpr int pusher = 22;
    static constexpr int player = 4;
    static constexpr int pusherObserver = 8;
    static constexpr int playerObserver = 16;
};

namespace detail {

template <typename Method, size_t N>
constexpr InterfaceSlots<Method> column(const std::array<SlotRow, N> &rows, Revision revision, int invariant) {
    InterfaceSlots<Method> result;
    for (size_t i = 0; i < N; ++i) {
        // Below the invariant bound every column is the same; R4 stands for the unknown.
        const int slot = rows[i].slots[revision == Revision::Unknown ? 2 : static_cast<size_t>(revision)];
        result.slots[i] = revision == Revision::Unknown && slot >= invariant ? ABSENT : slot;
    }
    return result;
}

/// Every slot of the interface has exactly one method.
template <size_t N> constexpr bool isWhole(const std::array<SlotRow, N> &rows, size_t revision, size_t count) {
    std::array<bool, N> taken{};
    size_t present = 0;
    for (const SlotRow &row : rows) {
        const int slot = row.slots[revision];
        if (slot == ABSENT)
            continue;
        if (slot < 0 || static_cast<size_t>(slot) >= count || taken[static_cast<size_t>(slot)])
            return false;
        taken[static_cast<size_t>(slot)] = true;
        ++present;
    }
    return present == count;
}

template <size_t N>
constexpr bool isWhole(const std::array<SlotRow, N> &rows, const std::array<size_t, KNOWN_REVISIONS> &counts) {
    return isWhole(rows, 0, counts[0]) && isWhole(rows, 1, counts[1]) && isWhole(rows, 2, counts[2]);
}

template <size_t N> constexpr bool isInvariant(const std::array<SlotRow, N> &rows, int below) {
    return std::all_of(rows.begin(), rows.end(), [below](const SlotRow &row) {
        const bool inside = std::any_of(row.slots.begin(), row.slots.end(),
                                        [below](int slot) { return slot != ABSENT && slot < below; });
        return !inside || (row.slots[0] == row.slots[1] && row.slots[1] == row.slots[2]);
    });
}

} // namespace detail

static_assert(detail::isWhole(PusherSlotRows, {43, 44, 52}));
static_assert(detail::isWhole(PlayerSlotRows, {22, 22, 26}));
static_assert(detail::isWhole(PusherObserverSlotRows, {13, 13, 18}));
static_assert(detail::isWhole(PlayerObserverSlotRows, {16, 16, 20}));
static_assert(detail::isWhole(DeviceManagerSlotRows, {23, 23, 23}));
static_assert(detail::isWhole(DeviceCollectionSlotRows, {6, 6, 6}));
static_assert(detail::isWhole(SourceListSlotRows, {4, 4, 4}));
static_assert(detail::isWhole(AudioEffectsSlotRows, {6, 6, 6})); // the first six of 25
static_assert(detail::isWhole(DeviceObserverSlotRows, {2, 2, 2}));
static_assert(detail::isInvariant(PusherSlotRows, Invariant::pusher));
static_assert(detail::isInvariant(PlayerSlotRows, Invariant::player));
static_assert(detail::isInvariant(PusherObserverSlotRows, Invariant::pusherObserver));
static_assert(detail::isInvariant(PlayerObserverSlotRows, Invariant::playerObserver));

constexpr SlotTable slotTable(Revision revision) {
    return {
        detail::column<PusherSlot>(PusherSlotRows, revision, Invariant::pusher),
        detail::column<PlayerSlot>(PlayerSlotRows, revision, Invariant::player),
        detail::column<PusherObserverSlot>(PusherObserverSlotRows, revision, Invariant::pusherObserver),
        detail::column<PlayerObserverSlot>(PlayerObserverSlotRows, revision, Invariant::playerObserver),
        detail::column<DeviceManagerSlot>(DeviceManagerSlotRows, revision, 0),
        detail::column<DeviceCollectionSlot>(DeviceCollectionSlotRows, revision, 0),
        detail::column<SourceListSlot>(SourceListSlotRows, revision, 0),
        detail::column<AudioEffectsSlot>(AudioEffectsSlotRows, revision, 0),
        detail::column<DeviceObserverSlot>(DeviceObserverSlotRows, revision, 0),
    };
}

} // namespace rtcroom::liteav::v2
