#pragma once

#include <vector>

#include "embedded/capture/VideoSource.h"

namespace rtcroom::embedded {

/// A picture that can be checked: the clock block (see ClockPattern) in the top third, below it a coloured texture that
/// pans, so that the encoder has real work. Deterministic but for the clock.
class SyntheticVideoSource final : public VideoSource {
  public:
    CaptureResult capture(int64_t dueUs, int64_t framePeriodUs, engine::Size size, bool repeat,
                          CapturedPicture &out) override;

  private:
    /// A plane that is wider than the picture by its pan, drawn once a size.
    struct Texture {
        std::vector<uint8_t> bytes;
        int width = 0;
        int height = 0;
        void copyTo(uint8_t *plane, int stride, int planeWidth, int offset) const;
    };

    void resize(engine::Size size);

    engine::Size size_;
    FramePtr frame_;
    Texture luma_;
    Texture blue_;
    Texture red_;
    uint32_t frameNumber_ = 0;
};

} // namespace rtcroom::embedded
