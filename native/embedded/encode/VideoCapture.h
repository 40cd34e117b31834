#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "embedded/capture/CameraAccess.h"
#include "embedded/capture/CaptureContext.h"
#include "embedded/capture/EncodedVideoSource.h"
#include "embedded/capture/ScreenInput.h"
#include "embedded/capture/UserVideoSource.h"
#include "embedded/encode/PushPipeline.h"
#include "embedded/encode/VideoWorker.h"

namespace rtcroom::embedded {

/// Where the pictures of a push come from: opens what the application asked for, gives it to the VideoWorker, and says
/// when a source works, which is while it is pushed or previewed. Control thread only, but for send() and any().
class VideoCapture {
  public:
    VideoCapture(const PushPipeline::Callbacks &callbacks, CaptureContext &context, VideoWorker &worker,
                 CameraAccess cameras)
        : callbacks_(callbacks), context_(context), worker_(worker), cameras_(std::move(cameras)) {}

    /// As PushPipeline::openVideo. `sound` is what a file decodes its sound to, should it be taken as well.
    void open(const engine::VideoSourceOptions &options, const ScreenTarget &screen, std::optional<uint64_t> stops,
              const AudioSettings &sound);
    void close();
    /// Captured for a push, until it is false.
    void setRunning(bool running);
    void setPreviewing(bool previewing);
    /// Starts or stops the showing of what is not pushed; after setRunning(false), once the worker has stopped.
    void updatePreview();
    /// Of the application. Copies. Throws as PushPipeline::sendUserVideo.
    void send(const engine::UserVideo &video);
    /// Whether a source is open.
    bool any() const;
    /// Throws InvalidState while pictures come encoded, or are about to. From any thread.
    void requireRaw(const char *what) const;
    /// Calls `change`, which makes `what` change the pictures that go out and returns at once, where requireRaw()
    /// allows it; none come encoded until it has returned. From any thread.
    template <typename Change> void change(const char *what, Change &&change) {
        const std::lock_guard lock(mutex_);
        checkRaw(what);
        change();
    }

  private:
    engine::Device findCamera(int number);
    std::shared_ptr<VideoSource> openCamera(const engine::Device &camera);
    std::shared_ptr<VideoSource> openScreen(const ScreenTarget &target);
    std::shared_ptr<VideoSource> userSource(engine::UserVideoFormat format);
    /// requireRaw() with the lock held.
    void checkRaw(const char *what) const;
    void setSource(std::shared_ptr<VideoSource> source);

    const PushPipeline::Callbacks &callbacks_;
    CaptureContext &context_;
    VideoWorker &worker_;
    const CameraAccess cameras_;
    bool running_ = false;
    bool previewing_ = false;
    /// Of the camera that is open.
    std::string cameraId_;

    /// Guards the pointers; they are written on the control thread.
    mutable std::mutex mutex_;
    std::shared_ptr<VideoSource> source_;
    /// It, when it takes the application's pictures, raw or encoded.
    std::shared_ptr<UserVideoSource> user_;
    std::shared_ptr<EncodedVideoSource> encoded_;
    /// One was found to fit what is set, and is about to be encoded_.
    bool encodedComes_ = false;
};

} // namespace rtcroom::embedded
