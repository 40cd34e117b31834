#pragma once

#include <cstdint>
#include <optional>

#include "embedded/media/EncodedPacket.h"
#include "embedded/receive/ArrivalJitter.h"

namespace rtcroom::embedded {

/// What has come in a player's present connection, and which of it can be played: a new one begins with a new object.
/// Not thread-safe.
class ConnectionMedia {
  public:
    /// `nowUs` is its arrival, on clockMicros().
    void note(const EncodedPacket &packet, int64_t nowUs);
    /// The first sound was decoded.
    void noteSoundBegun() { soundBegun_ = true; }
    /// Nothing decodes that kind.
    void noteDecoderMissing(MediaKind kind) { (kind == MediaKind::Video ? videoMissing_ : audioMissing_) = true; }

    /// That come and can be decoded.
    bool hasPictures() const { return videoSeen_ && !videoMissing_; }
    bool hasSound() const { return audioSeen_ && !audioMissing_; }
    bool lacksDecoder() const { return videoMissing_ || audioMissing_; }
    bool soundBegun() const { return soundBegun_; }

    /// Of the pictures, else of the sound.
    double jitterMs() const { return jitter_.ms(); }
    /// By how much the latest picture is later in the stream than the latest sound; none while one is missing.
    std::optional<int64_t> videoAheadMs() const;

  private:
    bool videoSeen_ = false;
    bool audioSeen_ = false;
    bool soundBegun_ = false;
    bool videoMissing_ = false;
    bool audioMissing_ = false;
    ArrivalJitter jitter_;
    std::optional<int64_t> lastVideoDtsMs_;
    std::optional<int64_t> lastAudioDtsMs_;
};

} // namespace rtcroom::embedded
