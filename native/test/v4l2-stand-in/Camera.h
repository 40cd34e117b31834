#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace rtcroom::standin {

/// One opening of a camera that is none, as a file descriptor of V4L2 sees it: raw I420 or YUYV, at two sizes and two
/// rates, in buffers that are mapped. The picture is the clock of embedded::ClockPattern above a bar that moves over
/// the camera's own colour.
class Camera {
  public:
    /// @param file /dev/video<number> is there while this file is; its first line is the camera's name
    Camera(std::string file, int number, int descriptor, bool nonBlocking);
    ~Camera();
    Camera(const Camera &) = delete;
    Camera &operator=(const Camera &) = delete;

    /// As ioctl(2): -1 with errno.
    int control(unsigned long request, void *argument);

  private:
    bool plugged() const;
    /// While the file hanging<number> is beside the camera's.
    void hang() const;
    /// Of this opening alone from then on, as with a driver that has one set of buffers. False when another has it.
    bool take();
    int setFormat(void *argument);
    int requestBuffers(void *argument);
    int dequeue(void *argument);
    size_t pictureSize() const;
    size_t bufferSize() const;
    void paint(uint8_t *out, int64_t clockUs) const;

    std::mutex mutex_;
    const std::string file_;
    const std::string hanging_;
    const int number_;
    const int descriptor_;
    const bool nonBlocking_;
    int lock_ = -1;
    uint32_t format_;
    uint32_t width_ = 640;
    uint32_t height_ = 360;
    uint32_t fps_ = 30;
    uint8_t *memory_ = nullptr;
    size_t mapped_ = 0;
    uint32_t buffers_ = 0;
    std::deque<uint32_t> queue_;
    bool streaming_ = false;
    int64_t dueUs_ = 0;
    uint32_t counter_ = 0;
};

} // namespace rtcroom::standin
