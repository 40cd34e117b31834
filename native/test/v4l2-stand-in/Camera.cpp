#include "test/v4l2-stand-in/Camera.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <linux/videodev2.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "embedded/capture/ClockPattern.h"
#include "engine/Frame.h"

namespace rtcroom::standin {

namespace {

constexpr std::array FORMATS{V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_YUYV};
struct Size {
    uint32_t width, height;
};
constexpr std::array SIZES{Size{640, 360}, Size{1280, 720}};
constexpr std::array<uint32_t, 2> RATES{15, 30};
constexpr uint32_t MOST_BUFFERS = 32;
/// U and V by the camera's number: blue, red, green.
constexpr std::array<std::array<uint8_t, 2>, 3> COLOURS{{{200, 100}, {100, 200}, {80, 80}}};

int fail(int code) {
    errno = code;
    return -1;
}

int64_t monotonicUs() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

template <typename Entry> Entry &as(void *argument) { return *static_cast<Entry *>(argument); }

} // namespace

Camera::Camera(std::string file, int number, int descriptor, bool nonBlocking)
    : file_(std::move(file)), hanging_(file_.substr(0, file_.rfind('/')) + "/hanging" + std::to_string(number)),
      number_(number), descriptor_(descriptor), nonBlocking_(nonBlocking), format_(FORMATS.front()) {}

Camera::~Camera() {
    if (memory_)
        ::munmap(memory_, mapped_);
    if (lock_ >= 0)
        ::close(lock_);
}

bool Camera::plugged() const { return ::access(file_.c_str(), F_OK) == 0; }

bool Camera::take() {
    if (lock_ >= 0)
        return true;
    lock_ = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
    if (lock_ >= 0 && ::flock(lock_, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (lock_ >= 0)
        ::close(lock_);
    lock_ = -1;
    return false;
}

size_t Camera::pictureSize() const {
    const size_t pixels = size_t{width_} * height_;
    return format_ == V4L2_PIX_FMT_YUYV ? pixels * 2 : pixels * 3 / 2;
}

// From page to page, since each is mapped by itself.
size_t Camera::bufferSize() const { return (pictureSize() + 4095) / 4096 * 4096; }

void Camera::hang() const {
    if (::access(hanging_.c_str(), F_OK) == 0)
        std::ofstream(hanging_ + ".entered");
    while (::access(hanging_.c_str(), F_OK) == 0)
        ::usleep(10'000);
}

int Camera::control(unsigned long request, void *argument) {
    const std::lock_guard lock(mutex_);
    if (request == VIDIOC_S_FMT)
        hang();
    if (!plugged())
        return fail(ENODEV);
    switch (request) {
    case VIDIOC_QUERYCAP: {
        auto &capability = as<v4l2_capability>(argument);
        capability = {};
        std::string name;
        std::getline(std::ifstream(file_), name);
        std::memcpy(capability.driver, "stand-in", sizeof("stand-in"));
        std::memcpy(capability.card, name.c_str(), std::min(name.size(), sizeof(capability.card) - 1));
        capability.device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        capability.capabilities = capability.device_caps | V4L2_CAP_DEVICE_CAPS;
        return 0;
    }
    case VIDIOC_G_INPUT:
        as<int>(argument) = 0;
        return 0;
    case VIDIOC_ENUMINPUT: {
        auto &input = as<v4l2_input>(argument);
        if (input.index > 0)
            return fail(EINVAL);
        input = {};
        input.type = V4L2_INPUT_TYPE_CAMERA;
        return 0;
    }
    case VIDIOC_ENUM_FMT: {
        auto &format = as<v4l2_fmtdesc>(argument);
        if (format.index >= FORMATS.size() || format.type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
            return fail(EINVAL);
        format.pixelformat = FORMATS[format.index];
        return 0;
    }
    case VIDIOC_ENUM_FRAMESIZES: {
        auto &size = as<v4l2_frmsizeenum>(argument);
        if (size.index >= SIZES.size() || std::ranges::find(FORMATS, size.pixel_format) == FORMATS.end())
            return fail(EINVAL);
        size.type = V4L2_FRMSIZE_TYPE_DISCRETE;
        size.discrete = {SIZES[size.index].width, SIZES[size.index].height};
        return 0;
    }
    case VIDIOC_ENUM_FRAMEINTERVALS: {
        auto &interval = as<v4l2_frmivalenum>(argument);
        if (interval.index >= RATES.size())
            return fail(EINVAL);
        interval.type = V4L2_FRMIVAL_TYPE_DISCRETE;
        interval.discrete = {1, RATES[interval.index]};
        return 0;
    }
    case VIDIOC_G_FMT:
    case VIDIOC_S_FMT:
        return request == VIDIOC_S_FMT && !take() ? fail(EBUSY) : setFormat(argument);
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM: {
        auto &capture = as<v4l2_streamparm>(argument).parm.capture;
        const v4l2_fract asked = capture.timeperframe;
        if (request == VIDIOC_S_PARM && asked.numerator > 0)
            fps_ = asked.denominator / asked.numerator <= RATES[0] ? RATES[0] : RATES[1];
        capture = {};
        capture.capability = V4L2_CAP_TIMEPERFRAME;
        capture.timeperframe = {1, fps_};
        return 0;
    }
    case VIDIOC_REQBUFS:
        return requestBuffers(argument);
    case VIDIOC_QUERYBUF:
    case VIDIOC_QBUF: {
        auto &buffer = as<v4l2_buffer>(argument);
        if (buffer.index >= buffers_)
            return fail(EINVAL);
        buffer.length = static_cast<uint32_t>(bufferSize());
        buffer.m.offset = static_cast<uint32_t>(buffer.index * bufferSize());
        if (request == VIDIOC_QBUF)
            queue_.push_back(buffer.index);
        return 0;
    }
    case VIDIOC_STREAMON:
    case VIDIOC_STREAMOFF:
        streaming_ = request == VIDIOC_STREAMON;
        dueUs_ = monotonicUs();
        if (!streaming_)
            queue_.clear();
        return 0;
    case VIDIOC_DQBUF:
        return dequeue(argument);
    default:
        return fail(ENOTTY);
    }
}

int Camera::setFormat(void *argument) {
    auto &picture = as<v4l2_format>(argument).fmt.pix;
    if (lock_ >= 0 && buffers_ == 0) {
        if (std::ranges::find(FORMATS, picture.pixelformat) != FORMATS.end())
            format_ = picture.pixelformat;
        const auto fits = [&](const Size &each) {
            return each.width == picture.width && each.height == picture.height;
        };
        if (const auto found = std::ranges::find_if(SIZES, fits); found != SIZES.end()) {
            width_ = found->width;
            height_ = found->height;
        }
    }
    picture.width = width_;
    picture.height = height_;
    picture.pixelformat = format_;
    picture.field = V4L2_FIELD_NONE;
    picture.bytesperline = format_ == V4L2_PIX_FMT_YUYV ? width_ * 2 : width_;
    picture.sizeimage = static_cast<uint32_t>(pictureSize());
    picture.colorspace = V4L2_COLORSPACE_SMPTE170M;
    return 0;
}

int Camera::requestBuffers(void *argument) {
    auto &asked = as<v4l2_requestbuffers>(argument);
    if (asked.memory != V4L2_MEMORY_MMAP)
        return fail(EINVAL);
    if (!take())
        return fail(EBUSY);
    asked.count = std::min(asked.count, MOST_BUFFERS);
    const size_t size = asked.count * bufferSize();
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0)
        return -1;
    if (memory_)
        ::munmap(memory_, mapped_);
    memory_ = nullptr;
    mapped_ = size;
    buffers_ = asked.count;
    queue_.clear();
    if (size == 0)
        return 0;
    void *mapping = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
    if (mapping == MAP_FAILED)
        return -1;
    memory_ = static_cast<uint8_t *>(mapping);
    return 0;
}

int Camera::dequeue(void *argument) {
    if (!streaming_ || !memory_)
        return fail(EINVAL);
    const int64_t nowUs = monotonicUs();
    const int64_t waitUs = queue_.empty() ? 0 : dueUs_ - nowUs;
    if (queue_.empty() || (nonBlocking_ && waitUs > 0))
        return fail(EAGAIN);
    if (waitUs > 0)
        ::usleep(static_cast<useconds_t>(waitUs));
    const int64_t takenUs = monotonicUs();
    dueUs_ = std::max(dueUs_ + 1'000'000 / fps_, takenUs - 100'000);
    auto &buffer = as<v4l2_buffer>(argument);
    buffer.index = queue_.front();
    queue_.pop_front();
    buffer.bytesused = static_cast<uint32_t>(pictureSize());
    buffer.length = static_cast<uint32_t>(bufferSize());
    buffer.flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    buffer.field = V4L2_FIELD_NONE;
    buffer.sequence = counter_;
    buffer.timestamp = {takenUs / 1'000'000, static_cast<suseconds_t>(takenUs % 1'000'000)};
    paint(memory_ + buffer.index * bufferSize(), engine::clockMicros());
    ++counter_;
    return 0;
}

void Camera::paint(uint8_t *out, int64_t clockUs) const {
    const size_t pixels = size_t{width_} * height_;
    std::vector<uint8_t> luma(pixels, uint8_t{120});
    embedded::ClockPattern::draw(luma.data(), static_cast<int>(width_), static_cast<int>(width_),
                                 static_cast<int>(height_), {clockUs, counter_});
    const uint32_t bar = counter_ * 4 % (width_ - 16);
    for (uint32_t y = height_ / 3; y < height_; ++y)
        std::fill_n(luma.begin() + size_t{y} * width_ + bar, 16, uint8_t{220});
    const auto [u, v] = COLOURS[static_cast<size_t>(number_) % COLOURS.size()];
    if (format_ == V4L2_PIX_FMT_YUV420) {
        std::ranges::copy(luma, out);
        std::fill_n(out + pixels, pixels / 4, u);
        std::fill_n(out + pixels + pixels / 4, pixels / 4, v);
        return;
    }
    for (size_t i = 0; i < pixels; ++i) {
        out[2 * i] = luma[i];
        out[2 * i + 1] = i % 2 ? v : u;
    }
}

} // namespace rtcroom::standin
