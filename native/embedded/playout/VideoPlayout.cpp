#include "embedded/playout/VideoPlayout.h"

#include <algorithm>
#include <cstdlib>

#include "embedded/media/SeiMessages.h"
#include "embedded/media/TimeStampSei.h"
#include "embedded/media/WindowPicture.h"

namespace rtcroom::embedded {

namespace {

constexpr size_t maxMessages = 256;
// A picture's time is the stream's word; one that is further ahead than any reordering is not believed.
constexpr double maxEarlyMs = 1000;
// A capture that is longer ago, or ahead, is of another time or from a clock that was never set.
constexpr int64_t maxLatencyUs = 3'600'000'000;

} // namespace

VideoPlayout::VideoPlayout(const PlayPipeline::Callbacks &callbacks, SnapshotWorker &snapshots, PlayoutFeed &feed,
                           DecoderLookup lookup)
    : callbacks_(callbacks), snapshots_(snapshots), feed_(feed), decoder_(std::move(lookup)),
      sink_([this](AVFrame &frame) { show(frame); }) {}

void VideoPlayout::start() {
    await_ = Await::Config;
    lost_ = false;
    firstSeen_ = proven_ = false;
    unwatched_.clear();
    shownWidth_ = shownHeight_ = 0;
    freezes_ = {};
    messages_.clear();
    captureTimesUs_.clear();
    decoder_.flush();
    thread_ = std::thread([this] { run(); });
}

void VideoPlayout::stop() {
    if (thread_.joinable())
        thread_.join();
}

void VideoPlayout::setPaused(bool paused) {
    paused_ = paused;
    interrupted_ = true;
}

void VideoPlayout::report(PlayPipeline::Stats &stats) const {
    stats.picturesPlayed = played_;
    stats.videoDropped = dropped_;
    stats.width = width_;
    stats.height = height_;
    stats.lastVideoPtsMs = lastPtsMs_;
    stats.decoderHolds = held_;
    const std::lock_guard lock(latencyMutex_);
    stats.timedPictures = timedPictures_;
    stats.latencySumUs = latencySumUs_;
}

void VideoPlayout::run() {
    while (const auto entry = feed_.pop(MediaKind::Video)) {
        try {
            handle(*entry);
        } catch (const DecoderMissing &missing) {
            if (callbacks_.onDecoderMissing)
                callbacks_.onDecoderMissing(missing.codec(), missing.what());
        } catch (const std::exception &error) {
            reportError(error.what());
        }
        held_ = static_cast<int>(decoder_.held());
    }
}

void VideoPlayout::handle(const PacketQueue::Entry &entry) {
    switch (entry.kind) {
    case PacketQueue::Entry::Kind::Watcher:
        if (unwatched_.active() && watched())
            catchUp();
        return;
    case PacketQueue::Entry::Kind::Gap:
        unwatched_.clear();
        decoder_.flush();
        if (await_ == Await::Nothing)
            await_ = Await::KeyFrame;
        return;
    case PacketQueue::Entry::Kind::Discontinuity:
        await_ = Await::Config;
        lost_ = false;
        unwatched_.clear();
        decoder_.drain(sink_);
        firstSeen_ = proven_ = false;
        return;
    case PacketQueue::Entry::Kind::Unit:
        if (entry.packet.isConfig)
            configure(entry.packet);
        else
            decode(entry);
    }
}

void VideoPlayout::configure(const EncodedPacket &packet) {
    // Until this configuration is known to be good, pictures must not be decoded with the one before.
    await_ = Await::Config;
    static const Bytes none;
    messages_.clear();
    captureTimesUs_.clear();
    unwatched_.clear();
    if (decoder_.configure(packet.codec, packet.data ? *packet.data : none, sink_)) {
        proven_ = false;
        if (callbacks_.onVideoDecoderStarted)
            callbacks_.onVideoDecoderStarted(decoder_.name());
    }
    await_ = Await::KeyFrame;
}

void VideoPlayout::decode(const PacketQueue::Entry &entry) {
    const EncodedPacket &packet = entry.packet;
    freezes_.noteStep(entry.stepMs);
    decodingDtsMs_ = packet.dtsMs;
    mediaShiftMs_ = entry.mediaMs - static_cast<double>(packet.dtsMs);
    if (await_ == Await::Config || (await_ == Await::KeyFrame && !packet.keyFrame)) {
        if (lost_)
            ++dropped_;
        return;
    }
    await_ = Await::Nothing;
    keepSei(packet);
    if (packet.keyFrame && proven_ && !watched()) {
        if (!unwatched_.active()) {
            decoder_.drain(sink_);
            snapshots_.forgetLast();
        }
        unwatched_.begin(packet);
        return notePicture(packet.ptsMs(), engine::clockMicros());
    }
    if (packet.keyFrame)
        unwatched_.clear();
    if (unwatched_.active()) {
        if (!watched() && unwatched_.keep(packet))
            return notePicture(packet.ptsMs(), engine::clockMicros());
        catchUp();
    }
    decodeUnit(packet, sink_);
}

void VideoPlayout::decodeUnit(const EncodedPacket &unit, const VideoDecoder::Sink &sink) {
    try {
        decoder_.decode(unit, sink);
        lost_ = false;
    } catch (const std::exception &) {
        ++dropped_;
        lost_ = true;
        await_ = Await::KeyFrame;
        throw;
    }
}

bool VideoPlayout::watched() const {
    return (output_.wanted() && callbacks_.onVideoFrame) ||
           (callbacks_.onPicture && callbacks_.pictureWanted && callbacks_.pictureWanted()) || snapshots_.waits();
}

void VideoPlayout::catchUp() {
    const FramePtr newest{av_frame_alloc()};
    decoder_.flush();
    for (const EncodedPacket &unit : unwatched_.take()) {
        if (feed_.closed())
            return;
        decodeUnit(unit, [&](AVFrame &frame) {
            av_frame_unref(newest.get());
            av_frame_move_ref(newest.get(), &frame);
        });
    }
    // The time that this took is no freeze of the stream's.
    freezes_.interrupt();
    if (newest->buf[0] && !paused_)
        present(*newest, engine::clockMicros());
}

void VideoPlayout::show(AVFrame &frame) {
    // A picture that comes out before its time, as without reordering but with a constant offset.
    if (frame.pts > decodingDtsMs_ &&
        !feed_.waitUntilDue(MediaKind::Video, static_cast<double>(frame.pts) + mediaShiftMs_,
                            std::min(static_cast<double>(frame.pts - decodingDtsMs_), maxEarlyMs)))
        return;
    const int64_t decodedAtUs = engine::clockMicros();
    if (paused_)
        return;
    notePicture(frame.pts, decodedAtUs);
    proven_ = true;
    if (!firstSeen_) {
        firstSeen_ = true;
        if (callbacks_.onFirstIFrame)
            callbacks_.onFirstIFrame();
    }
    if (frame.width != shownWidth_ || frame.height != shownHeight_) {
        width_ = shownWidth_ = frame.width;
        height_ = shownHeight_ = frame.height;
        if (callbacks_.onResolution)
            callbacks_.onResolution(frame.width, frame.height);
    }
    present(frame, decodedAtUs);
}

void VideoPlayout::notePicture(int64_t ptsMs, int64_t shownAtUs) {
    if (paused_)
        return;
    ++played_;
    watchLag(shownAtUs);
    lastPtsMs_ = ptsMs;
    noteLatency(ptsMs);
    tellMessages(ptsMs);
}

void VideoPlayout::present(AVFrame &frame, int64_t decodedAtUs) {
    if (callbacks_.onPicture && callbacks_.pictureWanted && callbacks_.pictureWanted())
        render(frame);
    if (output_.wanted() && callbacks_.onVideoFrame) {
        try {
            if (auto picture = output_.take(frame, frame.pts)) {
                picture->decodedAtUs = decodedAtUs;
                callbacks_.onVideoFrame(std::move(*picture));
            }
        } catch (const std::exception &error) {
            // The decoder's state is sound; only this picture is lost.
            ++dropped_;
            reportError(error.what());
        }
    }
    snapshots_.offer(frame);
}

void VideoPlayout::watchLag(int64_t shownAtUs) {
    if (interrupted_.exchange(false))
        freezes_.interrupt();
    const auto stoodMs = freezes_.shown(static_cast<double>(shownAtUs) / 1000, blockThresholdMs_);
    if (stoodMs && callbacks_.onVideoLag)
        callbacks_.onVideoLag(static_cast<int64_t>(*stoodMs));
}

void VideoPlayout::keepSei(const EncodedPacket &packet) {
    if (!packet.data)
        return;
    for (const SeiPayload &payload : seiPayloads(packet.codec, *packet.data)) {
        if (const auto takenUs = timeStampUs(packet.codec, payload))
            captureTimesUs_[packet.ptsMs()] = *takenUs;
        else if (auto text = messagesEnabled_ ? messageOf(packet.codec, payload) : std::nullopt)
            messages_.emplace(packet.ptsMs(), std::move(*text));
    }
    // Of pictures that never came out.
    while (messages_.size() > maxMessages)
        messages_.erase(messages_.begin());
    while (captureTimesUs_.size() > maxMessages)
        captureTimesUs_.erase(captureTimesUs_.begin());
}

void VideoPlayout::noteLatency(int64_t ptsMs) {
    const auto own = captureTimesUs_.find(ptsMs);
    if (own != captureTimesUs_.end()) {
        const int64_t latencyUs = engine::wallClockMicros() - own->second;
        if (std::abs(latencyUs) <= maxLatencyUs) {
            const std::lock_guard lock(latencyMutex_);
            ++timedPictures_;
            latencySumUs_ += latencyUs;
        }
    }
    captureTimesUs_.erase(captureTimesUs_.begin(), captureTimesUs_.upper_bound(ptsMs));
}

void VideoPlayout::tellMessages(int64_t ptsMs) {
    while (!messages_.empty() && messages_.begin()->first <= ptsMs) {
        const Bytes text = std::move(messages_.begin()->second);
        messages_.erase(messages_.begin());
        if (messagesEnabled_ && callbacks_.onMessage)
            callbacks_.onMessage({text.begin(), text.end()});
    }
}

void VideoPlayout::render(const AVFrame &frame) {
    try {
        if (auto picture = windowPicture(frame)) {
            callbacks_.onPicture(std::move(*picture));
        } else {
            window::Picture converted = windowPicture(renderConverter_.convert(frame, engine::PixelFormat::I420));
            converted.bt709 = frame.colorspace == AVCOL_SPC_BT709;
            callbacks_.onPicture(std::move(converted));
        }
    } catch (const std::exception &error) {
        reportError(error.what());
    }
}

void VideoPlayout::reportError(const std::string &reason) {
    if (callbacks_.onDecodeError)
        callbacks_.onDecodeError(MediaKind::Video, reason);
}

} // namespace rtcroom::embedded
