#include "liteav/classic/Lists.h"

#include <algorithm>
#include <array>

#ifdef _WIN32
#include <windows.h>
#endif

#include "embedded/media/PictureFile.h"
#include "liteav/Convert.h"
#include "liteav/abi/Text.h"

namespace rtcroom::liteav::classic {

using engine::EngineException;
using engine::ErrorCode;
namespace event = engine::event;

namespace {

/// A list longer than this is not believed.
constexpr uint32_t MAX_ENTRIES = 4096;
/// The same of the 2018 SDK's devices.
constexpr int MAX_NAMES = 64;

/// Gives a list back.
struct Released {
    void *list;
    int slot;
    ~Released() { callSlot<void>(list, slot); }
};

void requireList(void *list) {
    if (list == nullptr)
        throw EngineException(ErrorCode::SdkFailed, "the LiteAV SDK gave no list; try again");
}

std::string sourceId(int type, const void *id) {
    return std::to_string(type) + ":" + std::to_string(reinterpret_cast<uintptr_t>(id));
}

engine::ScreenCaptureSource::Kind kindOf(int type) {
    using Kind = engine::ScreenCaptureSource::Kind;
    return type == 0 ? Kind::Window : type == 1 ? Kind::Screen : Kind::Custom;
}

/// Runs `each(info)` until it is true.
template <typename Each> void eachSource(const PusherObject &sdk, Each each, const engine::Size &thumbnail = {}) {
    const Size thumb{thumbnail.width, thumbnail.height};
    const Size none;
    void *const list = sdk.call<void *>(PusherMethod::getScreenCaptureSources, static_cast<const Size *>(&thumb),
                                        static_cast<const Size *>(&none));
    requireList(list);
    const ListSlots &slots = sdk.slots().lists;
    const Released released{list, slots.sourceRelease};
    const uint32_t count = std::min(callSlot<uint32_t>(list, slots.count), MAX_ENTRIES);
    for (uint32_t i = 0; i < count; ++i) {
        alignas(SourceInfo) unsigned char room[512] = {};
        callSlot<void *>(list, slots.info, static_cast<void *>(room), i);
        if (each(*reinterpret_cast<const SourceInfo *>(room)))
            return;
    }
}

std::string windowTitle([[maybe_unused]] void *window) {
#ifdef _WIN32
    wchar_t title[256] = {};
    const int length = GetWindowTextW(static_cast<HWND>(window), title, 256);
    char utf8[1024] = {};
    const int size = WideCharToMultiByte(CP_UTF8, 0, title, length, utf8, sizeof utf8 - 1, nullptr, nullptr);
    return sdkText(std::string(utf8, static_cast<size_t>(std::max(size, 0))).c_str());
#else
    return {};
#endif
}

std::vector<void *> captureWindows(const PusherObject &sdk) {
    const auto ask = [&](void **array, size_t capacity) {
        return sdk.callStatic<int>(PusherMethod::enumCaptureWindow, array, capacity);
    };
    const int count = std::clamp(ask(nullptr, 0), 0, static_cast<int>(MAX_ENTRIES));
    std::vector<void *> windows(static_cast<size_t>(count));
    if (count > 0)
        // A window may have closed in between.
        windows.resize(static_cast<size_t>(std::clamp(ask(windows.data(), windows.size()), 0, count)));
    return windows;
}

/// A list of the interface generation, which is given back.
std::vector<engine::Device> readDevices(const ListSlots &slots, void *list) {
    requireList(list);
    const Released released{list, slots.deviceRelease};
    const uint32_t count = std::min(callSlot<uint32_t>(list, slots.count), MAX_ENTRIES);
    std::vector<engine::Device> devices;
    for (uint32_t i = 0; i < count; ++i)
        devices.push_back({sdkText(callSlot<const char *>(list, slots.name, i)),
                           sdkText(callSlot<const char *>(list, slots.pid, i))});
    return devices;
}

/// The names of the 2018 SDK's devices.
template <typename Method> std::vector<engine::Device> readNames(const Object<Method> &sdk, Method count, Method name) {
    std::vector<engine::Device> devices;
    const int there = std::clamp(sdk.template call<int>(count), 0, MAX_NAMES);
    for (int i = 0; i < there; ++i) {
        char text[512] = {};
        if (sdk.callBool(name, static_cast<unsigned>(i), static_cast<char *>(text)))
            devices.push_back({sdkText(text, sizeof text), {}});
    }
    return devices;
}

} // namespace

std::vector<engine::Device> listCameras(const PusherObject &sdk) {
    if (sdk.isInterface())
        return readDevices(sdk.slots().lists, sdk.call<void *>(PusherMethod::getCameraDevicesList));
    // The demos of this SDK give each name 256 characters.
    constexpr size_t LENGTH = 256;
    const auto count = [&](char16_t **names, size_t capacity) {
        return sdk.callStatic<int>(PusherMethod::enumCameras, names, capacity);
    };
    const auto there = static_cast<size_t>(std::clamp(count(nullptr, 0), 0, MAX_NAMES));
    std::vector<std::array<char16_t, LENGTH>> rooms(there);
    std::vector<char16_t *> names;
    for (auto &room : rooms)
        names.push_back(room.data());
    const auto given =
        there == 0 ? size_t{0} : static_cast<size_t>(std::clamp(count(names.data(), there), 0, MAX_NAMES));
    std::vector<engine::Device> devices;
    for (size_t i = 0; i < std::min(there, given); ++i) {
        rooms[i].back() = 0;
        devices.push_back({toUtf8(rooms[i].data()), {}});
    }
    return devices;
}

std::vector<engine::Device> listMicrophones(const PusherObject &sdk) {
    if (sdk.isInterface())
        return readDevices(sdk.slots().lists, sdk.call<void *>(PusherMethod::getMicDevicesList));
    return readNames(sdk, PusherMethod::micDeviceCount, PusherMethod::micDeviceName);
}

std::vector<engine::Device> listSpeakers(const PlayerObject &sdk) {
    if (sdk.isInterface())
        return readDevices(sdk.slots().lists, sdk.call<void *>(PlayerMethod::getSpeakerDevicesList));
    return readNames(sdk, PlayerMethod::speakerDeviceCount, PlayerMethod::speakerDeviceName);
}

uint32_t requireIndex(const std::vector<engine::Device> &devices, int index, const char *what) {
    if (index < 0 || static_cast<size_t>(index) >= devices.size())
        throw EngineException(ErrorCode::InvalidArgument, std::string("there is no ") + what + " with the number " +
                                                              std::to_string(index) + "; " +
                                                              std::to_string(devices.size()) + " are plugged in");
    return static_cast<uint32_t>(index);
}

std::vector<engine::ScreenCaptureSource> listSources(const PusherObject &sdk, const engine::Size &thumbnail) {
    std::vector<engine::ScreenCaptureSource> sources;
    if (!sdk.isInterface()) {
        if (thumbnail != engine::Size{})
            throw EngineException(ErrorCode::Unsupported, "the 2018 SDK gives no thumbnails");
        sources.push_back({sourceId(1, nullptr), engine::ScreenCaptureSource::Kind::Screen, "", false, true});
        for (void *window : captureWindows(sdk))
            sources.push_back(
                {sourceId(0, window), engine::ScreenCaptureSource::Kind::Window, windowTitle(window), false, false});
        return sources;
    }
    const auto note = [&](const SourceInfo &info) {
        sources.push_back({sourceId(info.type, info.id), kindOf(info.type), sdkText(info.name), info.minimized != 0,
                           info.mainScreen != 0});
        if (thumbnail != engine::Size{})
            sources.back().thumbnail =
                thumbnailOf(info.thumb.buffer, info.thumb.length, info.thumb.width, info.thumb.height);
        return false;
    };
    eachSource(sdk, note, thumbnail);
    return sources;
}

void selectSource(const PusherObject &sdk, const std::string &id, const engine::Rect &region,
                  const engine::ScreenCaptureProperty &wanted) {
    requireRegion(region);
    const Rect rect{region.left, region.top, region.right, region.bottom};
    bool found = false;
    if (!sdk.isInterface()) {
        if (!wanted.captureMouse)
            throw EngineException(ErrorCode::Unsupported, "the 2018 SDK always shows the mouse pointer");
        const auto windows = captureWindows(sdk);
        const auto window =
            std::find_if(windows.begin(), windows.end(), [&](const void *each) { return sourceId(0, each) == id; });
        found = window != windows.end() || id == sourceId(1, nullptr);
        if (found)
            sdk.call<void>(PusherMethod::setScreenCaptureParam, window == windows.end() ? nullptr : *window,
                           static_cast<const Rect *>(&rect), false, true);
    } else {
        // The SDK's defaults.
        CaptureProperty property{1, 1, 1, 0, 0, 0};
        property.captureMouse = wanted.captureMouse;
        eachSource(sdk, [&](const SourceInfo &info) {
            if (sourceId(info.type, info.id) != id)
                return false;
            found = true;
            sdk.call<void>(PusherMethod::selectScreenCaptureTarget, &info, static_cast<const Rect *>(&rect),
                           static_cast<const CaptureProperty *>(&property));
            return true;
        });
    }
    if (!found)
        throw EngineException(ErrorCode::InvalidArgument,
                              "no such window or screen; take an id of getScreenCaptureSources, it may be closed");
}

Rect clientArea([[maybe_unused]] uint64_t windowHandle) {
    Rect area;
#ifdef _WIN32
    RECT client{};
    if (windowHandle != 0 && GetClientRect(static_cast<HWND>(windowOf(windowHandle)), &client))
        area = {client.left, client.top, client.right, client.bottom};
#endif
    return area;
}

const engine::ErrorCode *finalError(int code) {
    struct Row {
        int event;
        ErrorCode error;
    };
    static constexpr std::array<Row, 7> ROWS{{
        {event::PUSH_ERR_NET_DISCONNECT, ErrorCode::ServerDisconnected},
        {event::PUSH_ERR_INVALID_ADDRESS, ErrorCode::InvalidUrl},
        {event::PUSH_ERR_SERVER_REFUSED, ErrorCode::PublishRefused},
        {event::PLAY_ERR_NET_DISCONNECT, ErrorCode::ServerDisconnected},
        {event::PLAY_ERR_GET_RTMP_ACC_URL_FAIL, ErrorCode::PlayRefused},
        {event::PLAY_ERR_STREAM_REFUSED, ErrorCode::PlayRefused},
        {event::PLAY_ERR_HEVC_DECODE_FAIL, ErrorCode::DecodeFailed},
    }};
    for (const Row &row : ROWS)
        if (row.event == code)
            return &row.error;
    return nullptr;
}

void requireJpegPath(const std::string &path) {
    embedded::checkPicturePath(path);
    if (path.size() < 4 || (path[path.size() - 1] | 0x20) != 'g' || (path[path.size() - 2] | 0x20) != 'p')
        throw EngineException(ErrorCode::SnapshotFailed, "this generation of the LiteAV SDK writes .jpg only",
                              embedded::snapshotCode::badPath);
}

engine::Error snapshotError(int code) {
    const char *reason = code == -2   ? "the path cannot be written to"
                         : code == -3 ? "the file exists; files are never overwritten"
                         : code == -4 ? "nothing runs; start it first"
                                      : "the SDK gave no picture";
    return {ErrorCode::SnapshotFailed, std::string("The snapshot failed: ") + reason, code};
}

} // namespace rtcroom::liteav::classic
