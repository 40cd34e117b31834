#include "liteav/Convert.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>

#include "engine/Error.h"
#include "engine/LivePlayAttribute.h"

namespace rtcroom::liteav {

using engine::EngineException;
using engine::ErrorCode;

namespace {

constexpr int MAX_VOLUME = 65535;

[[noreturn]] void invalid(const std::string &message) { throw EngineException(ErrorCode::InvalidArgument, message); }

bool plausible(const char *data, int width, int height) {
    return data != nullptr && width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE;
}

void fill(engine::FramePool &pool, engine::VideoFrame &frame, engine::PixelFormat format, int width, int height) {
    frame.format = format;
    frame.width = width;
    frame.height = height;
    frame.decodedAtUs = engine::clockMicros();
    frame.timestampMs = frame.decodedAtUs / 1000;
    frame.size = engine::pictureSize(format, width, height);
    frame.buffer = pool.acquire(frame.size);
}

} // namespace

int volumeToPercent(int volume) {
    requireRange("volume", volume, 0, MAX_VOLUME);
    return (volume * 100 + MAX_VOLUME / 2) / MAX_VOLUME;
}

int percentToVolume(int percent) { return (std::clamp(percent, 0, 100) * MAX_VOLUME + 50) / 100; }

std::string schemeOf(std::string_view url) {
    const size_t end = url.find("://");
    if (end == std::string_view::npos)
        return {};
    std::string scheme(url.substr(0, end));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(), [](unsigned char c) { return std::tolower(c); });
    return scheme;
}

void requireRenderMode(int mode) { requireRange("the render mode", mode, 1, 2); }

void requireRotation(int rotation) { requireRange("the rotation", rotation, 1, 4); }

namespace {

// The 2018 SDK has the number H264NAL 2 for startPreview, and exports nothing that would take the NAL units; the later
// ones have no such format.
[[noreturn]] void noEncodedFrames(const char *what) {
    throw EngineException(ErrorCode::Unsupported,
                          std::string("no generation of the LiteAV SDK has a method that takes ") + what +
                              "; use the engine 'embedded'");
}

void requireI420(engine::UserVideoFormat format) {
    if (format == engine::UserVideoFormat::H264)
        noEncodedFrames("H.264 of the application");
    if (format != engine::UserVideoFormat::I420)
        throw EngineException(ErrorCode::Unsupported, "the LiteAV SDK takes I420 of the application alone; convert "
                                                      "the pictures, or use the engine 'embedded'");
}

} // namespace

void requireRaw(const engine::VideoSourceOptions &options) {
    if (options.kind == engine::SourceKind::User)
        requireI420(options.userFormat);
}

void requireRaw(const engine::AudioSourceOptions &options) {
    if (options.kind == engine::SourceKind::User && options.userFormat != engine::UserAudioFormat::Pcm)
        noEncodedFrames("AAC of the application");
}

void requireVideo(const engine::UserVideo &video) {
    requireI420(video.format);
    requireRange("width", video.width, 2, MAX_SIDE);
    requireRange("height", video.height, 2, MAX_SIDE);
    if (video.width % 2 != 0 || video.height % 2 != 0)
        invalid("width and height must be even");
    const size_t size = engine::pictureSize(engine::PixelFormat::I420, video.width, video.height);
    if (video.data == nullptr || video.size != size)
        invalid("a picture of this size has " + std::to_string(size) + " bytes of packed I420, not " +
                std::to_string(video.size));
}

void requireAudio(const engine::UserAudio &audio) {
    if (audio.format != engine::UserAudioFormat::Pcm)
        noEncodedFrames("AAC of the application");
    static constexpr int RATES[] = {8000, 16000, 32000, 44100, 48000};
    if (std::find(std::begin(RATES), std::end(RATES), audio.sampleRate) == std::end(RATES))
        invalid("sampleRate must be 8000, 16000, 32000, 44100 or 48000");
    requireRange("channels", audio.channels, 1, 2);
    if (audio.data == nullptr || audio.size == 0 || audio.size % (2 * static_cast<size_t>(audio.channels)) != 0)
        invalid("sound must be whole samples of interleaved 16-bit PCM");
    // One second and more a call is no live sound.
    requireRange("the sound's bytes", static_cast<int64_t>(audio.size), 1, 4 * 48000);
}

void requireRegion(const engine::Rect &region) {
    if (region == engine::Rect{})
        return;
    if (region.left < 0 || region.top < 0 || region.right <= region.left || region.bottom <= region.top)
        invalid("a region's left and top must be 0 or more and its right and bottom beyond them");
}

void requireDefaults(const engine::PusherOptions &options) {
    const engine::PusherOptions defaults;
    requireRange("audioChannels", options.audioChannels, 1, 2);
    const char *refused = options.videoCodec != defaults.videoCodec               ? "videoCodec"
                          : options.audioCodec != defaults.audioCodec             ? "audioCodec"
                          : options.gopSeconds != defaults.gopSeconds             ? "gopSeconds"
                          : options.audioSampleRate != defaults.audioSampleRate   ? "audioSampleRate"
                          : options.audioBitrateKbps != defaults.audioBitrateKbps ? "audioBitrateKbps"
                                                                                  : nullptr;
    if (refused)
        throw EngineException(ErrorCode::Unsupported, std::string(refused) + " cannot be set in the LiteAV SDK; leave "
                                                                             "it out, or use the engine 'embedded'");
}

void requireDefaults(const engine::OutputVideoOptions &options) {
    checkOutput(options);
    if (options != engine::OutputVideoOptions{})
        throw EngineException(ErrorCode::Unsupported, "the LiteAV SDK hands pictures out as the stream has them; leave "
                                                      "width, height and fps out, or use the engine 'embedded'");
}

void requireDefaults(const engine::OutputAudioOptions &options) {
    checkOutput(options);
    if (options != engine::OutputAudioOptions{})
        throw EngineException(ErrorCode::Unsupported, "the LiteAV SDK hands sound out as the stream has it; leave "
                                                      "sampleRate and channels out, or use the engine 'embedded'");
}

LivePlayAttribute parseLivePlayAttribute(const std::string &json, bool hasBlockThreshold) {
    const engine::LivePlayAttribute given = engine::parseLivePlayAttribute(json);
    if (given.blockThresholdMs && !hasBlockThreshold)
        throw EngineException(ErrorCode::Unsupported,
                              "VideoBlockThreshold is not in this generation of the LiteAV SDK; leave it out");
    LivePlayAttribute result;
    result.hasCache = given.hasCache();
    result.autoAdjust = given.autoAdjust.value_or(result.autoAdjust);
    result.cacheSeconds = given.cacheSeconds.value_or(result.cacheSeconds);
    // A default gives way to the bound that was given.
    result.maxCacheSeconds =
        given.maxCacheSeconds.value_or(std::max(result.maxCacheSeconds, given.minCacheSeconds.value_or(0)));
    result.minCacheSeconds = given.minCacheSeconds.value_or(std::min(result.minCacheSeconds, result.maxCacheSeconds));
    result.retryCount = given.retryCount.value_or(result.retryCount);
    result.retryIntervalSeconds = given.retryIntervalSeconds.value_or(result.retryIntervalSeconds);
    return result;
}

bool copyI420(engine::FramePool &pool, const char *data, int64_t length, int width, int height,
              engine::VideoFrame &frame) {
    if (!plausible(data, width, height))
        return false;
    if (length < static_cast<int64_t>(engine::pictureSize(engine::PixelFormat::I420, width, height)))
        return false;
    fill(pool, frame, engine::PixelFormat::I420, width, height);
    std::memcpy(frame.buffer->data(), data, frame.size);
    return true;
}

bool copyRgba(engine::FramePool &pool, const char *data, int64_t length, int width, int height, bool swap,
              engine::VideoFrame &frame) {
    if (!plausible(data, width, height) || length < int64_t{4} * width * height)
        return false;
    fill(pool, frame, engine::PixelFormat::RGBA, width, height);
    uint8_t *to = frame.buffer->data();
    std::memcpy(to, data, frame.size);
    if (swap)
        for (size_t i = 0; i + 3 < frame.size; i += 4)
            std::swap(to[i], to[i + 2]);
    return true;
}

engine::Thumbnail thumbnailOf(const char *data, int64_t length, int64_t width, int64_t height) {
    if (data == nullptr || width < 1 || height < 1 || width > 4096 || height > 4096 || length < 4 * width * height)
        return {};
    engine::Thumbnail thumbnail{{static_cast<int>(width), static_cast<int>(height)}, {data, data + 4 * width * height}};
    for (size_t i = 0; i + 3 < thumbnail.rgba.size(); i += 4)
        std::swap(thumbnail.rgba[i], thumbnail.rgba[i + 2]);
    return thumbnail;
}

bool copyPcm(engine::FramePool &pool, const char *data, int64_t length, int sampleRate, int channels,
             engine::AudioFrame &frame) {
    // A second of stereo at 48 kHz is far beyond what one callback carries.
    if (data == nullptr || length <= 0 || length > 4 * 48000 || channels < 1 || channels > 2 || sampleRate < 8000 ||
        sampleRate > 48000)
        return false;
    // Less than one sample is no sound: JavaScript takes no empty buffer.
    if (length < 2 * channels)
        return false;
    frame.sampleRate = sampleRate;
    frame.channels = channels;
    frame.samples = static_cast<int>(length / 2 / channels);
    frame.size = static_cast<size_t>(frame.samples) * 2 * static_cast<size_t>(channels);
    frame.decodedAtUs = engine::clockMicros();
    frame.timestampMs = frame.decodedAtUs / 1000;
    frame.buffer = pool.acquire(frame.size);
    std::memcpy(frame.buffer->data(), data, frame.size);
    return true;
}

} // namespace rtcroom::liteav
