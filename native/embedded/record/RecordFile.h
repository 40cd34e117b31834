#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>

#include "embedded/media/EncodedPacket.h"
#include "embedded/record/Mp4Writer.h"
#include "embedded/record/RecordTimeline.h"

namespace rtcroom::embedded {

/// One MP4 file of a recording. Begins at a key frame; sound before it is left out. Which tracks it has is settled
/// then: the other kind's configuration is waited for up to 1 s. Of one thread; calls throw EngineException
/// RecordFailed.
class RecordFile {
  public:
    /// Length of a fragment; what a killed process loses at most, with one picture.
    static constexpr int64_t fragmentMs = 200;
    /// How long the configuration of the other kind is waited for.
    static constexpr int64_t otherKindMs = 1000;
    /// Video was announced but no key frame comes for this long: sound is recorded alone.
    static constexpr std::chrono::milliseconds keyFramePatience{10'000};
    /// Of sound that waits for a key frame; the oldest goes first.
    static constexpr size_t maxHeldBytes = 8 * 1024 * 1024;

    /// Creates the file; one that is there is never overwritten. Throws RecordFailed, as most calls do.
    explicit RecordFile(const std::string &path);

    void config(const EncodedPacket &packet);
    /// False for a key frame (or, without pictures, a sound) at which the stream is no longer what this file can hold:
    /// another picture size, another sound, a kind that was not there. Units in between that do not fit are left out.
    bool fits(const EncodedPacket &unit) const;
    void write(const EncodedPacket &unit);
    void discontinuity();
    /// Nothing came for a while: begins if it can, and does not hold back what came.
    void idle();

    bool begun() const { return writer_.begun(); }
    bool hasVideo() const { return writer_.hasVideo(); }
    bool hasAudio() const { return writer_.hasAudio(); }
    /// Of what was written.
    int64_t durationMs() const { return begun() ? lastMs_ + stepMs_ : 0; }
    /// Bytes of whole fragments.
    int64_t size() const { return writer_.size(); }
    const std::string &path() const { return path_; }

    /// Completes the file, with its index. False when nothing came: then there is no file.
    bool complete();
    /// After an error: what was written stays, an empty file does not. False when nothing is left.
    bool keepWhatIsThere() noexcept;

  private:
    using Clock = std::chrono::steady_clock;
    struct Config {
        CodecId codec;
        Bytes data;
        bool operator==(const Config &) const = default;
    };

    void hold(const EncodedPacket &packet);
    void dropHeld();
    bool readyToBegin() const;
    void begin();
    void writeVideo(const EncodedPacket &packet);
    void writeAudio(const EncodedPacket &packet);
    void flushIfDue(int64_t atMs);

    const std::string path_;
    Mp4Writer writer_;
    std::optional<Config> videoConfig_;
    std::optional<Config> audioConfig_;
    /// The picture's configuration is not the one before; judged at the next key frame.
    bool videoChanged_ = false;
    /// The sound is not (or no longer) what the file has a track for.
    bool audioChanged_ = false;
    /// The file's header has the first parameter sets; later ones travel with the key frames.
    Bytes inBandConfig_;
    CodecId pictureCodec_ = CodecId::H264;
    engine::Size pictureSize_;
    /// Units since the first key frame (or sound) while the tracks are not settled.
    std::deque<EncodedPacket> held_;
    size_t heldBytes_ = 0;
    std::optional<Clock::time_point> heldSince_;
    std::optional<Clock::time_point> firstUnitAt_;
    bool awaitKeyFrame_ = true;
    RecordTimeline timeline_;
    int64_t lastVideoMs_ = -1;
    /// Between two pictures (without pictures, two sounds).
    int64_t stepMs_ = 40;
    std::optional<int64_t> fragmentStartMs_;
    int64_t lastMs_ = 0;
};

} // namespace rtcroom::embedded
