#include "embedded/EmbeddedEngine.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "embedded/EmbeddedPlayer.h"
#include "embedded/EmbeddedPusher.h"
#include "embedded/Support.h"
#include "embedded/media/Codecs.h"
#include "embedded/media/ffmpeg.h"
#include "embedded/net/ProxyUrl.h"
#include "embedded/net/Tls.h"
#include "sound/SoundSdl.h"

namespace rtcroom::embedded {
namespace {

using engine::EngineException;
using engine::ErrorCode;

/// The SDK's rates; all are AAC's as well.
constexpr std::array SAMPLE_RATES{8000, 16000, 32000, 44100, 48000};

void requireRange(const char *what, double value, double min, double max) {
    if (!(value >= min && value <= max))
        throw EngineException(ErrorCode::InvalidArgument, std::string(what) + " must be " + std::to_string(min) +
                                                              " to " + std::to_string(max) + ", not " +
                                                              std::to_string(value));
}

void check(const engine::NetworkOptions &options) {
    requireRange("connectRetryCount", options.connectRetryCount, 0, 1e6);
    requireRange("connectRetryIntervalMs", options.connectRetryIntervalMs, 0, 3.6e6);
    requireRange("connectTimeoutMs", options.connectTimeoutMs, 1, 3.6e6);
    requireRange("dataTimeoutMs", options.dataTimeoutMs, 1, 3.6e6);
    checkTls(options.tls);
    if (!options.proxy.empty())
        ProxyUrl::parse(options.proxy);
}

void checkSound(const engine::PusherOptions &options) {
    const bool opus = options.audioCodec == engine::AudioCodec::Opus;
    const int rate = options.audioSampleRate;
    if (std::ranges::find(SAMPLE_RATES, rate) == SAMPLE_RATES.end() || (opus && (rate == 32000 || rate == 44100)))
        throw EngineException(ErrorCode::InvalidArgument,
                              std::string("audioSampleRate must be ") +
                                  (opus ? "8000, 16000 or 48000 with Opus" : "8000, 16000, 32000, 44100 or 48000") +
                                  ", not " + std::to_string(rate));
    requireRange("audioChannels", options.audioChannels, 1, 2);
    requireRange("audioBitrateKbps", options.audioBitrateKbps, 8, opus ? 256 * options.audioChannels : 512);
}

std::string versionOf(const char *library, unsigned version) {
    return std::string(library) + " " + std::to_string(AV_VERSION_MAJOR(version)) + "." +
           std::to_string(AV_VERSION_MINOR(version)) + "." + std::to_string(AV_VERSION_MICRO(version));
}

class EmbeddedEngine final : public engine::Engine {
  public:
    std::string name() const override { return "embedded"; }

    std::string version() const override {
        return std::string("FFmpeg ") + av_version_info() + " (" + versionOf("libavcodec", avcodec_version()) + ", " +
               versionOf("libavformat", avformat_version()) + ", " + versionOf("libavutil", avutil_version()) + ")";
    }

    /// Made when it is asked for: to know them, libraries are loaded that most programs never need.
    const engine::Capabilities &capabilities() const override {
        std::call_once(asked_, [this] { capabilities_ = capabilitiesHere(); });
        return capabilities_;
    }

    std::unique_ptr<engine::Pusher> createPusher(const engine::PusherOptions &options,
                                                 engine::PusherListener &listener) override {
        check(options.network);
        requireRange("gopSeconds", options.gopSeconds, 0.1, 60);
        checkSound(options);
        requireRange("statusIntervalMs", options.statusIntervalMs, 100, 3.6e6);
        // What is not the default; H.264 and AAC are missed when they are needed, as ever.
        if (options.videoCodec != engine::VideoCodec::H264)
            requireEncoder(codecOf(options.videoCodec));
        if (options.audioCodec != engine::AudioCodec::Aac)
            requireEncoder(codecOf(options.audioCodec));
        return std::make_unique<EmbeddedPusher>(options, listener);
    }

    std::unique_ptr<engine::Player> createPlayer(const engine::PlayerOptions &options,
                                                 engine::PlayerListener &listener) override {
        check(options.network);
        requireRange("statusIntervalMs", options.statusIntervalMs, 100, 3.6e6);
        return std::make_unique<EmbeddedPlayer>(options, listener);
    }

  private:
    mutable std::once_flag asked_;
    mutable engine::Capabilities capabilities_;
};

} // namespace

std::shared_ptr<engine::Engine> createEmbeddedEngine() {
    // FFmpeg would write to stderr of the application; what matters comes back as errors.
    av_log_set_level(AV_LOG_QUIET);
    return std::make_shared<EmbeddedEngine>();
}

} // namespace rtcroom::embedded
