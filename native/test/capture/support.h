#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "embedded/capture/ClockPattern.h"
#include "embedded/encode/PushPipeline.h"
#include "embedded/media/Codecs.h"
#include "embedded/media/ffmpeg.h"
#include "engine/Frame.h"

namespace rtcroom::embedded::test {

/// What a stop may take at most (design: 100 ms). The quickest of several keeps it on a busy machine as well.
constexpr int64_t stopGoalUs = 100'000;
/// Each stop, against one that waits for a silence, a GOP or a timeout.
constexpr int64_t stopLimitUs = 500'000;

using engine::EngineException;
using engine::ErrorCode;
using engine::SourceKind;

struct Arrival {
    EncodedPacket packet;
    int64_t atUs = 0;
};

/// Collects what a pipeline hands out; waits with deadlines.
class Sink {
  public:
    PushPipeline::Callbacks callbacks() {
        return {
            .onPacket =
                [this](EncodedPacket packet) {
                    note([&] { arrivals.push_back({std::move(packet), engine::clockMicros()}); });
                },
            .onFirstFrame = [this] { note([&] { ++firstFrames; }); },
            .onVideoEncoderStarted =
                [this](const VideoSettings &settings, const std::string &name) {
                    note([&] {
                        encoders.push_back(settings);
                        encoderName = name;
                    });
                },
            .onError = [this](MediaKind, const engine::Error &error) { note([&] { errors.push_back(error.code); }); },
            .onEndOfSource = [this](MediaKind kind) { note([&] { ends.push_back(kind); }); },
        };
    }

    bool waitFor(const std::function<bool()> &condition, int timeoutMs = 5000) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::milliseconds(timeoutMs), condition);
    }
    /// With the lock held (inside waitFor) or after the pipeline has stopped.
    size_t count(MediaKind kind) const {
        size_t n = 0;
        for (const Arrival &each : arrivals)
            n += each.packet.kind == kind && !each.packet.isConfig;
        return n;
    }
    bool waitForPackets(MediaKind kind, size_t more, int timeoutMs = 8000) {
        size_t from = 0;
        {
            const std::lock_guard lock(mutex);
            from = count(kind);
        }
        return waitFor([&] { return count(kind) >= from + more; }, timeoutMs);
    }
    std::vector<Arrival> of(MediaKind kind) {
        const std::lock_guard lock(mutex);
        std::vector<Arrival> found;
        for (const Arrival &each : arrivals)
            if (each.packet.kind == kind)
                found.push_back(each);
        return found;
    }

    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Arrival> arrivals;
    std::vector<VideoSettings> encoders;
    std::string encoderName;
    std::vector<ErrorCode> errors;
    std::vector<MediaKind> ends;
    int firstFrames = 0;

  private:
    template <typename F> void note(F &&change) {
        const std::lock_guard lock(mutex);
        change();
        changed.notify_all();
    }
};

/// Sound that would come later than this is left out: the machine did not run for as long. Nothing less ever is.
constexpr int64_t leftOutMs = 500;

/// Stream time between two neighbours that both came, for nothing was left out.
inline bool follows(const Arrival &later, const Arrival &earlier, int64_t leastMs, int64_t mostMs) {
    const int64_t stepMs = later.packet.dtsMs - earlier.packet.dtsMs;
    return (stepMs >= leastMs && stepMs <= mostMs) || stepMs > leftOutMs;
}

struct DecodedPicture {
    int width = 0;
    int height = 0;
    int64_t ptsMs = 0;
    std::optional<ClockReading> clock;
    /// With left and right exchanged.
    std::optional<ClockReading> mirroredClock{};
    double meanLuma = 0;
    std::vector<uint8_t> luma{};

    /// At a place in parts of the picture.
    int lumaAt(double across, double down) const {
        const auto x = static_cast<size_t>(across * width);
        const auto y = static_cast<size_t>(down * height);
        return luma[y * static_cast<size_t>(width) + x];
    }
};

/// Decodes pictures with the config packets in between, as a player does.
inline void decodePictures(const std::vector<Arrival> &arrivals, const std::function<void(const AVFrame &)> &see) {
    CodecPtr decoder;
    FramePtr frame(av_frame_alloc());
    PacketPtr packet(av_packet_alloc());
    for (const Arrival &each : arrivals) {
        if (each.packet.isConfig) {
            decoder.reset(avcodec_alloc_context3(findDecoder(each.packet.codec)));
            decoder->flags |= AV_CODEC_FLAG_LOW_DELAY;
            decoder->thread_count = 1;
            const Bytes &record = *each.packet.data;
            decoder->extradata = static_cast<uint8_t *>(av_mallocz(record.size() + AV_INPUT_BUFFER_PADDING_SIZE));
            std::copy(record.begin(), record.end(), decoder->extradata);
            decoder->extradata_size = static_cast<int>(record.size());
            REQUIRE(avcodec_open2(decoder.get(), nullptr, nullptr) == 0);
            continue;
        }
        REQUIRE(decoder);
        REQUIRE(av_new_packet(packet.get(), static_cast<int>(each.packet.data->size())) == 0);
        std::copy(each.packet.data->begin(), each.packet.data->end(), packet->data);
        packet->pts = packet->dts = each.packet.dtsMs;
        REQUIRE(avcodec_send_packet(decoder.get(), packet.get()) == 0);
        av_packet_unref(packet.get());
        while (avcodec_receive_frame(decoder.get(), frame.get()) == 0) {
            see(*frame);
            av_frame_unref(frame.get());
        }
    }
}

inline std::vector<DecodedPicture> decodeVideo(const std::vector<Arrival> &arrivals) {
    std::vector<DecodedPicture> pictures;
    decodePictures(arrivals, [&](const AVFrame &frame) {
        double sum = 0;
        std::vector<uint8_t> mirrored;
        std::vector<uint8_t> luma;
        for (int y = 0; y < frame.height; ++y) {
            const uint8_t *row = frame.data[0] + static_cast<ptrdiff_t>(y) * frame.linesize[0];
            for (int x = 0; x < frame.width; ++x) {
                sum += row[x];
                mirrored.push_back(row[frame.width - 1 - x]);
                luma.push_back(row[x]);
            }
        }
        pictures.push_back({frame.width, frame.height, frame.pts,
                            ClockPattern::read(frame.data[0], frame.linesize[0], frame.width, frame.height),
                            ClockPattern::read(mirrored.data(), frame.width, frame.width, frame.height),
                            sum / (frame.width * frame.height), std::move(luma)});
    });
    return pictures;
}

/// First channel of the sound, placed by the packets' times: samples[i] belongs to firstMs + i / rate.
struct DecodedSound {
    int rate = 0;
    int64_t firstMs = -1;
    std::vector<float> samples;

    /// Times (ms) where the sound rises over a tenth of full scale after 100 ms of quiet.
    std::vector<double> beeps() const {
        std::vector<double> found;
        size_t quiet = static_cast<size_t>(rate);
        for (size_t i = 0; i < samples.size(); ++i) {
            if (std::abs(samples[i]) < 0.1F) {
                ++quiet;
                continue;
            }
            if (quiet > static_cast<size_t>(rate) / 10)
                found.push_back(static_cast<double>(firstMs) + static_cast<double>(i) * 1000 / rate);
            quiet = 0;
        }
        return found;
    }
    float peak() const {
        float peak = 0;
        for (const float each : samples)
            peak = std::max(peak, std::abs(each));
        return peak;
    }
};

/// Beeps begin where the clock crosses a second; `epochMs` is the clock at time 0 of the stream.
inline void checkBeeps(const DecodedSound &sound, double epochMs) {
    int checked = 0;
    for (const double beep : sound.beeps()) {
        // One that was under way at the start of the push counts from there.
        if (beep - static_cast<double>(sound.firstMs) <= 70)
            continue;
        const double clock = std::fmod(epochMs + beep, 1000);
        const double offset = clock > 500 ? clock - 1000 : clock;
        CAPTURE(offset);
        CHECK(std::abs(offset) < 10);
        ++checked;
    }
    CHECK(checked >= 1);
}

inline DecodedSound decodeAudio(const std::vector<Arrival> &arrivals) {
    DecodedSound sound;
    CodecPtr decoder;
    FramePtr frame(av_frame_alloc());
    PacketPtr packet(av_packet_alloc());
    for (const Arrival &each : arrivals) {
        if (each.packet.isConfig) {
            decoder.reset(avcodec_alloc_context3(findDecoder(each.packet.codec)));
            const Bytes &record = *each.packet.data;
            decoder->extradata = static_cast<uint8_t *>(av_mallocz(record.size() + AV_INPUT_BUFFER_PADDING_SIZE));
            std::copy(record.begin(), record.end(), decoder->extradata);
            decoder->extradata_size = static_cast<int>(record.size());
            REQUIRE(avcodec_open2(decoder.get(), nullptr, nullptr) == 0);
            continue;
        }
        REQUIRE(decoder);
        REQUIRE(av_new_packet(packet.get(), static_cast<int>(each.packet.data->size())) == 0);
        std::copy(each.packet.data->begin(), each.packet.data->end(), packet->data);
        packet->pts = packet->dts = each.packet.dtsMs;
        REQUIRE(avcodec_send_packet(decoder.get(), packet.get()) == 0);
        av_packet_unref(packet.get());
        while (avcodec_receive_frame(decoder.get(), frame.get()) == 0) {
            sound.rate = frame->sample_rate;
            if (sound.firstMs < 0)
                sound.firstMs = frame->pts;
            const auto at = static_cast<size_t>((frame->pts - sound.firstMs) * sound.rate / 1000);
            const auto n = static_cast<size_t>(frame->nb_samples);
            if (sound.samples.size() < at + n)
                sound.samples.resize(at + n);
            const auto *plane = reinterpret_cast<const float *>(frame->extended_data[0]);
            std::copy(plane, plane + n, sound.samples.begin() + static_cast<ptrdiff_t>(at));
            av_frame_unref(frame.get());
        }
    }
    return sound;
}

/// A folder that goes away with its owner.
class TempFolder {
  public:
    TempFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "rtcroom-capture-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()));
        path = pattern;
    }
    ~TempFolder() { std::filesystem::remove_all(path); }
    TempFolder(const TempFolder &) = delete;
    TempFolder &operator=(const TempFolder &) = delete;

    std::string file(const std::string &name) const { return (path / name).string(); }
    /// Makes a media file with the ffmpeg program; `arguments` go before the output's name.
    std::string make(const std::string &name, const std::string &arguments) const {
        const std::string out = file(name);
        const std::string command = "ffmpeg -v error -nostdin -y " + arguments + " '" + out + "'";
        REQUIRE(std::system(command.c_str()) == 0);
        return out;
    }

    std::filesystem::path path;
};

template <typename F> std::optional<ErrorCode> codeOf(F &&call) {
    try {
        call();
    } catch (const EngineException &failure) {
        return failure.error().code;
    }
    return std::nullopt;
}

inline double percentile(std::vector<double> values, double p) {
    REQUIRE(!values.empty());
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, static_cast<size_t>(p * static_cast<double>(values.size())))];
}

} // namespace rtcroom::embedded::test
