#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "embedded/capture/Cameras.h"
#include "test/support/Gate.h"

namespace rtcroom::test {

/// A camera that is found once the gate is open, and gives no picture.
class DarkCameras final : public embedded::Cameras {
  public:
    std::vector<engine::Device> list() override {
        gate.wait();
        return {{"Dark", "/dev/dark"}};
    }
    std::unique_ptr<embedded::DeviceInput> open(const engine::Device &, engine::Size, int,
                                                std::shared_ptr<std::atomic<bool>>) override {
        opened = true;
        return std::make_unique<Input>();
    }
    Gate gate;
    std::atomic<bool> opened{false};

  private:
    class Input final : public embedded::DeviceInput {
      public:
        Reading read(AVFrame &, int64_t &) override { return Reading::Nothing; }
        Reading skip() override { return Reading::Nothing; }
        bool onDemand() const override { return false; }
        std::string whyGone() const override { return {}; }
    };
};

} // namespace rtcroom::test
