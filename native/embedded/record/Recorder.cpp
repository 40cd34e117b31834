#include "embedded/record/Recorder.h"

#include <algorithm>
#include <utility>

#include "embedded/media/CodecConfig.h"
#include "embedded/record/PlainMp4.h"

namespace rtcroom::embedded {

namespace {

using engine::EngineException;
using engine::Error;
using engine::ErrorCode;

[[noreturn]] void fail(const char *message) { throw EngineException(ErrorCode::RecordFailed, message); }

} // namespace

Recorder::Recorder(std::string path, OnError onError)
    : path_(std::move(path)), onError_(std::move(onError)), writer_(path_), thread_([this] { run(); }) {}

Recorder::~Recorder() {
    try {
        finish(Finish::Quick);
    } catch (const EngineException &) {
        // The owner let go without asking for the result.
    }
}

void Recorder::push(EncodedPacket packet) { enqueue({false, std::move(packet)}); }

void Recorder::discontinuity() { enqueue({true, {}}); }

void Recorder::enqueue(Item item) {
    const size_t size = item.packet.data ? item.packet.data->size() : 0;
    {
        const std::lock_guard lock(mutex_);
        if (failed_ || overrun_ || finishing_)
            return;
        if (queuedBytes_ + size > maxQueuedBytes) {
            overrun_ = true;
        } else {
            queuedBytes_ += size;
            queue_.push_back(std::move(item));
        }
    }
    changed_.notify_one();
}

void Recorder::finish(Finish how) {
    {
        const std::lock_guard lock(mutex_);
        if (!finishing_)
            finishing_ = how;
    }
    changed_.notify_one();
    if (!thread_.joinable())
        return;
    thread_.join();
    if (finishError_)
        throw EngineException(*finishError_);
}

void Recorder::run() {
    try {
        std::unique_lock lock(mutex_);
        for (;;) {
            const auto due = [this] { return !queue_.empty() || overrun_ || finishing_; };
            changed_.wait_for(lock, std::chrono::milliseconds(fragmentMs), due);
            std::deque<Item> items = std::exchange(queue_, {});
            queuedBytes_ = 0;
            const bool overrun = overrun_;
            const bool last = finishing_.has_value();
            lock.unlock();
            const bool stalled = items.empty();
            for (Item &item : items)
                handle(item);
            if (!writer_.begun() && readyToBegin())
                begin();
            // The stream stands still: do not hold back what came.
            if (stalled && writer_.hasUnflushed()) {
                writer_.flushFragment(lastMs_);
                fragmentStartMs_.reset();
            }
            if (overrun)
                fail("The disk is too slow for the recording; what was written is kept, record to a faster disk");
            if (last) {
                complete();
                return;
            }
            lock.lock();
        }
    } catch (const EngineException &error) {
        failWith(error.error());
    } catch (const std::exception &error) {
        failWith({ErrorCode::RecordFailed, std::string("The recording failed: ") + error.what()});
    }
}

void Recorder::handle(Item &item) {
    if (item.discontinuity) {
        timeline_.discontinuity();
        awaitKeyFrame_ = true;
        held_.clear();
        heldBytes_ = 0;
        heldSince_.reset();
        return;
    }
    if (!item.packet.data || item.packet.data->empty())
        return;
    if (item.packet.isConfig)
        handleConfig(item.packet);
    else
        handleUnit(item.packet);
}

void Recorder::handleConfig(const EncodedPacket &packet) {
    const bool video = packet.kind == MediaKind::Video;
    if (!writer_.begun()) {
        if (!video)
            audioConfig_ = *packet.data;
        else if (!videoConfig_ || *videoConfig_ != *packet.data) {
            videoConfig_ = *packet.data;
            // Units held so far belong to another configuration, or are sound from before the first picture.
            held_.clear();
            heldBytes_ = 0;
            heldSince_.reset();
            awaitKeyFrame_ = true;
        }
        return;
    }
    if (video) {
        if (videoConfig_ && *packet.data != *videoConfig_) {
            videoConfig_ = *packet.data;
            configChanged_ = true;
        }
    } else if (writer_.hasAudio() && *packet.data != *audioConfig_) {
        fail("The stream's sound changed its format, which one MP4 file cannot hold; start a new recording");
    }
}

void Recorder::handleUnit(const EncodedPacket &packet) {
    if (!firstUnitAt_)
        firstUnitAt_ = Clock::now();
    if (!writer_.begun()) {
        hold(packet);
        if (readyToBegin())
            begin();
        return;
    }
    write(packet);
}

void Recorder::hold(const EncodedPacket &packet) {
    if (packet.kind == MediaKind::Video) {
        if (!videoConfig_ || (awaitKeyFrame_ && !packet.keyFrame))
            return;
        if (awaitKeyFrame_) {
            held_.clear();
            heldBytes_ = 0;
            heldSince_.reset();
            const auto size = h264PictureSize(*videoConfig_, *packet.data);
            if (!size)
                return;
            pictureSize_ = *size;
            awaitKeyFrame_ = false;
        }
    } else if (!audioConfig_) {
        return;
    }
    if (!heldSince_)
        heldSince_ = Clock::now();
    heldBytes_ += packet.data->size();
    held_.push_back(packet);
    // Sound that waits for a key frame is not needed once the frame is there, so the oldest may go.
    while (awaitKeyFrame_ && videoConfig_ && held_.size() > 1 && heldBytes_ > maxQueuedBytes / 8) {
        heldBytes_ -= held_.front().data->size();
        held_.pop_front();
    }
}

bool Recorder::readyToBegin() const {
    if (held_.empty())
        return false;
    const auto heldFor = Clock::now() - *heldSince_;
    const int64_t heldMs = held_.back().dtsMs - held_.front().dtsMs;
    const bool waitedLong = heldFor >= std::chrono::milliseconds(otherKindMs) || heldMs >= otherKindMs;
    if (videoConfig_ && !awaitKeyFrame_)
        return audioConfig_.has_value() || waitedLong;
    if (videoConfig_)
        return Clock::now() - *firstUnitAt_ >= keyFramePatience;
    return waitedLong;
}

void Recorder::begin() {
    std::optional<Mp4Writer::VideoTrack> video;
    if (videoConfig_ && !awaitKeyFrame_)
        video = {*videoConfig_, pictureSize_};
    writer_.begin(video, audioConfig_);
    awaitKeyFrame_ = false;
    for (const EncodedPacket &packet : std::exchange(held_, {}))
        write(packet);
}

void Recorder::write(const EncodedPacket &packet) {
    if (packet.kind == MediaKind::Video) {
        if (!writer_.hasVideo())
            fail("The stream got a picture after the recording had begun as sound; start a new recording");
        if (awaitKeyFrame_ && !packet.keyFrame)
            return;
        awaitKeyFrame_ = false;
        writeVideo(packet);
        return;
    }
    if (!writer_.hasAudio())
        fail("The stream got sound after the recording had begun as picture only; start a new recording");
    // After a break sound begins with the picture, as at the start.
    if (awaitKeyFrame_ && writer_.hasVideo())
        return;
    if (const auto at = timeline_.map(MediaKind::Audio, packet.dtsMs, writer_.audioUnitMs())) {
        flushIfDue(*at);
        writer_.writeAudio(*packet.data, *at);
    }
}

void Recorder::writeVideo(const EncodedPacket &packet) {
    if (configChanged_) {
        if (!packet.keyFrame)
            return;
        const auto size = h264PictureSize(*videoConfig_, *packet.data);
        if (!size || *size != pictureSize_)
            fail("The stream's picture changed its size, which one MP4 file cannot hold; start a new recording");
        configChanged_ = false;
        inBandParameterSets_ = h264ParameterSets(*videoConfig_);
    }
    const auto at = timeline_.map(MediaKind::Video, packet.dtsMs, videoStepMs_);
    if (!at)
        return;
    if (lastVideoMs_ >= 0)
        videoStepMs_ = std::clamp<int64_t>(*at - lastVideoMs_, 1, 1000);
    lastVideoMs_ = *at;
    flushIfDue(*at);
    if (!packet.keyFrame || inBandParameterSets_.empty()) {
        writer_.writeVideo(*packet.data, packet.keyFrame, *at, packet.ctsMs);
        return;
    }
    Bytes unit = inBandParameterSets_;
    unit.insert(unit.end(), packet.data->begin(), packet.data->end());
    writer_.writeVideo(std::move(unit), true, *at, packet.ctsMs);
}

void Recorder::flushIfDue(int64_t atMs) {
    lastMs_ = std::max(lastMs_, atMs);
    if (!fragmentStartMs_)
        fragmentStartMs_ = atMs;
    if (atMs - *fragmentStartMs_ < fragmentMs)
        return;
    writer_.flushFragment(atMs);
    fragmentStartMs_ = atMs;
}

void Recorder::complete() {
    try {
        if (!writer_.begun() && !held_.empty() && (!videoConfig_ || !awaitKeyFrame_))
            begin();
        if (!writer_.begun()) {
            writer_.close();
            removeFile(path_);
            fail("No key frame or sound came while recording, so there is no file; record while the stream plays");
        }
        const bool small = writer_.size() <= quickPlainBytes;
        writer_.finish();
        if (*finishing_ == Finish::Plain || small)
            makePlainMp4(path_);
    } catch (const EngineException &error) {
        finishError_ = error.error();
    }
}

void Recorder::failWith(const Error &error) {
    bool finishing = false;
    {
        const std::lock_guard lock(mutex_);
        failed_ = true;
        queue_.clear();
        queuedBytes_ = 0;
        finishing = finishing_.has_value();
    }
    keepWhatIsThere();
    // Whoever waits in finish() hears of it there.
    if (finishing)
        finishError_ = error;
    else if (onError_)
        onError_(error);
}

void Recorder::keepWhatIsThere() {
    try {
        if (writer_.begun() && writer_.intact())
            writer_.finish();
    } catch (const EngineException &) {
        // Whole fragments stay.
    }
    writer_.close();
    if (writer_.size() == 0)
        removeFile(path_);
    else if (writer_.size() <= quickPlainBytes)
        makePlainMp4(path_);
}

} // namespace rtcroom::embedded
