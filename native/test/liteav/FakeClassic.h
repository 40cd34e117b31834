#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "liteav/classic/Methods.h"
#include "liteav/classic/Types.h"

namespace rtcroom::test {

using Names = std::vector<std::string>;
using liteav::classic::Exports;
using liteav::classic::Generation;
using liteav::classic::PlayerMethodRows;
using liteav::classic::PusherMethodRows;
using liteav::classic::SourceInfo;

/// The interface generation's order, written from its description.
inline const Names PUSHER_ORDER{"destructor",
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
                                "sendCustomAudioData"};
inline const Names PLAYER_ORDER{"destructor",
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
                                "setLivePlayAttribute"};
inline const Names DEVICES_ORDER{"destructor", "getCount", "getDeviceName", "getDevicePID", "release"};
inline const Names SOURCES_ORDER{"destructor", "getCount", "getSourceInfo", "release"};

/// Both older generations as arrays of functions; each knows its place only.
class FakeClassic {
  public:
    struct Object {
        void *const *table = nullptr;
        const Names *order = nullptr;
    };

    explicit FakeClassic(Generation generation) : generation_(generation) { current = this; }
    static inline FakeClassic *current = nullptr;

    Exports exports();
    Names take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(calls_, {});
    }
    bool saw(const std::string &call) {
        const std::lock_guard lock(mutex_);
        return std::find(calls_.begin(), calls_.end(), call) != calls_.end();
    }
    void tell(int id, std::vector<std::pair<const char *, const char *>> params = {}) {
        std::vector<const char *> keys;
        std::vector<const char *> values;
        for (const auto &[key, value] : params) {
            keys.push_back(key);
            values.push_back(value);
        }
        auto *const table = *static_cast<void ***>(observer);
        reinterpret_cast<void (*)(void *, int, int, const char **, const char **, void *)>(table[1])(
            observer, id, static_cast<int>(params.size()), keys.data(), values.data(), nullptr);
    }

    uint64_t call(const std::string &name, const uint64_t (&args)[5]);
    std::map<std::string, uint64_t> answers;
    /// Run before a method answers: a library that takes its time.
    std::map<std::string, std::function<void()>> before;
    void *observer = nullptr;
    Object pusher, player, devices, sources;
    int released = 0;

  private:
    const Generation generation_;
    std::mutex mutex_;
    Names calls_;
};
template <size_t Slot>
uint64_t slotEntry(FakeClassic::Object *self, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e) {
    return FakeClassic::current->call(Slot < self->order->size() ? (*self->order)[Slot] : "outside", {a, b, c, d, e});
}
template <size_t... Slots> auto slotEntries(std::index_sequence<Slots...>) {
    return std::array<void *, sizeof...(Slots)>{reinterpret_cast<void *>(&slotEntry<Slots>)...};
}
inline const auto SLOTS = slotEntries(std::make_index_sequence<60>{});

/// An export of the 2018 classes: known by its row's name. Static methods have no `this`.
template <bool Pusher, size_t Row>
uint64_t exportEntry(void *self, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e) {
    const std::string name = Pusher ? PusherMethodRows[Row].method : PlayerMethodRows[Row].method;
    if (name == "enumCameras" || name == "enumCaptureWindow")
        return FakeClassic::current->call(name, {reinterpret_cast<uint64_t>(self), a, b, c, d});
    return FakeClassic::current->call(name, {a, b, c, d, e});
}
template <bool Pusher, size_t... Rows> auto exportEntries(std::index_sequence<Rows...>) {
    return std::array<void *, sizeof...(Rows)>{reinterpret_cast<void *>(&exportEntry<Pusher, Rows>)...};
}

inline Exports FakeClassic::exports() {
    pusher = {SLOTS.data(), &PUSHER_ORDER};
    player = {SLOTS.data(), &PLAYER_ORDER};
    devices = {SLOTS.data(), &DEVICES_ORDER};
    sources = {SLOTS.data(), &SOURCES_ORDER};
    Exports e;
    e.generation = generation_;
    e.createPusher = []() -> void * { return current->answers.contains("null") ? nullptr : &current->pusher; };
    e.createPlayer = []() -> void * { return current->answers.contains("null") ? nullptr : &current->player; };
    e.destroyPusher = [](void **object) {
        ++current->released;
        *object = nullptr;
    };
    e.destroyPlayer = e.destroyPusher;
    if (generation_ == Generation::Tx2018) {
        const auto pushers = exportEntries<true>(std::make_index_sequence<PusherMethodRows.size()>{});
        const auto players = exportEntries<false>(std::make_index_sequence<PlayerMethodRows.size()>{});
        for (size_t i = 0; i < pushers.size(); ++i)
            e.pusher[i] = *PusherMethodRows[i].symbol ? pushers[i] : nullptr;
        for (size_t i = 0; i < players.size(); ++i)
            e.player[i] = *PlayerMethodRows[i].symbol ? players[i] : nullptr;
    }
    return e;
}

inline uint64_t FakeClassic::call(const std::string &name, const uint64_t (&args)[5]) {
    static const std::map<std::string, std::string> SIGNATURES{
        {"startPush", "s"},
        {"startPlay", "si"},
        {"startLocalRecord", "s"},
        {"startPreview", "ii"},
        {"startPreviewCamera", "i"},
        {"startPreviewIn", "ii"},
        {"setRotation", "i"},
        {"setMute", "b"},
        {"setVideoFPS", "i"},
        {"setVideoBitRate", "i"},
        {"switchCamera", "i"},
        {"selectMicDevice", "i"},
        {"setMicVolume", "i"},
        {"setBeautyStyle", "iii"},
        {"enableAudioPreprocess", "ib"},
        {"setOutputVideoFormat", "i"},
        {"selectSpeakerDevice", "i"},
        {"setSpeakerVolume", "i"},
        {"setVideoQualityParamPreset", "ii"},
        {"startAudioCapture", "i"},
        {"openSystemVoiceInput", "s"},
        {"setRenderFrame", "i"},
        {"setLivePlayAttribute", "s"},
        {"setAutoAdjustStrategy", "i"},
        {"enableMic", "b"},
    };
    std::string text;
    if (const auto signature = SIGNATURES.find(name); signature != SIGNATURES.end())
        for (size_t i = 0; i < signature->second.size(); ++i) {
            const char kind = signature->second[i];
            text += text.empty() ? "" : ",";
            text += kind == 's'   ? (args[i] ? reinterpret_cast<const char *>(args[i]) : "null")
                    : kind == 'b' ? std::string((args[i] & 0xFF) ? "1" : "0")
                                  : std::to_string(static_cast<int32_t>(args[i]));
        }
    {
        const std::lock_guard lock(mutex_);
        calls_.push_back(text.empty() ? name : name + "(" + text + ")");
    }
    if (const auto delay = before.find(name); delay != before.end())
        delay->second();
    if (name == "setCallback" && args[0])
        observer = reinterpret_cast<void *>(args[0]);
    if (name == "destructor")
        ++released;
    if (const auto answer = answers.find(name); answer != answers.end())
        return answer->second;
    if (name == "getCameraDevicesList" || name == "getMicDevicesList" || name == "getSpeakerDevicesList")
        return reinterpret_cast<uint64_t>(&devices);
    if (name == "getScreenCaptureSources")
        return reinterpret_cast<uint64_t>(&sources);
    if (name == "getDeviceName" || name == "getDevicePID")
        return reinterpret_cast<uint64_t>(args[0] == 0 ? "first" : "second");
    if (name == "getCount" || name == "micDeviceCount" || name == "speakerDeviceCount")
        return 2;
    if (name == "micDeviceName" || name == "speakerDeviceName") {
        std::strcpy(reinterpret_cast<char *>(args[1]), "device");
        return 1;
    }
    if (name == "enumCameras") {
        for (size_t i = 0; args[0] && i < 2; ++i)
            std::memcpy(reinterpret_cast<char16_t **>(args[0])[i], u"\u6444", 4);
        return 2;
    }
    if (name == "enumCaptureWindow") {
        if (args[0])
            *reinterpret_cast<uintptr_t *>(args[0]) = 77;
        return 1;
    }
    if (name == "getSourceInfo") {
        auto *info = reinterpret_cast<SourceInfo *>(args[0]);
        info->type = static_cast<int>(args[1]);
        info->id = reinterpret_cast<void *>(static_cast<uintptr_t>(7 + args[1]));
        info->name = "source";
        return args[0];
    }
    if (name == "startPush" || name.starts_with("startPreview"))
        return 1;
    return 0;
}

} // namespace rtcroom::test
