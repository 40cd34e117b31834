#pragma once

#include <memory>
#include <vector>

#include "embedded/capture/AudioSource.h"

namespace rtcroom::embedded {

/// Several sources as one: their sound added up. It ends when all have ended.
class MixedAudioSource final : public AudioSource {
  public:
    explicit MixedAudioSource(std::vector<std::shared_ptr<AudioSource>> sources);

    void setRunning(bool running) override;
    void onArrival(std::function<void()> arrived) override;
    int64_t patienceUs() const override;
    ReadResult read(int64_t startUs, std::span<float> out, bool final) override;

  private:
    struct Part {
        std::shared_ptr<AudioSource> source;
        /// Read already, while another's is missing.
        std::vector<float> block{};
        bool ready = false;
        bool ended = false;
    };

    std::vector<Part> parts_;
    int64_t startUs_ = 0;
};

} // namespace rtcroom::embedded
