#include "embedded/encode/VideoWorker.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "embedded/capture/I420Frame.h"
#include "embedded/media/Codecs.h"
#include "embedded/media/WindowPicture.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::Error;
using engine::ErrorCode;

namespace {

// Without pictures the last one goes out this often, so that servers and players see that the stream lives.
// Below the default VideoBlockThreshold, so that players do not take it for a picture that stands still.
constexpr int64_t KEEP_ALIVE_US = 500'000;

} // namespace

VideoWorker::VideoWorker(const PushPipeline::Callbacks &callbacks, SnapshotWorker &snapshots,
                         const VideoSettings &settings)
    : callbacks_(callbacks), snapshots_(snapshots), outgoing_(callbacks.onOutgoingPicture), settings_(settings),
      relay_(callbacks, {.watched = [this] { return isLookedAt(); },
                         .show = [this](AVFrame &picture) { show(picture); },
                         .stopped = [this] { return stopping_.load(); }}) {}

VideoWorker::~VideoWorker() {
    stop();
    setSource(nullptr);
}

void VideoWorker::start(int64_t epochUs) {
    {
        const std::lock_guard lock(mutex_);
        if (running_)
            return;
        encoding_ = true;
        epochUs_ = epochUs;
        firstReported_ = false;
        hardwareFailed_ = false;
        lastKeyDtsMs_ = -1;
        counters_.gopMs = 0;
    }
    launch();
}

void VideoWorker::startPreview() {
    {
        const std::lock_guard lock(mutex_);
        if (running_)
            return;
        encoding_ = false;
    }
    launch();
}

void VideoWorker::launch() {
    {
        const std::lock_guard lock(mutex_);
        running_ = true;
        stopping_ = false;
        seam_ = true;
        failed_ = false;
        ++revision_;
    }
    thread_ = std::thread([this] { run(); });
}

void VideoWorker::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        running_ = false;
        ++revision_;
        changed_.notify_all();
    }
    if (thread_.joinable())
        thread_.join();
}

void VideoWorker::setSource(std::shared_ptr<VideoSource> source) {
    std::shared_ptr<VideoSource> old;
    {
        const std::lock_guard lock(mutex_);
        old = std::exchange(source_, source);
        encoded_ = std::dynamic_pointer_cast<EncodedVideoSource>(source);
        seam_ = true;
        failed_ = false;
        arrived_ = false;
        ++revision_;
        changed_.notify_all();
    }
    if (old)
        old->onArrival({});
    if (source)
        source->onArrival([this] {
            const std::lock_guard lock(mutex_);
            arrived_ = true;
            changed_.notify_all();
        });
}

void VideoWorker::requestKeyFrame() {
    bool relays = false;
    {
        const std::lock_guard lock(mutex_);
        keyFrameWanted_ = true;
        relays = encoded_ && encoding_ && running_ && !paused_;
    }
    if (relays)
        relay_.wantKeyFrame();
}

void VideoWorker::setSettings(const VideoSettings &settings) {
    const std::lock_guard lock(mutex_);
    if (settings.fps != settings_.fps) {
        seam_ = true;
        ++revision_;
    }
    if (settings.width != settings_.width || settings.height != settings_.height || settings.fps != settings_.fps)
        failed_ = false;
    settings_ = settings;
    changed_.notify_all();
}

VideoSettings VideoWorker::settings() const {
    const std::lock_guard lock(mutex_);
    return settings_;
}

void VideoWorker::adapt(const VideoAdaptation &adaptation) {
    const std::lock_guard lock(mutex_);
    const int before = pace();
    if (adaptation_ && adaptation.size != adaptation_->size)
        failed_ = false;
    adaptation_ = adaptation;
    if (pace() != before) {
        paceChanged_ = true;
        ++revision_;
    }
    changed_.notify_all();
}

VideoAdaptation VideoWorker::adaptation() const {
    const std::lock_guard lock(mutex_);
    const VideoSettings settings = adaptedSettings();
    const engine::Size relayed = encoded_ ? relay_.size() : engine::Size{};
    return {settings.bitrateKbps, pace(), relayed.width > 0 ? relayed : engine::Size{settings.width, settings.height}};
}

VideoSettings VideoWorker::adaptedSettings() const {
    VideoSettings out = settings_;
    if (adaptation_) {
        out.bitrateKbps = adaptation_->bitrateKbps;
        out.width = adaptation_->size.width;
        out.height = adaptation_->size.height;
    }
    return out;
}

void VideoWorker::setPaused(bool paused) {
    const std::lock_guard lock(mutex_);
    if (paused_ == paused)
        return;
    paused_ = paused;
    seam_ = true;
    ++revision_;
    changed_.notify_all();
}

VideoWorker::Counters VideoWorker::counters() const {
    const std::lock_guard lock(mutex_);
    return counters_;
}

void VideoWorker::countDropped(uint64_t dropped) {
    const std::lock_guard lock(mutex_);
    counters_.dropped += dropped;
}

void VideoWorker::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        const Turn turn = awaitTurn(lock);
        if (turn == Turn::Stop)
            break;
        if (turn == Turn::Again)
            continue;
        lock.unlock();
        std::optional<Error> error;
        try {
            turn == Turn::Encoded ? relay() : takePicture(turn);
        } catch (const EngineException &failure) {
            error = failure.error();
        } catch (const std::exception &failure) {
            error = Error{ErrorCode::Internal, failure.what()};
        }
        if (error)
            encoder_.reset();
        lock.lock();
        counters_.encoding = 0;
        if (error) {
            failed_ = true;
            lock.unlock();
            callbacks_.onError(MediaKind::Video, *error);
            lock.lock();
        }
    }
    lock.unlock();
    encoder_.reset();
}

VideoWorker::Turn VideoWorker::awaitTurn(std::unique_lock<std::mutex> &lock) {
    changed_.wait(lock, [this] { return !running_ || (source_ && !failed_); });
    if (!running_)
        return Turn::Stop;
    if (std::exchange(paceChanged_, false) && !seam_) {
        gridStartUs_ = dueUs_;
        gridIndex_ = 1;
        nextSlotUs_ = dueUs_ + periodUs();
    }
    if (std::exchange(seam_, false)) {
        gridStartUs_ = engine::clockMicros();
        gridIndex_ = 0;
        nextSlotUs_ = gridStartUs_;
        lastPictureUs_ = gridStartUs_;
        lastCardUs_ = -1;
        endReported_ = false;
        keyFrameWanted_ = true;
        relayBegins_ = true;
    }
    if (paused_)
        return awaitCard(lock);
    if (encoded_)
        return awaitEncoded(lock);
    return source_->arrivesByItself() ? awaitArrival(lock) : awaitDue(lock);
}

VideoWorker::Turn VideoWorker::awaitCard(std::unique_lock<std::mutex> &lock) {
    if (lastCardUs_ >= 0 && !waitUntil(lock, lastCardUs_ + KEEP_ALIVE_US))
        return Turn::Again;
    dueUs_ = lastCardUs_ = engine::clockMicros();
    return Turn::Card;
}

VideoWorker::Turn VideoWorker::awaitArrival(std::unique_lock<std::mutex> &lock) {
    const int64_t idleUs = lastPictureUs_ + KEEP_ALIVE_US;
    if (!arrived_) {
        const uint64_t revision = revision_;
        const auto timeout = std::chrono::microseconds(std::max<int64_t>(0, idleUs - engine::clockMicros()));
        changed_.wait_for(lock, timeout, [&] { return arrived_ || revision_ != revision; });
        if (revision_ != revision)
            return Turn::Again;
    }
    if (!arrived_) {
        dueUs_ = engine::clockMicros();
        nextSlotUs_ = dueUs_;
        return Turn::Repeat;
    }
    // Pictures that come faster than the frame rate wait for their slot, the newest wins; half a period is left to
    // the jitter of the application's timers.
    if (!waitUntil(lock, nextSlotUs_ - periodUs() / 2))
        return Turn::Again;
    arrived_ = false;
    dueUs_ = engine::clockMicros();
    nextSlotUs_ = std::max(nextSlotUs_ + periodUs(), dueUs_);
    return Turn::Picture;
}

VideoWorker::Turn VideoWorker::awaitDue(std::unique_lock<std::mutex> &lock) {
    const auto dueAt = [this] { return gridStartUs_ + gridIndex_ * 1'000'000 / pace(); };
    if (!waitUntil(lock, dueAt()))
        return Turn::Again;
    const int64_t late = engine::clockMicros() - dueAt();
    if (late > periodUs()) {
        const int64_t skipped = late / periodUs();
        gridIndex_ += skipped;
        counters_.dropped += static_cast<uint64_t>(skipped);
    }
    dueUs_ = dueAt();
    ++gridIndex_;
    return Turn::Picture;
}

// False when something changed meanwhile.
bool VideoWorker::waitUntil(std::unique_lock<std::mutex> &lock, int64_t clockUs) {
    const uint64_t revision = revision_;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::microseconds(clockUs - engine::clockMicros());
    return !changed_.wait_until(lock, deadline, [&] { return revision_ != revision; });
}

void VideoWorker::takePicture(Turn turn) {
    VideoSettings settings;
    std::shared_ptr<VideoSource> source;
    bool keyFrame = false;
    bool encoding = false;
    int pictureRate = 0;
    {
        const std::lock_guard lock(mutex_);
        settings = adaptedSettings();
        pictureRate = pace();
        source = source_;
        encoding = encoding_;
        keyFrame = std::exchange(keyFrameWanted_, false);
        counters_.encoding = 1;
    }
    if (!source)
        return;
    engine::Size size{settings.width, settings.height};
    CapturedPicture picture{nullptr, dueUs_};
    bool ended = false;
    if (turn == Turn::Card) {
        size = cardSize(size);
        settings.width = size.width;
        settings.height = size.height;
        picture.frame = &card(size);
        keyFrame = true;
    } else {
        ended = source->capture(dueUs_, 1'000'000 / pictureRate, size, turn == Turn::Repeat, picture) ==
                CaptureResult::Ended;
        countDropped(source->takeDropped());
    }
    if (ended && !std::exchange(endReported_, true))
        callbacks_.onEndOfSource(MediaKind::Video);
    // After its end the last picture stays, twice a second; so it does while nothing comes.
    const bool idle = ended && dueUs_ < lastPictureUs_ + KEEP_ALIVE_US;
    if (!picture.frame || idle) {
        const std::lock_guard lock(mutex_);
        keyFrameWanted_ = keyFrameWanted_ || keyFrame;
        lastPictureUs_ = picture.frame ? lastPictureUs_ : dueUs_;
        return;
    }
    lastPictureUs_ = dueUs_;
    if (turn != Turn::Card)
        picture.frame = effects_.beautify(*picture.frame);
    if (previewing_ && callbacks_.onPreview)
        if (auto shown = windowPicture(*picture.frame))
            callbacks_.onPreview(std::move(*shown));
    if (!encoding)
        return;
    if (turn != Turn::Card) {
        {
            const std::lock_guard lock(mutex_);
            ++counters_.captured;
        }
        if (!std::exchange(firstReported_, true))
            callbacks_.onFirstFrame();
        if (callbacks_.admitsPicture && !callbacks_.admitsPicture()) {
            const std::lock_guard lock(mutex_);
            keyFrameWanted_ = keyFrameWanted_ || keyFrame;
            ++counters_.skipped;
            return;
        }
    }
    if (turn != Turn::Card) {
        if (mirrored_)
            picture.frame = &mirror(*picture.frame);
        picture.frame = effects_.mark(*picture.frame);
    }
    offerSnapshot(*picture.frame);
    outgoing_.offer(*picture.frame, streamTimeMs(picture.captureUs), picture.captureUs);
    encodeWith(settings, pictureRate, picture, keyFrame);
}

void VideoWorker::encodeWith(const VideoSettings &settings, int pace, const CapturedPicture &picture, bool keyFrame) {
    if (settings.hardware != encoderSettings_.hardware)
        hardwareFailed_ = false;
    try {
        prepareEncoder(settings, pace);
        encode(*picture.frame, picture.captureUs, keyFrame);
    } catch (const EngineException &failure) {
        if (!encoder_ || !encoder_->onHardware())
            throw;
        failHardware(failure.error().message);
        prepareEncoder(settings, pace);
        encode(*picture.frame, picture.captureUs, true);
    }
}

void VideoWorker::failHardware(const std::string &reason) {
    hardwareFailed_ = true;
    encoder_.reset();
    if (callbacks_.onHardwareFailed)
        callbacks_.onHardwareFailed(reason);
}

void VideoWorker::prepareEncoder(const VideoSettings &settings, int pace) {
    const VideoSettings &old = encoderSettings_;
    if (!encoder_ || settings.width != old.width || settings.height != old.height || settings.fps != old.fps ||
        settings.gopSeconds != old.gopSeconds || settings.hardware != old.hardware) {
        encoder_.reset();
        VideoSettings opened = settings;
        opened.hardware = settings.hardware && !hardwareFailed_;
        encoder_ = std::make_unique<VideoEncoder>(opened);
        if (opened.hardware && !encoder_->onHardware()) {
            hardwareFailed_ = true;
            if (callbacks_.onHardwareFailed)
                callbacks_.onHardwareFailed("no " + std::string(codecName(settings.codec)) +
                                            " encoder on hardware opened; " + encoder_->name() + " encodes");
        }
        encoder_->setBitrate(settings.bitrateKbps, pace);
        lastKeyUs_ = 0;
        {
            const std::lock_guard lock(mutex_);
            counters_.encoderName = encoder_->name();
        }
        callbacks_.onVideoEncoderStarted(settings, encoder_->name());
        // Pictures that were relayed may be shown later than now.
        lastDtsMs_ = std::max(lastDtsMs_, std::exchange(lastPtsMs_, -1));
        callbacks_.onPacket(encoder_->config(streamTimeMs(dueUs_)));
    } else if (settings.bitrateKbps != old.bitrateKbps || pace != encoderPace_) {
        encoder_->setBitrate(settings.bitrateKbps, pace);
    }
    encoderSettings_ = settings;
    encoderPace_ = pace;
}

void VideoWorker::encode(const AVFrame &picture, int64_t captureUs, bool keyFrame) {
    // By time as well as by the encoder's count: pictures may come slower than the frame rate.
    const auto gopUs = static_cast<int64_t>(encoderSettings_.gopSeconds * 1e6);
    const bool gopOver = captureUs - lastKeyUs_ >= gopUs - 500'000 / encoderSettings_.fps;
    const int64_t dtsMs = streamTimeMs(captureUs);
    lastDtsMs_ = dtsMs;
    encoder_->encode(picture, dtsMs, keyFrame || gopOver, [&](EncodedPacket packet) {
        const int64_t keyBeforeMs = lastKeyDtsMs_;
        if (packet.keyFrame) {
            lastKeyUs_ = captureUs;
            lastKeyDtsMs_ = packet.dtsMs;
        }
        packet.captureUs = captureUs;
        {
            const std::lock_guard lock(mutex_);
            if (packet.keyFrame && keyBeforeMs >= 0)
                counters_.gopMs = packet.dtsMs - keyBeforeMs;
            ++counters_.encoded;
            counters_.bytes += packet.data->size();
        }
        callbacks_.onPacket(std::move(packet));
    });
}

// Dark, with the two bars of a pause sign.
const AVFrame &VideoWorker::card(engine::Size size) {
    if (card_ && card_->width == size.width && card_->height == size.height)
        return *card_;
    card_ = makeI420Frame(size);
    const ptrdiff_t strides[4] = {card_->linesize[0], card_->linesize[1], card_->linesize[2], 0};
    av_image_fill_black(card_->data, strides, AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG, size.width, size.height);
    const int side = std::min(size.width, size.height);
    for (const int left : {size.width / 2 - side / 8, size.width / 2 + side / 24})
        for (int y = size.height / 2 - side / 8; y < size.height / 2 + side / 8; ++y)
            std::memset(card_->data[0] + static_cast<ptrdiff_t>(y) * card_->linesize[0] + left, 70,
                        static_cast<size_t>(side / 12));
    return *card_;
}

const AVFrame &VideoWorker::mirror(const AVFrame &picture) {
    if (!mirrorImage_ || mirrorImage_->width != picture.width || mirrorImage_->height != picture.height)
        mirrorImage_ = makeI420Frame({picture.width, picture.height});
    // The encoder may still hold the one before.
    makeWritable(*mirrorImage_);
    mirrorImage_->color_range = picture.color_range;
    mirrorImage_->colorspace = picture.colorspace;
    for (int plane = 0; plane < 3; ++plane) {
        const int width = plane == 0 ? picture.width : (picture.width + 1) / 2;
        const int height = plane == 0 ? picture.height : (picture.height + 1) / 2;
        for (int y = 0; y < height; ++y) {
            const uint8_t *from = picture.data[plane] + static_cast<ptrdiff_t>(y) * picture.linesize[plane];
            std::reverse_copy(from, from + width,
                              mirrorImage_->data[plane] + static_cast<ptrdiff_t>(y) * mirrorImage_->linesize[plane]);
        }
    }
    return *mirrorImage_;
}

void VideoWorker::offerSnapshot(const AVFrame &picture) {
    if (!snapshots_.waits())
        return;
    // A copy: the source's buffer is valid until its next picture.
    const FramePtr copy = makeI420Frame({picture.width, picture.height});
    copy->color_range = picture.color_range;
    copy->colorspace = picture.colorspace;
    if (av_frame_copy(copy.get(), &picture) >= 0)
        snapshots_.offer(*copy);
}

} // namespace rtcroom::embedded
