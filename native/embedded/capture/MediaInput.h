#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "embedded/media/EncodedPacket.h"
#include "embedded/media/ffmpeg.h"

namespace rtcroom::embedded {

/// Of a file or an address, for messages: an address's user, path and query may hold secrets.
std::string shownName(const std::string &path);

/// A media file (or whatever FFmpeg opens by URL) with its best picture and best sound stream and their decoders. Used
/// by one thread at a time; abort() may come from any.
class MediaInput {
  public:
    /// Blocks on the file. Throws EngineException: FileOpenFailed (missing, a directory, no right to read, aborted) or
    /// NotMedia (nothing in it that can be played). `abort` ends blocking calls when it becomes true.
    MediaInput(const std::string &path, const std::atomic<bool> &abort);
    ~MediaInput();
    MediaInput(const MediaInput &) = delete;
    MediaInput &operator=(const MediaInput &) = delete;

    bool has(MediaKind kind) const { return track(kind).index >= 0; }
    AVCodecContext &decoder(MediaKind kind) { return *track(kind).decoder; }

    /// The next packet of either track; nothing at the end or after a failure (see failed()).
    std::optional<MediaKind> read(AVPacket &packet);
    /// FFmpeg's code of the read failure that ended the file early, or 0.
    int failed() const { return failed_; }
    /// Back to the beginning, decoders emptied. False when the file cannot go back.
    bool rewind();

    /// µs from the file's beginning; nothing when the frame has no time.
    std::optional<int64_t> timeUs(MediaKind kind, const AVFrame &frame) const;
    /// Length of a picture by the stream's frame rate, µs.
    int64_t pictureDurationUs() const;

  private:
    struct Track {
        int index = -1;
        CodecPtr decoder;
    };
    struct FormatDeleter {
        void operator()(AVFormatContext *p) const { avformat_close_input(&p); }
    };

    static int interrupted(void *self);
    void open(const std::string &path);
    void openTrack(MediaKind kind, AVMediaType type);
    const Track &track(MediaKind kind) const { return kind == MediaKind::Video ? video_ : audio_; }
    Track &track(MediaKind kind) { return kind == MediaKind::Video ? video_ : audio_; }

    const std::atomic<bool> &abort_;
    /// Of the opening; afterwards reads of a file may last.
    std::atomic<int64_t> deadlineUs_{0};
    std::unique_ptr<AVFormatContext, FormatDeleter> format_;
    Track video_;
    Track audio_;
    int64_t startUs_ = 0;
    int failed_ = 0;
};

} // namespace rtcroom::embedded
