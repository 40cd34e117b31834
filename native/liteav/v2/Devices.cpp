#include "liteav/v2/Devices.h"

#include <algorithm>
#include <functional>

#include "liteav/Convert.h"
#include "liteav/abi/Text.h"
#include "liteav/v2/Codes.h"

namespace rtcroom::liteav::v2 {

using engine::EngineException;
using engine::ErrorCode;
using engine::Side;

namespace {

/// A list longer than this is not believed.
constexpr uint32_t MAX_ENTRIES = 4096;

/// Gives a list of the SDK back when it is read.
template <typename List> class Released {
  public:
    template <typename Slots> Released(void *object, const Slots &slots) : list_(object, slots) {
        if (object == nullptr)
            throw EngineException(ErrorCode::SdkFailed, "the LiteAV SDK gave no list; try again");
    }
    ~Released() { list_.release(); }
    Released(const Released &) = delete;
    Released &operator=(const Released &) = delete;
    const List *operator->() const { return &list_; }
    uint32_t count() const { return std::min(list_.count(), MAX_ENTRIES); }

  private:
    List list_;
};

std::string sourceId(SourceType type, const void *id) {
    return std::to_string(static_cast<int>(type)) + ":" + std::to_string(reinterpret_cast<uintptr_t>(id));
}

/// `each` is told of every source until it is true.
void eachSource(const SlotTable &slots, const PusherCalls &pusher, const std::function<bool(const SourceInfo &)> &each,
                const engine::Size &thumbnail = {}) {
    const Size thumb{static_cast<uint64_t>(thumbnail.width), static_cast<uint64_t>(thumbnail.height)};
    // No icons.
    const Size none{0, 0};
    const Released<SourceListCalls> list(pusher.screenSources(&thumb, &none), slots.sourceList);
    for (uint32_t i = 0; i < list.count(); ++i) {
        // Room for members that a later revision appends.
        alignas(SourceInfo) unsigned char room[512] = {};
        auto *const info = reinterpret_cast<SourceInfo *>(room);
        list->info(info, i);
        if (each(*info))
            return;
    }
}

} // namespace

std::vector<engine::Device> listDevices(const SlotTable &slots, const DeviceManagerCalls &manager, DeviceType type) {
    const Released<DeviceListCalls> list(manager.devices(type), slots.deviceList);
    std::vector<engine::Device> devices;
    for (uint32_t i = 0; i < list.count(); ++i)
        devices.push_back({sdkText(list->name(i)), sdkText(list->pid(i))});
    return devices;
}

std::string deviceId(const std::vector<engine::Device> &devices, int index, const char *what) {
    if (index < 0 || static_cast<size_t>(index) >= devices.size())
        throw EngineException(ErrorCode::InvalidArgument, std::string("there is no ") + what + " with the number " +
                                                              std::to_string(index) + "; " +
                                                              std::to_string(devices.size()) + " are plugged in");
    return devices[static_cast<size_t>(index)].id;
}

DeviceManagerCalls deviceManagerOf(const SlotTable &slots, const PusherCalls &pusher) {
    void *const manager = pusher.deviceManager();
    if (manager == nullptr)
        throw EngineException(ErrorCode::SdkFailed, "the LiteAV SDK gave no device manager; try again");
    return {manager, slots.devices};
}

std::vector<engine::ScreenCaptureSource> listSources(const SlotTable &slots, const PusherCalls &pusher,
                                                     const engine::Size &thumbnail) {
    std::vector<engine::ScreenCaptureSource> sources;
    const auto note = [&](const SourceInfo &info) {
        using Kind = engine::ScreenCaptureSource::Kind;
        const Kind kind = info.type == SourceType::Window   ? Kind::Window
                          : info.type == SourceType::Screen ? Kind::Screen
                                                            : Kind::Custom;
        sources.push_back(
            {sourceId(info.type, info.id), kind, sdkText(info.name), info.minimized != 0, info.mainScreen != 0});
        if (thumbnail != engine::Size{})
            sources.back().thumbnail =
                thumbnailOf(info.thumb.src, info.thumb.length, info.thumb.width, info.thumb.height);
        return false;
    };
    eachSource(slots, pusher, note, thumbnail);
    return sources;
}

void selectSource(const SlotTable &slots, const PusherCalls &pusher, const std::string &id, const engine::Rect &region,
                  const engine::ScreenCaptureProperty &asked) {
    requireRegion(region);
    const Rect rect{static_cast<uint64_t>(region.left), static_cast<uint64_t>(region.top),
                    static_cast<uint64_t>(region.right), static_cast<uint64_t>(region.bottom)};
    // The SDK's defaults.
    CaptureProperty property{1, 1, 1, 0, 0, 0};
    property.captureMouse = asked.captureMouse;
    std::string wanted = id;
    if (wanted.empty())
        eachSource(slots, pusher, [&](const SourceInfo &info) {
            if (info.type == SourceType::Screen && (wanted.empty() || info.mainScreen != 0))
                wanted = sourceId(info.type, info.id);
            return false;
        });
    bool found = false;
    // Set while the list lives: the info's name belongs to it.
    eachSource(slots, pusher, [&](const SourceInfo &info) {
        if (sourceId(info.type, info.id) != wanted)
            return false;
        found = true;
        check(Side::Push, pusher.setScreenSource(&info, &rect, &property), "selectScreenCaptureTarget");
        return true;
    });
    if (!found)
        throw EngineException(ErrorCode::InvalidArgument,
                              "no such window or screen; take an id of getScreenCaptureSources, it may be closed");
}

std::string windowSourceId(uint64_t windowHandle) {
    return sourceId(SourceType::Window, reinterpret_cast<const void *>(static_cast<uintptr_t>(windowHandle)));
}

} // namespace rtcroom::liteav::v2
