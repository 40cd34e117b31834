#include "embedded/encode/VideoWorker.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>

#include "embedded/media/WindowPicture.h"
#include "engine/Frame.h"

// Pictures that come encoded.
namespace rtcroom::embedded {

namespace {

constexpr const char *ENCODER_NAME = "application";

} // namespace

const char *VideoWorker::changesPictures() const {
    return mirrored_ ? "the mirror" : effects_.any() ? "beauty or a watermark" : nullptr;
}

VideoWorker::Turn VideoWorker::awaitEncoded(std::unique_lock<std::mutex> &lock) {
    if (!relayBegins_) {
        const uint64_t revision = revision_;
        changed_.wait(lock, [&] { return arrived_ || revision_ != revision; });
        if (revision_ != revision)
            return Turn::Again;
    }
    arrived_ = false;
    dueUs_ = engine::clockMicros();
    return Turn::Encoded;
}

void VideoWorker::relay() {
    std::shared_ptr<EncodedVideoSource> source;
    bool encoding = false;
    {
        const std::lock_guard lock(mutex_);
        source = encoded_;
        encoding = encoding_;
    }
    if (!source)
        return;
    relayEncoding_ = encoding;
    std::deque<EncodedPicture> pictures = source->take();
    if (std::exchange(relayBegins_, false)) {
        encoder_.reset();
        {
            const std::lock_guard lock(mutex_);
            counters_.encoderName = ENCODER_NAME;
        }
        relay_.begin();
        // Unless it is there already.
        if (encoding && std::ranges::none_of(pictures, [](const auto &each) { return each.unit.keyFrame; }))
            relay_.wantKeyFrame();
    }
    for (const EncodedPicture &picture : pictures) {
        if (stopping_)
            break;
        relayPicture(picture, encoding);
    }
    countDropped(source->takeDropped());
}

void VideoWorker::relayPicture(const EncodedPicture &picture, bool encoding) {
    const int64_t dtsMs = streamTimeMs(picture.dtsUs);
    const EncodedRelay::Result result = relay_.pass(picture, dtsMs, encoding);
    if (result == EncodedRelay::Result::Idle)
        return;
    const bool sent = result == EncodedRelay::Result::Sent;
    const int64_t keyBeforeMs = lastKeyDtsMs_;
    if (sent) {
        lastDtsMs_ = dtsMs;
        lastPtsMs_ = std::max(lastPtsMs_, dtsMs + picture.ctsMs);
        if (picture.unit.keyFrame)
            lastKeyDtsMs_ = dtsMs;
    }
    {
        const std::lock_guard lock(mutex_);
        ++counters_.captured;
        counters_.dropped += result == EncodedRelay::Result::Dropped ? 1 : 0;
        counters_.skipped += result == EncodedRelay::Result::Skipped ? 1 : 0;
        if (sent) {
            ++counters_.encoded;
            counters_.bytes += picture.unit.data.size();
            if (picture.unit.keyFrame && keyBeforeMs >= 0)
                counters_.gopMs = dtsMs - keyBeforeMs;
        }
    }
    if (sent && !std::exchange(firstReported_, true))
        callbacks_.onFirstFrame();
}

bool VideoWorker::isLookedAt() const {
    return (previewing_ && callbacks_.onPreview) || (relayEncoding_ && (snapshots_.waits() || outgoing_.wanted()));
}

void VideoWorker::show(AVFrame &picture) {
    if (previewing_ && callbacks_.onPreview) {
        if (auto shown = windowPicture(picture)) {
            callbacks_.onPreview(std::move(*shown));
        } else {
            window::Picture converted = windowPicture(previewConverter_.convert(picture, engine::PixelFormat::I420));
            converted.bt709 = picture.colorspace == AVCOL_SPC_BT709;
            callbacks_.onPreview(std::move(converted));
        }
    }
    if (!relayEncoding_)
        return;
    outgoing_.offer(picture, picture.pts, epochUs_ + picture.pts * 1000);
    // Last: it takes the picture.
    if (snapshots_.waits())
        snapshots_.offer(picture);
}

engine::Size VideoWorker::cardSize(engine::Size size) const {
    std::shared_ptr<EncodedVideoSource> source;
    {
        const std::lock_guard lock(mutex_);
        source = encoded_;
    }
    if (!source)
        return size;
    // What comes meanwhile is not seen.
    source->take();
    const engine::Size relayed = relay_.size();
    // Of the encoder's bounds: even, and not too small.
    const auto fit = [](int side) { return std::clamp(side & ~1, 64, 4096); };
    return relayed.width > 0 ? engine::Size{fit(relayed.width), fit(relayed.height)} : size;
}

} // namespace rtcroom::embedded
