#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "embedded/capture/CameraAccess.h"
#include "embedded/capture/ScreenInput.h"
#include "embedded/capture/SoundInputs.h"
#include "embedded/media/EncodedPacket.h"
#include "engine/Error.h"
#include "engine/Options.h"
#include "window/Canvas.h"

namespace rtcroom::embedded {

struct VideoSettings {
    int width = 640;
    int height = 360;
    int fps = 15;
    int bitrateKbps = 800;
    double gopSeconds = 1;
    CodecId codec = CodecId::H264;
    /// An encoder on hardware, if one opens.
    bool hardware = false;
};

/// What the network leaves of VideoSettings.
struct VideoAdaptation {
    int bitrateKbps = 0;
    int fps = 0;
    engine::Size size;
};

struct AudioSettings {
    int sampleRate = 48000;
    int channels = 1;
    int bitrateKbps = 64;
    CodecId codec = CodecId::Aac;
};

/// Sources and encoders of one pusher: takes pictures and sound, paces them in real time, encodes them and hands out
/// packets. Owns its threads. Packets of both kinds share one time line that begins near 0 at the first start() and
/// goes on in real time over stops and starts.
class PushPipeline {
  public:
    /// Called on the pipeline's threads; must return at once.
    struct Callbacks {
        std::function<void(EncodedPacket)> onPacket;
        /// The first captured picture since start().
        std::function<void()> onFirstFrame;
        /// The video encoder opened (again after a change of size); before the first packet of it.
        std::function<void(const VideoSettings &, const std::string &encoderName)> onVideoEncoderStarted;
        /// Hardware was wanted and did not open, or failed; software goes on. Once a start().
        std::function<void(const std::string &reason)> onHardwareFailed{};
        /// Encoding or the source failed while running; the kind ends, the other goes on.
        std::function<void(MediaKind, const engine::Error &)> onError;
        /// A file without loop reached its end.
        std::function<void(MediaKind)> onEndOfSource;
        /// While previewing, each picture that is captured, at the size that is (or would be) encoded.
        std::function<void(window::Picture)> onPreview{};
        /// Asked before each picture is encoded; one that is not admitted is skipped, and leaves no gap in the stream.
        std::function<bool()> admitsPicture{};
        /// The same of each picture that came encoded.
        std::function<bool()> admitsEncoded{};
        /// A camera was unplugged, or what is captured of the screen is gone; the last picture goes on.
        std::function<void(engine::SourceKind, const std::string &why)> onDeviceGone{};
        /// The camera is back and gives pictures again.
        std::function<void()> onCameraBack{};
        /// Called every 10 ms or more often, on the thread of openVideo(), while a camera or a screen is waited for. It
        /// may stop the pipeline, and open and close nothing.
        std::function<void()> whileOpening{};
        /// The microphone's, or the machine's own sound.
        SoundInputs::Callbacks sounds{};
        /// The application's H.264 goes on at its next key frame alone.
        std::function<void()> onKeyFrameWanted{};
        /// That H.264 has this size from now on; before the first packet of it.
        std::function<void(engine::Size)> onEncodedVideo{};
        /// What is about to be encoded, where it was asked for.
        std::function<void(engine::VideoFrame)> onOutgoingPicture{};
        std::function<void(engine::AudioFrame)> onOutgoingSound{};
    };

    struct Stats {
        uint64_t framesCaptured = 0;
        uint64_t framesEncoded = 0;
        uint64_t framesDropped = 0; // the encoder was busy or the user's queue was full
        uint64_t framesSkipped = 0; // not admitted
        uint64_t videoBytes = 0;
        uint64_t audioBytes = 0;
        int codecQueue = 0;
        /// Between the last two key frames; 0 before the second.
        double gopSeconds = 0;
        std::string encoderName;
    };

    PushPipeline(Callbacks callbacks, const VideoSettings &video, const AudioSettings &audio,
                 std::shared_ptr<Cameras> cameras = systemCameras(), CameraPatience patience = {});
    ~PushPipeline();
    PushPipeline(const PushPipeline &) = delete;
    PushPipeline &operator=(const PushPipeline &) = delete;

    /// Open a source; may block on the file system or a device, so call it on a worker. Throws EngineException
    /// (FileOpenFailed, NotMedia, InvalidArgument, of a camera as AvDevice, of the screen as ScreenInput). Replaces the
    /// source of that kind; legal while running, with a key frame at the seam. `screen` is for the source Screen.
    /// With the `stops` of videoStops() an interruptVideo() since then ends it (Aborted).
    void openVideo(const engine::VideoSourceOptions &options, const ScreenTarget &screen = {},
                   std::optional<uint64_t> stops = {});
    void closeVideo();
    /// A microphone is the source once what is returned says so.
    SoundOpening openAudio(const engine::AudioSourceOptions &options);
    void closeAudio();
    /// The microphone and the machine's own sound.
    SoundInputs &sounds();
    /// Mixes the machine's own sound in, until it is closed.
    SoundOpening openSystemSound();
    void closeSystemSound();
    /// Throws InvalidState while sound comes that nothing can be mixed into. From any thread.
    void requireMixable() const;
    /// Throws InvalidState while a source of sound is open, or something is encoded. From any thread, while no source
    /// of sound is being opened.
    void setAudioChannels(int channels);
    bool hasVideo() const;
    bool hasAudio() const;
    /// Ends a blocking openVideo/openAudio from another thread, and those that follow at once.
    void interrupt();
    /// As interrupt, of openVideo alone, also of one that was asked for and has not begun.
    void interruptVideo();
    uint64_t videoStops() const;
    /// Whether something is being opened that may take its time.
    bool opening() const;

    /// Hands out the captured pictures while it pushes, and before and after it as well, but for a file's.
    void setPreviewing(bool previewing);

    /// Capture and encode until stop(). Each start() hands out the config packets again and begins with a key frame.
    void start();
    /// Joins the threads, within 50 ms. The sources stay open (a file keeps its position). Snapshots have been answered
    /// then, also those that were refused because nothing ran.
    void stop();

    /// From any thread.
    void requestKeyFrame();
    /// Size and fps apply with a new encoder at the next picture; the bitrate at once, without a key frame.
    void setVideoSettings(const VideoSettings &settings);
    VideoSettings videoSettings() const;
    /// Bitrate and size as with setVideoSettings, which stay for comparison; fewer pictures without a new encoder.
    void adaptVideo(const VideoAdaptation &adaptation);
    /// What is encoded.
    VideoAdaptation encodedVideo() const;
    /// Silence is encoded instead of the source's sound; the source goes on.
    void setMute(bool mute);
    /// Of the captured sound, whether or not it is muted; see SoundVolume. The level is 0 while nothing is encoded.
    void setVolume(int volume);
    int volume() const;
    int soundLevel() const;
    /// The numbers of engine::Pusher::setBeautyStyle. Throws InvalidArgument, Unsupported.
    void setBeauty(int style, int beauty, int whiteness);
    /// Blocks on the file; an empty path takes the watermark away. Throws, and then it stays as it was.
    void setWatermark(const std::string &path, double x, double y, double scale);
    /// Pictures go out with left and right exchanged; the preview stays as it is.
    ///
    /// This, beauty, watermark and volume change what goes out, which pictures and sound that come encoded do not let
    /// them: one of both is refused with InvalidState.
    void setMirrored(bool mirrored);
    /// Of onOutgoingPicture, and onOutgoingSound.
    void setOutgoingFormat(engine::OutputVideoFormat format, const engine::OutputVideoOptions &options = {});
    void setOutgoingSound(bool wanted, const engine::OutputAudioOptions &options = {});
    /// PNG or JPEG of the next picture as it goes out. See Pusher::captureVideoSnapShot for the codes. `done` may come
    /// on any thread of the pipeline.
    void snapshot(const std::string &path, engine::Completion done);
    /// Stops sending pictures; a still card (dark) goes out twice a second, so that the stream stays alive.
    void setPauseVideo(bool pause);
    /// Copies the data. Throws InvalidArgument (size does not fit width × height, odd channel counts …) or InvalidState
    /// (the source is not `user`, or takes another format).
    void sendUserVideo(const engine::UserVideo &video);
    void sendUserAudio(const engine::UserAudio &audio);
    Stats stats() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace rtcroom::embedded
