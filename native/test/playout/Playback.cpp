#include "Playback.h"

#include <future>

namespace rtcroom::test {

using namespace embedded;

Playback::Playback(engine::OutputVideoFormat format, bool audio, DecoderLookup decoders) {
    PlayPipeline::Callbacks callbacks;
    const auto tell = [this](auto change) {
        {
            const std::lock_guard lock(mutex);
            change();
        }
        changed.notify_all();
    };
    callbacks.onVideoFrame = [=, this](engine::VideoFrame frame) {
        tell([&] { pictures.push_back(std::move(frame)); });
    };
    callbacks.onAudioFrame = [=, this](engine::AudioFrame frame) { tell([&] { sounds.push_back(std::move(frame)); }); };
    callbacks.onVideoDecoderStarted = [=, this](const std::string &name) {
        tell([&] { events.push_back("decoder " + name); });
    };
    callbacks.onFirstIFrame = [=, this] { tell([&] { events.push_back("first picture"); }); };
    callbacks.onFirstAudioFrame = [=, this] { tell([&] { events.push_back("first sound"); }); };
    callbacks.onResolution = [=, this](int width, int height) {
        tell([&] { events.push_back(std::to_string(width) + "x" + std::to_string(height)); });
    };
    callbacks.onMessage = [=, this](const std::string &text) {
        tell([&] { messages.emplace_back(text, pictures.size()); });
    };
    callbacks.onDecodeError = [=, this](MediaKind kind, const std::string &reason) {
        tell([&] { (kind == MediaKind::Video ? videoErrors : audioErrors).push_back(reason); });
    };
    callbacks.onDecoderMissing = [=, this](CodecId codec, const std::string &) {
        tell([&] { missing.push_back(codec); });
    };
    callbacks.onVideoDiscontinuity = [=, this](const std::string &reason) {
        tell([&] { discontinuities.push_back(reason); });
    };
    callbacks.onVideoLag = [=, this](int64_t ms) { tell([&] { lags.push_back(ms); }); };
    callbacks.onDry = [=, this] { tell([&] { events.push_back("dry"); }); };
    callbacks.onPlaying = [=, this] { tell([&] { events.push_back("playing"); }); };
    callbacks.onRecordFile = [=, this](const std::string &path, const std::optional<engine::Error> &error) {
        tell([&] {
            recordFiles.push_back(path);
            if (error)
                recordErrors.push_back(*error);
        });
    };
    pipeline = std::make_unique<PlayPipeline>(std::move(callbacks), format, audio, std::move(decoders));
    pipeline->start();
}

bool Playback::waitFor(const std::function<bool()> &holds, std::chrono::milliseconds deadline) {
    std::unique_lock lock(mutex);
    // Statistics change without a callback, so look again every few ms.
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!holds()) {
        if (std::chrono::steady_clock::now() >= end)
            return false;
        changed.wait_for(lock, std::chrono::milliseconds(5));
    }
    return true;
}

std::optional<engine::Error> Playback::snapshot(const std::string &path) {
    std::promise<std::optional<engine::Error>> result;
    pipeline->snapshot(path, [&](std::optional<engine::Error> error) { result.set_value(std::move(error)); });
    return result.get_future().get();
}

} // namespace rtcroom::test
