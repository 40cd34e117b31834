#include "embedded/encode/EncodedRelay.h"

#include <utility>

#include "embedded/media/TimeStampSei.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

namespace {

// What an application may take to make a key frame, before it is asked again.
constexpr int64_t ASK_AGAIN_US = 1'000'000;

/// A stream that is relayed tells when its pictures were taken itself.
bool hasTimeStamp(const Bytes &unit) {
    for (const SeiPayload &payload : seiPayloads(CodecId::H264, unit))
        if (timeStampUs(CodecId::H264, payload))
            return true;
    return false;
}

EncodedPacket configPacket(const std::shared_ptr<const Bytes> &config, int64_t dtsMs) {
    return {.kind = MediaKind::Video, .codec = CodecId::H264, .isConfig = true, .dtsMs = dtsMs, .data = config};
}

} // namespace

EncodedRelay::EncodedRelay(const PushPipeline::Callbacks &callbacks, LookedAtPictures::Hooks lookers)
    : callbacks_(callbacks), lookedAt_(std::move(lookers)) {}

void EncodedRelay::begin() {
    awaitsKeyFrame_ = true;
    sentConfig_.reset();
    seenConfig_.reset();
    wantedAtUs_ = 0;
    lookedAt_.forget();
}

void EncodedRelay::wantKeyFrame() {
    const int64_t now = engine::clockMicros();
    int64_t wantedAt = wantedAtUs_;
    if (wantedAt != 0 && now - wantedAt < ASK_AGAIN_US)
        return;
    if (wantedAtUs_.compare_exchange_strong(wantedAt, now) && callbacks_.onKeyFrameWanted)
        callbacks_.onKeyFrameWanted();
}

EncodedRelay::Result EncodedRelay::pass(const EncodedPicture &picture, int64_t dtsMs, bool encoding) {
    const H264Unit &unit = picture.unit;
    EncodedPacket packet{.kind = MediaKind::Video,
                         .codec = CodecId::H264,
                         .keyFrame = unit.keyFrame,
                         .dtsMs = dtsMs,
                         .ctsMs = picture.ctsMs,
                         .data = std::make_shared<const Bytes>(unit.data)};
    const auto admits = [this] { return !callbacks_.admitsEncoded || callbacks_.admitsEncoded(); };
    Result result = Result::Idle;
    if (encoding) {
        awaitsKeyFrame_ = awaitsKeyFrame_ || picture.afterLoss;
        const bool admitted = admits();
        if (awaitsKeyFrame_ && !unit.keyFrame) {
            // Where the network has no room a key frame would be the worst of all.
            if (admitted)
                wantKeyFrame();
            result = Result::Dropped;
        } else if (!admitted) {
            awaitsKeyFrame_ = awaitsKeyFrame_ || unit.keyFrame || unit.reference;
            result = Result::Skipped;
        } else {
            awaitsKeyFrame_ = false;
            result = Result::Sent;
        }
        if (unit.keyFrame)
            wantedAtUs_ = 0;
    }
    if (result == Result::Sent)
        send(picture, packet);
    look(picture, packet);
    return result;
}

void EncodedRelay::send(const EncodedPicture &picture, EncodedPacket packet) {
    const H264Unit &unit = picture.unit;
    if (unit.keyFrame && (!sentConfig_ || (sentConfig_ != unit.config && *sentConfig_ != *unit.config))) {
        size_ = unit.size;
        if (callbacks_.onEncodedVideo)
            callbacks_.onEncodedVideo(unit.size);
        callbacks_.onPacket(configPacket(unit.config, packet.dtsMs));
    }
    if (unit.keyFrame)
        sentConfig_ = unit.config;
    if (!hasTimeStamp(unit.data))
        packet.captureUs = picture.dtsUs + int64_t{picture.ctsMs} * 1000;
    callbacks_.onPacket(std::move(packet));
}

void EncodedRelay::look(const EncodedPicture &picture, const EncodedPacket &packet) {
    const H264Unit &unit = picture.unit;
    if (unit.keyFrame && (!seenConfig_ || (seenConfig_ != unit.config && *seenConfig_ != *unit.config))) {
        seenConfig_ = unit.config;
        lookedAt_.pass(configPacket(unit.config, packet.dtsMs), false);
    }
    lookedAt_.pass(packet, picture.afterLoss);
}

} // namespace rtcroom::embedded
