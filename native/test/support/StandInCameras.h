#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "embedded/capture/Cameras.h"
#include "embedded/capture/ClockPattern.h"
#include "engine/Error.h"
#include "engine/Frame.h"
#include "test/support/Gate.h"

namespace rtcroom::test {

/// Cameras that are none: a stand-in at the boundary of libavdevice, which has no camera to open on a test machine.
/// Each is grey in its own shade (libavdevice's own lavfi device), or shows the clock, and can be occupied and
/// unplugged. Its driver can hang: an opening or a closing waits for a gate then, and so does the list.
class StandInCameras final : public embedded::Cameras {
  public:
    struct Camera {
        engine::Device device;
        /// FFmpeg's name of a colour; empty shows the clock.
        std::string colour;
        bool occupied = false;
        bool broken = false;
        bool plugged = true;
        std::shared_ptr<Gate> hangs{};
        std::shared_ptr<Gate> hangsClosing{};
    };

    explicit StandInCameras(std::vector<Camera> cameras) : cameras_(std::move(cameras)) {}

    void change(const std::string &id, const std::function<void(Camera &)> &change) {
        const std::lock_guard lock(mutex_);
        for (Camera &each : cameras_)
            if (each.device.id == id)
                change(each);
    }
    bool plugged(const std::string &id) {
        const std::lock_guard lock(mutex_);
        return std::ranges::any_of(cameras_, [&](const Camera &each) { return each.device.id == id && each.plugged; });
    }
    engine::Size lastSize() {
        const std::lock_guard lock(mutex_);
        return lastSize_;
    }

    /// Null: it does not hang any more.
    void hangList(std::shared_ptr<Gate> gate) {
        const std::lock_guard lock(mutex_);
        listHangs_ = std::move(gate);
    }
    /// How many were opened, and are open, or are being opened.
    int openings() const { return openings_; }
    int open() const { return *open_; }

    std::vector<engine::Device> list() override {
        std::unique_lock lock(mutex_);
        pass(lock, listHangs_);
        std::vector<engine::Device> found;
        for (const Camera &each : cameras_)
            if (each.plugged)
                found.push_back(each.device);
        return found;
    }

    std::unique_ptr<embedded::DeviceInput> open(const engine::Device &camera, engine::Size size, int fps,
                                                std::shared_ptr<std::atomic<bool>> abort) override {
        using engine::EngineException;
        using engine::ErrorCode;
        std::unique_lock lock(mutex_);
        const Counted counted(*this);
        ++openings_;
        lastSize_ = size;
        for (Camera &each : cameras_) {
            if (each.device.id != camera.id)
                continue;
            pass(lock, each.hangs);
            if (each.occupied)
                throw EngineException(ErrorCode::DeviceOccupied, "the camera is in use by another program");
            if (each.broken)
                throw EngineException(ErrorCode::DeviceFailed, "the camera cannot be opened");
            return std::make_unique<Input>(*this, each, size, fps, std::move(abort));
        }
        throw EngineException(ErrorCode::DeviceNotFound, "the camera is not there");
    }

  private:
    /// Waits without the lock.
    static void pass(std::unique_lock<std::mutex> &lock, std::shared_ptr<Gate> gate) {
        if (!gate)
            return;
        lock.unlock();
        gate->wait();
        lock.lock();
    }

    struct Counted {
        explicit Counted(StandInCameras &cameras) : open(cameras.open_) { ++*open; }
        ~Counted() { --*open; }
        Counted(const Counted &) = delete;
        Counted &operator=(const Counted &) = delete;
        const std::shared_ptr<std::atomic<int>> open;
    };

    class Input final : public embedded::DeviceInput {
      public:
        Input(StandInCameras &owner, const Camera &camera, engine::Size size, int fps,
              std::shared_ptr<std::atomic<bool>> abort)
            : owner_(owner), counted_(owner), closing_(camera.hangsClosing), id_(camera.device.id), size_(size),
              periodUs_(1'000'000 / fps) {
            if (!camera.colour.empty())
                device_ = std::make_unique<embedded::AvDevice>(
                    embedded::DeviceAddress{.format = "lavfi",
                                            .url = "color=" + camera.colour + ":s=" + std::to_string(size.width) + "x" +
                                                   std::to_string(size.height) + ":r=" + std::to_string(fps),
                                            .name = "the stand-in"},
                    std::move(abort));
        }

        ~Input() override {
            if (closing_)
                closing_->wait();
        }
        Input(const Input &) = delete;
        Input &operator=(const Input &) = delete;

        Reading read(AVFrame &picture, int64_t &captureUs) override {
            if (const auto reading = await(); reading != Reading::Picture)
                return reading;
            captureUs = engine::clockMicros();
            if (device_) {
                int64_t ofTheFilter = 0;
                return device_->read(picture, ofTheFilter);
            }
            picture.format = AV_PIX_FMT_YUV420P;
            picture.width = size_.width;
            picture.height = size_.height;
            if (av_frame_get_buffer(&picture, 0) < 0)
                return Reading::Nothing;
            std::fill_n(picture.data[1], picture.linesize[1] * (size_.height / 2), uint8_t{128});
            std::fill_n(picture.data[2], picture.linesize[2] * (size_.height / 2), uint8_t{128});
            embedded::ClockPattern::draw(picture.data[0], picture.linesize[0], size_.width, size_.height,
                                         {captureUs, counter_++});
            return Reading::Picture;
        }
        Reading skip() override { return await(); }
        bool onDemand() const override { return false; }
        std::string whyGone() const override { return "the stand-in is unplugged"; }

      private:
        Reading await() {
            if (!owner_.plugged(id_))
                return Reading::Gone;
            const int64_t nowUs = engine::clockMicros();
            if (nowUs < dueUs_)
                return Reading::Nothing;
            dueUs_ = std::max(dueUs_ + periodUs_, nowUs);
            return Reading::Picture;
        }

        StandInCameras &owner_;
        const Counted counted_;
        const std::shared_ptr<Gate> closing_;
        const std::string id_;
        const engine::Size size_;
        const int64_t periodUs_;
        int64_t dueUs_ = 0;
        uint32_t counter_ = 0;
        std::unique_ptr<embedded::AvDevice> device_;
    };

    std::mutex mutex_;
    std::vector<Camera> cameras_;
    engine::Size lastSize_;
    std::shared_ptr<Gate> listHangs_;
    std::atomic<int> openings_{0};
    const std::shared_ptr<std::atomic<int>> open_ = std::make_shared<std::atomic<int>>(0);
};

} // namespace rtcroom::test
