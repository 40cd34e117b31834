#include "embedded/encode/VideoCapture.h"

#include <utility>

#include "embedded/capture/DeviceVideoSource.h"
#include "embedded/capture/FileSource.h"
#include "embedded/capture/ImageVideoSource.h"
#include "embedded/capture/SyntheticVideoSource.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;
using engine::SourceKind;
using Abort = std::shared_ptr<std::atomic<bool>>;

namespace {

/// Devices take their time.
bool opensSlowly(SourceKind kind) { return kind == SourceKind::Camera || kind == SourceKind::Screen; }

} // namespace

void VideoCapture::open(const engine::VideoSourceOptions &options, const ScreenTarget &screen,
                        std::optional<uint64_t> stops, const AudioSettings &sound) {
    const SourceOpening::Video opening(context_.opening, stops);
    if (opening.stopped() && opensSlowly(options.kind))
        throw EngineException(ErrorCode::Aborted, "the preview was stopped before its source was open");
    struct Coming {
        VideoCapture &self;
        ~Coming() {
            const std::lock_guard lock(self.mutex_);
            self.encodedComes_ = false;
        }
    } const coming{*this};
    std::shared_ptr<VideoSource> source;
    std::shared_ptr<MediaFile> file;
    std::string cameraId;
    switch (options.kind) {
    case SourceKind::Synthetic:
        source = std::make_shared<SyntheticVideoSource>();
        break;
    case SourceKind::User:
        source = userSource(options.userFormat);
        break;
    case SourceKind::File:
        file = context_.files.open(options.path, options.loop, MediaKind::Video, sound.sampleRate, sound.channels);
        source = std::make_shared<FileVideoSource>(file);
        break;
    case SourceKind::Image:
        source = context_.opening.run(
            [&](const Abort &abort) { return std::make_shared<ImageVideoSource>(options.path, *abort); });
        break;
    case SourceKind::Camera: {
        const engine::Device camera = findCamera(options.camera);
        // It would be occupied by ourselves.
        if (camera.id == cameraId_)
            close();
        source = openCamera(camera);
        cameraId = camera.id;
        break;
    }
    case SourceKind::Screen:
        source = openScreen(screen);
        break;
    default:
        throwUnsupportedSource();
    }
    setSource(std::move(source));
    context_.files.set(MediaKind::Video, std::move(file));
    cameraId_ = std::move(cameraId);
}

void VideoCapture::close() {
    setSource(nullptr);
    context_.files.set(MediaKind::Video, nullptr);
    cameraId_.clear();
}

engine::Device VideoCapture::findCamera(int number) {
    return context_.opening.run([&](const Abort &abort) {
        return cameraAt(cameras_.list({abort, callbacks_.whileOpening}), number);
    });
}

std::shared_ptr<VideoSource> VideoCapture::openCamera(const engine::Device &camera) {
    const VideoSettings wanted = worker_.settings();
    const engine::Size size{wanted.width, wanted.height};
    const int fps = wanted.fps;
    return context_.opening.run([&](const Abort &abort) {
        // A source may outlive this, in the worker.
        const auto onGone = [&callbacks = callbacks_](const std::string &why) {
            if (callbacks.onDeviceGone)
                callbacks.onDeviceGone(SourceKind::Camera, why);
        };
        const auto onBack = [&callbacks = callbacks_] {
            if (callbacks.onCameraBack)
                callbacks.onCameraBack();
        };
        const auto reopen = [cameras = cameras_, camera, size, fps, abort]() -> std::unique_ptr<DeviceInput> {
            // It may have got another file; two of one name are told apart by it.
            const std::vector<engine::Device> found = cameras.list({abort});
            for (const auto &key : {&engine::Device::id, &engine::Device::name})
                for (const engine::Device &each : found)
                    if (each.*key == camera.*key)
                        return cameras.open(each, size, fps, {abort});
            return nullptr;
        };
        const DeviceWait wait{abort, callbacks_.whileOpening};
        return std::make_shared<DeviceVideoSource>(cameras_.open(camera, size, fps, wait),
                                                   DeviceVideoSource::Callbacks{onGone, onBack, reopen}, wait);
    });
}

std::shared_ptr<VideoSource> VideoCapture::openScreen(const ScreenTarget &target) {
    return context_.opening.run([&](const Abort &abort) {
        const auto onGone = [&callbacks = callbacks_](const std::string &why) {
            if (callbacks.onDeviceGone)
                callbacks.onDeviceGone(SourceKind::Screen, why);
        };
        const DeviceWait wait{abort, callbacks_.whileOpening};
        return std::make_shared<DeviceVideoSource>(std::make_unique<ScreenInput>(target, abort),
                                                   DeviceVideoSource::Callbacks{onGone}, wait);
    });
}

std::shared_ptr<VideoSource> VideoCapture::userSource(engine::UserVideoFormat format) {
    if (format != engine::UserVideoFormat::H264)
        return std::make_shared<UserVideoSource>(context_.userClock);
    if (worker_.settings().codec != CodecId::H264)
        throw EngineException(ErrorCode::InvalidArgument,
                              "H.264 cannot go into a stream of another codec; leave the pusher's videoCodec out");
    const std::lock_guard lock(mutex_);
    if (const char *effect = worker_.changesPictures())
        throw EngineException(ErrorCode::InvalidState, std::string("H.264 of the application goes out as it is, and ") +
                                                           effect + " is on; turn it off first");
    encodedComes_ = true;
    return std::make_shared<EncodedVideoSource>(context_.userClock);
}

void VideoCapture::requireRaw(const char *what) const {
    const std::lock_guard lock(mutex_);
    checkRaw(what);
}

void VideoCapture::checkRaw(const char *what) const {
    if (encodedComes_ || encoded_)
        throw EngineException(ErrorCode::InvalidState, std::string("H.264 of the application goes out as it is; ") +
                                                           what + " needs pictures that are encoded here");
}

void VideoCapture::setSource(std::shared_ptr<VideoSource> source) {
    if (source && running_)
        source->setRunning(true);
    worker_.setSource(source);
    {
        const std::lock_guard lock(mutex_);
        // The one before ends without the lock: a camera takes its time.
        source_.swap(source);
        user_ = std::dynamic_pointer_cast<UserVideoSource>(source_);
        encoded_ = std::dynamic_pointer_cast<EncodedVideoSource>(source_);
    }
    updatePreview();
}

void VideoCapture::setRunning(bool running) {
    running_ = running;
    if (source_)
        source_->setRunning(running);
}

void VideoCapture::setPreviewing(bool previewing) {
    previewing_ = previewing;
    worker_.setPreviewing(previewing);
    updatePreview();
}

void VideoCapture::updatePreview() {
    if (running_)
        return;
    const bool wanted = previewing_ && source_ && source_->previewsAlone();
    if (source_)
        source_->setRunning(wanted);
    if (wanted)
        worker_.startPreview();
    else
        worker_.stop();
}

void VideoCapture::send(const engine::UserVideo &video) {
    std::shared_ptr<UserVideoSource> target;
    std::shared_ptr<EncodedVideoSource> encoded;
    {
        const std::lock_guard lock(mutex_);
        target = user_;
        encoded = encoded_;
    }
    if (encoded)
        return encoded->send(video);
    if (!target)
        throw EngineException(ErrorCode::InvalidState,
                              "the preview does not take the application's pictures; start it with the source 'user'");
    if (video.format == engine::UserVideoFormat::H264)
        throw EngineException(ErrorCode::InvalidState, "the preview takes the application's raw pictures; start it "
                                                       "with { source: 'user', format: 'h264' }");
    target->send(video);
}

bool VideoCapture::any() const {
    const std::lock_guard lock(mutex_);
    return source_ != nullptr;
}

} // namespace rtcroom::embedded
