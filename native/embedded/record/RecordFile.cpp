#include "embedded/record/RecordFile.h"

#include <algorithm>
#include <utility>

#include "embedded/media/CodecConfig.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

RecordFile::RecordFile(const std::string &path) : path_(path), writer_(path) {}

void RecordFile::config(const EncodedPacket &packet) {
    const Config config{packet.codec, *packet.data};
    if (packet.kind == MediaKind::Audio) {
        if (!begun())
            audioConfig_ = config;
        else
            audioChanged_ = !hasAudio() || config != audioConfig_;
        return;
    }
    if (config == videoConfig_)
        return;
    if (packet.codec == CodecId::Vp9)
        throw engine::EngineException(engine::ErrorCode::RecordFailed,
                                      "VP9 cannot be recorded; have H.264, HEVC or AV1 pushed");
    videoConfig_ = config;
    if (begun()) {
        videoChanged_ = true;
        return;
    }
    // Units held so far belong to another configuration, or are sound from before the first picture.
    dropHeld();
    awaitKeyFrame_ = true;
}

bool RecordFile::fits(const EncodedPacket &unit) const {
    if (!begun())
        return true;
    if (unit.kind == MediaKind::Audio)
        return hasVideo() || !audioChanged_;
    if (!unit.keyFrame)
        return true;
    if (!hasVideo() || audioChanged_)
        return false;
    if (!videoChanged_)
        return true;
    // hvc1 has its parameter sets in the file's header alone (ISO/IEC 14496-15, 8.4.3).
    if (videoConfig_->codec == CodecId::Hevc)
        return false;
    const auto size = pictureSize(videoConfig_->codec, videoConfig_->data, *unit.data);
    return videoConfig_->codec == pictureCodec_ && size && *size == pictureSize_;
}

void RecordFile::write(const EncodedPacket &unit) {
    if (!firstUnitAt_)
        firstUnitAt_ = Clock::now();
    if (!begun()) {
        hold(unit);
        if (readyToBegin())
            begin();
    } else if (unit.kind == MediaKind::Video) {
        writeVideo(unit);
    } else {
        writeAudio(unit);
    }
}

void RecordFile::discontinuity() {
    timeline_.discontinuity();
    awaitKeyFrame_ = true;
    dropHeld();
}

void RecordFile::idle() {
    if (!begun() && readyToBegin())
        begin();
    if (writer_.hasUnflushed()) {
        writer_.flushFragment(lastMs_);
        fragmentStartMs_.reset();
    }
}

void RecordFile::hold(const EncodedPacket &packet) {
    if (packet.kind == MediaKind::Video) {
        if (!videoConfig_ || (awaitKeyFrame_ && !packet.keyFrame))
            return;
        if (awaitKeyFrame_) {
            dropHeld();
            const auto size = pictureSize(videoConfig_->codec, videoConfig_->data, *packet.data);
            if (!size)
                return;
            pictureCodec_ = videoConfig_->codec;
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
    // Sound that waits for a key frame is not needed once the frame is there.
    while (awaitKeyFrame_ && videoConfig_ && held_.size() > 1 && heldBytes_ > maxHeldBytes) {
        heldBytes_ -= held_.front().data->size();
        held_.pop_front();
    }
}

void RecordFile::dropHeld() {
    held_.clear();
    heldBytes_ = 0;
    heldSince_.reset();
}

bool RecordFile::readyToBegin() const {
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

void RecordFile::begin() {
    std::optional<Mp4Writer::VideoTrack> video;
    if (videoConfig_ && !awaitKeyFrame_)
        video = {videoConfig_->codec, videoConfig_->data, pictureSize_};
    std::optional<Mp4Writer::AudioTrack> audio;
    if (audioConfig_)
        audio = {audioConfig_->codec, audioConfig_->data};
    writer_.begin(video, audio);
    awaitKeyFrame_ = false;
    heldBytes_ = 0;
    for (const EncodedPacket &packet : std::exchange(held_, {}))
        write(packet);
}

void RecordFile::writeVideo(const EncodedPacket &packet) {
    if (!hasVideo() || (!packet.keyFrame && (awaitKeyFrame_ || videoChanged_)))
        return;
    awaitKeyFrame_ = false;
    if (std::exchange(videoChanged_, false))
        inBandConfig_ = inBandConfig(videoConfig_->codec, videoConfig_->data);
    const auto at = timeline_.map(MediaKind::Video, packet.dtsMs, stepMs_);
    if (!at)
        return;
    if (lastVideoMs_ >= 0)
        stepMs_ = std::clamp<int64_t>(*at - lastVideoMs_, 1, 1000);
    lastVideoMs_ = *at;
    flushIfDue(*at);
    if (!packet.keyFrame || inBandConfig_.empty()) {
        writer_.writeVideo(*packet.data, packet.keyFrame, *at, packet.ctsMs);
        return;
    }
    Bytes unit = inBandConfig_;
    unit.insert(unit.end(), packet.data->begin(), packet.data->end());
    writer_.writeVideo(std::move(unit), true, *at, packet.ctsMs);
}

void RecordFile::writeAudio(const EncodedPacket &packet) {
    // After a break sound begins with the picture, as at the start.
    if (!hasAudio() || audioChanged_ || (awaitKeyFrame_ && hasVideo()))
        return;
    const int64_t unitMs = writer_.audioUnitMs();
    const auto at = timeline_.map(MediaKind::Audio, packet.dtsMs, unitMs);
    if (!at)
        return;
    if (!hasVideo())
        stepMs_ = unitMs;
    flushIfDue(*at);
    writer_.writeAudio(*packet.data, *at);
}

void RecordFile::flushIfDue(int64_t atMs) {
    lastMs_ = std::max(lastMs_, atMs);
    if (!fragmentStartMs_)
        fragmentStartMs_ = atMs;
    if (atMs - *fragmentStartMs_ < fragmentMs)
        return;
    writer_.flushFragment(atMs);
    fragmentStartMs_ = atMs;
}

bool RecordFile::complete() {
    if (!begun() && !held_.empty() && (!videoConfig_ || !awaitKeyFrame_))
        begin();
    if (!begun()) {
        writer_.close();
        removeFile(path_);
        return false;
    }
    writer_.finish();
    return true;
}

bool RecordFile::keepWhatIsThere() noexcept {
    try {
        if (begun() && writer_.intact())
            writer_.finish();
    } catch (const std::exception &) {
        // Whole fragments stay.
    }
    writer_.close();
    if (writer_.size() > 0)
        return true;
    removeFile(path_);
    return false;
}

} // namespace rtcroom::embedded
