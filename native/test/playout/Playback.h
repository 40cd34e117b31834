#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "embedded/playout/PlayPipeline.h"

namespace rtcroom::test {

/// A pipeline and all that it told, with deadlines instead of sleeps.
class Playback {
  public:
    explicit Playback(engine::OutputVideoFormat format = engine::OutputVideoFormat::I420, bool audio = true,
                      embedded::DecoderLookup decoders = embedded::findDecoder);

    void push(const std::vector<embedded::EncodedPacket> &packets) {
        for (const embedded::EncodedPacket &packet : packets)
            pipeline->push(packet);
    }
    /// True when `holds` became true (it is asked under the lock) within the deadline.
    bool waitFor(const std::function<bool()> &holds, std::chrono::milliseconds deadline = std::chrono::seconds(20));
    bool waitForPictures(size_t count) {
        return waitFor([&] { return pictures.size() >= count; });
    }
    /// The snapshot's error; none is success.
    std::optional<engine::Error> snapshot(const std::string &path);
    /// How often this event came.
    int64_t told(const std::string &event) {
        const std::lock_guard lock(mutex);
        return std::count(events.begin(), events.end(), event);
    }
    template <typename Value> Value read(const Value &value) {
        const std::lock_guard lock(mutex);
        return value;
    }

    std::mutex mutex;
    std::condition_variable changed;
    std::vector<engine::VideoFrame> pictures;
    std::vector<engine::AudioFrame> sounds;
    std::vector<std::string> events;
    /// A message, and how many pictures were there before it.
    std::vector<std::pair<std::string, size_t>> messages;
    std::vector<std::string> videoErrors;
    std::vector<std::string> audioErrors;
    std::vector<embedded::CodecId> missing;
    std::vector<std::string> discontinuities;
    std::vector<int64_t> lags;
    std::vector<std::string> recordFiles;
    std::vector<engine::Error> recordErrors;
    std::unique_ptr<embedded::PlayPipeline> pipeline;
};

} // namespace rtcroom::test
