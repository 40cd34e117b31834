#include "embedded/EmbeddedPusher.h"

#include <utility>

// The preview, cameras and screens.
namespace rtcroom::embedded {

using engine::Completion;
using engine::EngineException;
using engine::Error;
using engine::ErrorCode;
using engine::SourceKind;
namespace event = engine::event;

namespace {

bool hasDesktop() {
    try {
        return window::Desktop::open() != nullptr;
    } catch (const EngineException &) {
        return false;
    }
}

/// What is told beside the error of the call; nothing of sources that are no devices.
std::optional<int> failureOf(SourceKind kind, ErrorCode code) {
    if (code == ErrorCode::Aborted)
        return std::nullopt;
    if (kind == SourceKind::Camera)
        return code == ErrorCode::DeviceOccupied ? event::PUSH_ERR_CAMERA_OCCUPY : event::PUSH_ERR_OPEN_CAMERA_FAIL;
    if (kind == SourceKind::Screen)
        return code == ErrorCode::Unsupported || !hasDesktop() ? event::PUSH_ERR_SCREEN_CAPTURE_UNSUPPORTED
                                                               : event::PUSH_ERR_SCREEN_CAPTURE_START_FAIL;
    return std::nullopt;
}

} // namespace

void EmbeddedPusher::startPreview(const engine::VideoSourceOptions &options, Completion done) {
    noteVideo(options.kind);
    life_.runOnControl(
        [this, options, stops = pipeline_.videoStops()] {
            // First, so that a window that is none leaves the source as it was.
            renderer_.check(options.windowHandle);
            openVideo(options, stops);
            renderer_.attachChecked(options.windowHandle);
            pipeline_.setPreviewing(renderer_.attached());
        },
        std::move(done));
}

void EmbeddedPusher::stopPreview(Completion done) {
    life_.throwIfClosed();
    noteVideo(std::nullopt);
    pipeline_.interruptVideo();
    life_.runOnControl(
        [this] {
            closeVideo();
            renderer_.detach();
            pipeline_.setPreviewing(false);
        },
        std::move(done));
}

void EmbeddedPusher::updatePreview(uint64_t windowHandle) {
    life_.throwIfClosed();
    renderer_.check(windowHandle);
    // In turn: a startPreview or stopPreview may still wait for its own.
    life_.runOnControl(
        [this, windowHandle] {
            renderer_.attachChecked(windowHandle);
            pipeline_.setPreviewing(renderer_.attached());
        },
        [this](const std::optional<Error> &error) {
            if (error && error->code != ErrorCode::Aborted)
                emit(event::PUSH_WARNING_WINDOW_LOST, error->message);
        });
}

void EmbeddedPusher::noteVideo(std::optional<SourceKind> kind) {
    const std::lock_guard lock(mutex_);
    previewKind_ = kind;
}

void EmbeddedPusher::openVideo(const engine::VideoSourceOptions &options, uint64_t stops) {
    ScreenTarget target;
    {
        const std::lock_guard lock(mutex_);
        target = screenTarget_;
    }
    try {
        pipeline_.openVideo(options, target, stops);
    } catch (const EngineException &failure) {
        // A camera that could not be opened anew is closed.
        if (videoKind_ == SourceKind::Camera && !pipeline_.hasVideo())
            closeVideo();
        const auto code = failureOf(options.kind, failure.error().code);
        if (!code)
            throw;
        emit(*code, failure.what());
        throw EngineException(failure.error().code, failure.what(), *code);
    }
    if (std::exchange(videoKind_, options.kind) == SourceKind::Camera && options.kind != SourceKind::Camera)
        emit(event::PUSH_EVT_CAMERA_CLOSED);
    if (options.kind == SourceKind::Camera)
        emit(event::PUSH_EVT_OPEN_CAMERA_SUCC);
}

void EmbeddedPusher::closeVideo() {
    pipeline_.closeVideo();
    if (std::exchange(videoKind_, std::nullopt) == SourceKind::Camera)
        emit(event::PUSH_EVT_CAMERA_CLOSED);
}

void EmbeddedPusher::onDeviceGone(SourceKind kind, const std::string &why) {
    emit(kind == SourceKind::Camera ? event::PUSH_EVT_CAMERA_REMOVED : event::PUSH_ERR_SCREEN_CAPTURE_INTERRUPTED, why);
}

std::vector<engine::Device> EmbeddedPusher::enumCameras() {
    life_.throwIfClosed();
    return cameras_.list();
}

void EmbeddedPusher::switchCamera(int index) {
    life_.throwIfClosed();
    cameraAt(cameras_.list(), index);
    {
        const std::lock_guard lock(mutex_);
        if (previewKind_ != SourceKind::Camera)
            throw EngineException(ErrorCode::InvalidState,
                                  "no camera is open; choose one with startPreview({ source: 'camera', camera })");
    }
    // What fails is an event: the camera before goes on.
    life_.runOnControl(
        [this, index, stops = pipeline_.videoStops()] {
            // Its startPreview failed.
            if (videoKind_ != SourceKind::Camera)
                return;
            engine::VideoSourceOptions options;
            options.kind = SourceKind::Camera;
            options.camera = index;
            openVideo(options, stops);
        },
        {});
}

std::vector<engine::ScreenCaptureSource> EmbeddedPusher::getScreenCaptureSources(const engine::Size &thumbnail) {
    life_.throwIfClosed();
    engine::checkThumbnail(thumbnail);
    return listScreenSources(thumbnail);
}

void EmbeddedPusher::selectScreenCaptureTarget(const std::string &id, const engine::Rect &region,
                                               const engine::ScreenCaptureProperty &property) {
    life_.throwIfClosed();
    ScreenTarget target = screenTargetOf(id, region);
    target.cursor = property.captureMouse;
    setScreenTarget(target);
}

void EmbeddedPusher::setScreenCaptureParam(uint64_t windowHandle, const engine::Rect &region, bool follow) {
    life_.throwIfClosed();
    if (!windowHandle)
        return setScreenTarget(screenTargetOf({}, region));
    ScreenTarget target = screenTargetOf("window:" + std::to_string(windowHandle), follow ? region : engine::Rect{});
    target.atItsPlace = follow;
    setScreenTarget(target);
}

void EmbeddedPusher::setScreenTarget(const ScreenTarget &target) {
    {
        const std::lock_guard lock(mutex_);
        screenTarget_ = target;
    }
    // What fails is an event: what was captured before goes on.
    life_.runOnControl(
        [this, stops = pipeline_.videoStops()] {
            if (videoKind_ != SourceKind::Screen)
                return;
            engine::VideoSourceOptions options;
            options.kind = SourceKind::Screen;
            openVideo(options, stops);
        },
        {});
}

} // namespace rtcroom::embedded
