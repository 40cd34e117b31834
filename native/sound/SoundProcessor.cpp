#include "sound/SoundProcessor.h"

#include <array>
#include <string>

#include "engine/Error.h"
#include "engine/SharedLibrary.h"
#include "sound/FarEnd.h"
#include "sound/SoundStream.h"

#ifdef RTCROOM_AUDIO_PROCESSING
// Its options are told from one another by the addresses of variables in its headers, which must be the library's own:
// those that are seen outside are one in a process.
#pragma GCC visibility push(default)
#include <webrtc/modules/audio_processing/include/audio_processing.h>
#pragma GCC visibility pop

#endif

namespace rtcroom::sound {

using engine::EngineException;
using engine::ErrorCode;

#ifdef RTCROOM_AUDIO_PROCESSING

namespace {

using webrtc::AudioProcessing;
using Create = AudioProcessing *(*)();

/// webrtc::AudioProcessing::Create(); the rest of it is virtual. The version is the one that the headers are of.
Create loadCreate() {
    engine::SharedLibrary library;
    Create create = nullptr;
    if (library.open({"libwebrtc_audio_processing.so.1"}))
        library.take(create, "_ZN6webrtc15AudioProcessing6CreateEv");
    return create;
}

Create create() {
    static const Create found = loadCreate();
    return found;
}

/// Of what a loudspeaker played until a microphone heard it: a first guess, which the canceller corrects.
constexpr int DELAY_MS = 40;

} // namespace

class SoundProcessor::Impl {
  public:
    Impl() : apm_(create()()) {
        if (!apm_)
            throw EngineException(ErrorCode::Internal, "no memory for audio processing");
        webrtc::Config config;
        config.Set<webrtc::ExtendedFilter>(new webrtc::ExtendedFilter(true));
        config.Set<webrtc::DelayAgnostic>(new webrtc::DelayAgnostic(true));
        apm_->SetExtraOptions(config);
        apm_->echo_cancellation()->enable_drift_compensation(false);
        apm_->echo_cancellation()->set_suppression_level(webrtc::EchoCancellation::kModerateSuppression);
        apm_->gain_control()->set_mode(webrtc::GainControl::kAdaptiveDigital);
        apm_->noise_suppression()->set_level(webrtc::NoiseSuppression::kModerate);
        FarEnd::instance().addListener(this);
    }
    ~Impl() { FarEnd::instance().removeListener(this); }

    void process(std::span<float> block, int channels, int parts) {
        apply(parts);
        if (parts == 0)
            return;
        std::array<float, DEVICE_BLOCK> far;
        FarEnd::instance().take(this, far);
        if (parts & Echo) {
            const float *data = far.data();
            apm_->AnalyzeReverseStream(&data, far.size(), DEVICE_RATE, AudioProcessing::kMono);
            apm_->set_stream_delay_ms(DELAY_MS);
        }
        const auto count = static_cast<size_t>(channels);
        std::array<float *, 2> planes{planes_[0].data(), planes_[1].data()};
        for (size_t i = 0; i < block.size(); ++i)
            planes[i % count][i / count] = block[i];
        const webrtc::StreamConfig form(DEVICE_RATE, channels);
        if (apm_->ProcessStream(planes.data(), form, form, planes.data()) != AudioProcessing::kNoError)
            return;
        for (size_t i = 0; i < block.size(); ++i)
            block[i] = planes[i % count][i / count];
    }

  private:
    void apply(int parts) {
        if (parts == applied_)
            return;
        applied_ = parts;
        apm_->echo_cancellation()->Enable((parts & Echo) != 0);
        apm_->high_pass_filter()->Enable((parts & Echo) != 0);
        apm_->gain_control()->Enable((parts & Gain) != 0);
        apm_->noise_suppression()->Enable((parts & Noise) != 0);
    }

    const std::unique_ptr<AudioProcessing> apm_;
    int applied_ = 0;
    std::array<std::array<float, DEVICE_BLOCK>, 2> planes_{};
};

const char *SoundProcessor::unsupported() {
    return create() ? nullptr
                    : "WebRTC's audio processing is not installed: on Debian 12 `apt-get install "
                      "libwebrtc-audio-processing1`";
}

#else

class SoundProcessor::Impl {
  public:
    void process(std::span<float>, int, int) {}
};

const char *SoundProcessor::unsupported() {
    if (const char *reason = unsupported(engine::thisSystem))
        return reason;
    return "this build has no echo cancellation, gain control and noise suppression: WebRTC's audio processing 0.3 "
           "was not there when it was made";
}

#endif

const char *SoundProcessor::unsupported(engine::System system) {
    return system == engine::System::Linux
               ? nullptr
               : "the release of WebRTC's audio processing that is used here, 0.3, is only built for Linux; a "
                 "microphone goes as it is";
}

namespace {

void requireProcessing() {
    if (const char *reason = SoundProcessor::unsupported())
        throw EngineException(ErrorCode::Unsupported, reason);
}

} // namespace

SoundProcessor::SoundProcessor(int parts) : parts_(parts), impl_((requireProcessing(), std::make_unique<Impl>())) {}

SoundProcessor::~SoundProcessor() = default;

void SoundProcessor::process(std::span<float> block, int channels) {
    if (channels < 1 || channels > 2 ||
        block.size() != static_cast<size_t>(DEVICE_BLOCK) * static_cast<size_t>(channels))
        return;
    impl_->process(block, channels, parts_);
}

} // namespace rtcroom::sound
