#include "embedded/capture/Cameras.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <tuple>

#include "embedded/capture/DeviceLibrary.h"
#include "embedded/capture/V4l2.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

using engine::Device;
using engine::EngineException;
using engine::ErrorCode;
using engine::Size;

namespace {

#if defined(_WIN32)
constexpr const char *FORMAT = "dshow";
#elif defined(__APPLE__)
constexpr const char *FORMAT = "avfoundation";
#else
constexpr const char *FORMAT = "v4l2";
#endif

/// Ways to ask for the mode, the next one when the camera refuses the one before.
std::vector<DeviceAddress> addressesOf(const Device &camera, Size size, int fps) {
    DeviceAddress address;
    address.format = FORMAT;
    address.name = "the camera '" + camera.name + "'";
#ifdef _WIN32
    address.url = "video=" + camera.id;
    // What waits is dropped by us: DirectShow's own queue would end the capture when it is full.
    address.options = {{"rtbufsize", "64M"}};
#else
    address.url = camera.id;
#endif
    std::vector<DeviceAddress> ways;
#ifdef __linux__
    if (const auto mode = chooseMode(v4l2Modes(camera.id), size, fps)) {
        DeviceAddress exact = address;
        exact.options.emplace_back("input_format", mode->format);
        exact.options.emplace_back("video_size",
                                   std::to_string(mode->size.width) + "x" + std::to_string(mode->size.height));
        exact.options.emplace_back("framerate", std::to_string(mode->fps));
        return {exact};
    }
#endif
    DeviceAddress sized = address;
    sized.options.emplace_back("video_size", std::to_string(size.width) + "x" + std::to_string(size.height));
    DeviceAddress paced = sized;
    paced.options.emplace_back("framerate", std::to_string(fps));
    return {paced, sized, address};
}

class SystemCameras final : public Cameras {
  public:
    std::vector<Device> list() override {
        const DeviceLibrary &library = deviceLibrary();
        const AVInputFormat *kind = av_find_input_format(FORMAT);
        if (!kind)
            throw EngineException(ErrorCode::Unsupported, std::string("FFmpeg's libavdevice on this machine was built "
                                                                      "without ") +
                                                              FORMAT + "; install one that has it");
        AVDeviceInfoList *found = nullptr;
        std::vector<Device> cameras;
        const int result = library.avdevice_list_input_sources(kind, nullptr, nullptr, &found);
        if (result == AVERROR(ENOSYS))
            throw EngineException(ErrorCode::Unsupported,
                                  std::string("FFmpeg's libavdevice on this machine does not list the cameras of ") +
                                      FORMAT + "; install a newer one");
        for (int i = 0; found && i < found->nb_devices; ++i) {
            const AVDeviceInfo &each = *found->devices[i];
            const AVMediaType *const types = each.media_types;
            const bool video = each.nb_media_types == 0 || std::find(types, types + each.nb_media_types,
                                                                     AVMEDIA_TYPE_VIDEO) != types + each.nb_media_types;
            if (video && isCamera(each.device_name))
                cameras.push_back({each.device_description, each.device_name});
        }
        library.avdevice_free_list_devices(&found);
        sort(cameras);
        return cameras;
    }

    std::unique_ptr<DeviceInput> open(const Device &camera, Size size, int fps,
                                      std::shared_ptr<std::atomic<bool>> abort) override {
        deviceLibrary();
        const std::vector<DeviceAddress> ways = addressesOf(camera, size, fps);
        for (const DeviceAddress &way : ways)
            try {
                return std::make_unique<AvDevice>(way, abort);
            } catch (const EngineException &failure) {
                if (failure.error().code != ErrorCode::DeviceFailed || &way == &ways.back())
                    throw;
            }
        throw EngineException(ErrorCode::Internal, "no way to open a camera");
    }

  private:
    static bool isCamera([[maybe_unused]] const std::string &id) {
#ifdef __linux__
        return isV4l2Camera(id);
#else
        return true;
#endif
    }
    /// As they were plugged in: /dev/video2 before /dev/video10.
    static void sort([[maybe_unused]] std::vector<Device> &cameras) {
#ifdef __linux__
        std::ranges::sort(cameras, {}, [](const Device &each) { return std::tuple(each.id.size(), each.id); });
#endif
    }
};

} // namespace

std::optional<CameraMode> chooseMode(const std::vector<CameraMode> &modes, Size size, int fps) {
    const auto rank = [&](const CameraMode &mode) {
        const auto part = [](double have, double want) { return std::min(1.0, have / want); };
        // Rates are told as 29.97 and the like.
        const double given =
            part(mode.size.width, size.width) * part(mode.size.height, size.height) * part(mode.fps + 0.5, fps);
        const bool compressed = mode.format == "mjpeg";
        return std::tuple(-given, int64_t{mode.size.width} * mode.size.height, compressed, mode.fps);
    };
    const auto best = std::ranges::min_element(modes, {}, rank);
    if (best == modes.end())
        return std::nullopt;
    return *best;
}

std::shared_ptr<Cameras> systemCameras() { return std::make_shared<SystemCameras>(); }

Device cameraAt(const std::vector<Device> &cameras, int index) {
    if (index >= 0 && static_cast<size_t>(index) < cameras.size())
        return cameras[static_cast<size_t>(index)];
    throw EngineException(ErrorCode::InvalidArgument, "there is no camera with the number " + std::to_string(index) +
                                                          "; " + std::to_string(cameras.size()) + " are plugged in");
}

} // namespace rtcroom::embedded
