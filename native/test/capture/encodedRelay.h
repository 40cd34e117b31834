#pragma once

#include "encodedMedia.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace rtcroom::embedded::test {

inline engine::VideoSourceOptions h264Source() {
    engine::VideoSourceOptions options;
    options.kind = SourceKind::User;
    options.userFormat = engine::UserVideoFormat::H264;
    return options;
}

inline engine::AudioSourceOptions aacSource() {
    engine::AudioSourceOptions options;
    options.kind = SourceKind::User;
    options.userFormat = engine::UserAudioFormat::Aac;
    return options;
}

inline const EncodedMedia &media() {
    static const EncodedMedia made = makeMedia({320, 180}, 60);
    return made;
}

/// A pipeline whose application sends `media()`, and what came of it.
struct Relay {
    explicit Relay(const std::function<void(PushPipeline::Callbacks &)> &change = {}) {
        PushPipeline::Callbacks callbacks = sink.callbacks();
        callbacks.onKeyFrameWanted = [this] { ++wanted; };
        callbacks.onEncodedVideo = [this](engine::Size size) {
            const std::lock_guard lock(sink.mutex);
            sizes.push_back(size);
        };
        if (change)
            change(callbacks);
        pipeline = std::make_unique<PushPipeline>(std::move(callbacks), VideoSettings{320, 180, 30, 800, 0.5},
                                                  AudioSettings{});
    }

    void send(size_t picture) {
        pipeline->sendUserVideo(h264(media().pictures[picture].whole(), media().pictures[picture].dtsMs));
    }
    bool waitForPictures(size_t count) {
        return sink.waitFor([&] { return sink.count(MediaKind::Video) >= count; });
    }
    bool waitForWanted(int count) {
        for (int i = 0; i < 500 && wanted < count; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return wanted >= count;
    }
    std::vector<Arrival> pictures() {
        std::vector<Arrival> found;
        for (Arrival &each : sink.of(MediaKind::Video))
            if (!each.packet.isConfig)
                found.push_back(std::move(each));
        return found;
    }

    Sink sink;
    std::atomic<int> wanted{0};
    std::vector<engine::Size> sizes;
    std::unique_ptr<PushPipeline> pipeline;
};

/// Waits for the times of an application that sends live.
class Pace {
  public:
    explicit Pace(int64_t firstMs) : beginUs_(engine::clockMicros() - firstMs * 1000) {}
    void await(int64_t timeMs) const {
        const int64_t left = beginUs_ + timeMs * 1000 - engine::clockMicros();
        std::this_thread::sleep_for(std::chrono::microseconds(std::max<int64_t>(0, left)));
    }

  private:
    const int64_t beginUs_;
};

inline size_t keyFrameAfter(size_t from) {
    while (!media().pictures[from].keyFrame)
        ++from;
    return from;
}

inline void checkRising(const std::vector<Arrival> &arrivals) {
    for (size_t i = 1; i < arrivals.size(); ++i)
        CHECK(arrivals[i].packet.dtsMs > arrivals[i - 1].packet.dtsMs);
}

} // namespace rtcroom::embedded::test
