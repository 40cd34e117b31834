#include "embedded/capture/V4l2.h"

#ifdef __linux__

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace rtcroom::embedded {

namespace {

/// A driver that goes on telling is not believed.
constexpr unsigned MAX_ENTRIES = 256;

/// Those of cameras, with FFmpeg's names. H.264 is left out: a camera's own encoder adds its delay to ours.
constexpr std::array<std::pair<uint32_t, const char *>, 10> FORMATS{{
    {V4L2_PIX_FMT_YUYV, "yuyv422"},
    {V4L2_PIX_FMT_UYVY, "uyvy422"},
    {V4L2_PIX_FMT_NV12, "nv12"},
    {V4L2_PIX_FMT_YUV420, "yuv420p"},
    {V4L2_PIX_FMT_YUV422P, "yuv422p"},
    {V4L2_PIX_FMT_RGB24, "rgb24"},
    {V4L2_PIX_FMT_BGR24, "bgr24"},
    {V4L2_PIX_FMT_GREY, "gray"},
    {V4L2_PIX_FMT_MJPEG, "mjpeg"},
    {V4L2_PIX_FMT_JPEG, "mjpeg"},
}};

class VideoDevice {
  public:
    explicit VideoDevice(const std::string &file)
        : descriptor_(::open(file.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)) {}
    ~VideoDevice() {
        if (descriptor_ >= 0)
            ::close(descriptor_);
    }
    VideoDevice(const VideoDevice &) = delete;
    VideoDevice &operator=(const VideoDevice &) = delete;

    template <typename Answer> bool ask(unsigned long request, Answer &answer) const {
        return descriptor_ >= 0 && ::ioctl(descriptor_, request, &answer) == 0;
    }

  private:
    const int descriptor_;
};

double rateOf(const v4l2_fract &interval) {
    return interval.numerator ? static_cast<double>(interval.denominator) / interval.numerator : 0;
}

/// The quickest first, as far as the camera tells any.
std::vector<double> ratesOf(const VideoDevice &device, uint32_t format, engine::Size size) {
    std::vector<double> rates;
    for (unsigned i = 0; i < MAX_ENTRIES; ++i) {
        v4l2_frmivalenum interval{};
        interval.index = i;
        interval.pixel_format = format;
        interval.width = static_cast<uint32_t>(size.width);
        interval.height = static_cast<uint32_t>(size.height);
        if (!device.ask(VIDIOC_ENUM_FRAMEINTERVALS, interval))
            break;
        if (interval.type != V4L2_FRMIVAL_TYPE_DISCRETE) {
            rates.push_back(rateOf(interval.stepwise.min));
            break;
        }
        rates.push_back(rateOf(interval.discrete));
    }
    return rates;
}

/// Sizes that come in steps are taken at those that are asked for.
constexpr std::array<engine::Size, 6> COMMON{
    {{320, 240}, {640, 360}, {640, 480}, {960, 540}, {1280, 720}, {1920, 1080}}};

std::vector<engine::Size> sizesOf(const VideoDevice &device, uint32_t format) {
    std::vector<engine::Size> sizes;
    for (unsigned i = 0; i < MAX_ENTRIES; ++i) {
        v4l2_frmsizeenum size{};
        size.index = i;
        size.pixel_format = format;
        if (!device.ask(VIDIOC_ENUM_FRAMESIZES, size))
            break;
        if (size.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
            sizes.push_back({static_cast<int>(size.discrete.width), static_cast<int>(size.discrete.height)});
            continue;
        }
        for (const engine::Size &each : COMMON)
            if (each.width >= static_cast<int>(size.stepwise.min_width) &&
                each.width <= static_cast<int>(size.stepwise.max_width) &&
                each.height >= static_cast<int>(size.stepwise.min_height) &&
                each.height <= static_cast<int>(size.stepwise.max_height))
                sizes.push_back(each);
        break;
    }
    return sizes;
}

} // namespace

bool isV4l2Camera(const std::string &file) {
    const VideoDevice device(file);
    v4l2_capability capability{};
    if (!device.ask(VIDIOC_QUERYCAP, capability))
        return false;
    // Of this file; the rest is of all files of the device together.
    const uint32_t caps =
        capability.capabilities & V4L2_CAP_DEVICE_CAPS ? capability.device_caps : capability.capabilities;
    return (caps & V4L2_CAP_VIDEO_CAPTURE) && (caps & V4L2_CAP_STREAMING);
}

std::vector<CameraMode> v4l2Modes(const std::string &file) {
    const VideoDevice device(file);
    std::vector<CameraMode> modes;
    for (unsigned i = 0; i < MAX_ENTRIES; ++i) {
        v4l2_fmtdesc format{};
        format.index = i;
        format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        if (!device.ask(VIDIOC_ENUM_FMT, format))
            break;
        const auto known = std::ranges::find(FORMATS, format.pixelformat, &std::pair<uint32_t, const char *>::first);
        if (known == FORMATS.end())
            continue;
        for (const engine::Size &size : sizesOf(device, format.pixelformat))
            for (const double fps : ratesOf(device, format.pixelformat, size))
                modes.push_back({known->second, size, fps});
    }
    return modes;
}

} // namespace rtcroom::embedded

#endif
