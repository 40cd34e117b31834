#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace rtcroom::sound {

/// What the process plays in loudspeakers, for the microphones that hear it: the reference of echo cancellation. Every
/// loudspeaker gives its blocks as it plays them, and each microphone takes their sum at its own pace.
class FarEnd {
  public:
    /// One loudspeaker.
    class Voice {
      public:
        /// On the device's thread: interleaved sound at DEVICE_RATE.
        void play(std::span<const float> block, int channels);

      private:
        friend class FarEnd;
        std::mutex mutex_;
        /// For each microphone what it has not taken, one channel.
        std::vector<std::pair<const void *, std::vector<float>>> queues_;
    };

    static FarEnd &instance();

    std::shared_ptr<Voice> addVoice();
    /// From then on sound is kept for this microphone, until it leaves.
    void addListener(const void *listener);
    void removeListener(const void *listener);
    /// The next sound for this microphone, silence where there is none.
    void take(const void *listener, std::span<float> out);

  private:
    std::mutex mutex_;
    std::vector<std::weak_ptr<Voice>> voices_;
    std::vector<const void *> listeners_;
};

} // namespace rtcroom::sound
