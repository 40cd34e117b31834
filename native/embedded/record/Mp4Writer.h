#pragma once

#include <optional>
#include <string>
#include <system_error>

#include "embedded/media/Avio.h"
#include "embedded/media/EncodedPacket.h"
#include "embedded/media/OutputFile.h"
#include "embedded/media/ffmpeg.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// A fragmented MP4 file that is playable up to its last fragment at any time, however the process ends. Times in ms,
/// growing within a track. All calls throw EngineException RecordFailed; after one the file holds whole fragments only.
class Mp4Writer {
  public:
    struct VideoTrack {
        CodecId codec = CodecId::H264;
        Bytes config;
        engine::Size size;
    };
    struct AudioTrack {
        CodecId codec = CodecId::Aac;
        Bytes config;
    };

    /// Creates the file; one that is there is never overwritten.
    explicit Mp4Writer(const std::string &path);
    ~Mp4Writer();
    Mp4Writer(const Mp4Writer &) = delete;
    Mp4Writer &operator=(const Mp4Writer &) = delete;

    /// Writes the header; once. Without it nothing else may be called but close().
    void begin(const std::optional<VideoTrack> &video, const std::optional<AudioTrack> &audio);
    bool begun() const { return begun_; }
    bool hasVideo() const { return video_ != nullptr; }
    bool hasAudio() const { return audio_ != nullptr; }
    /// Held back until the next picture tells its duration.
    void writeVideo(Bytes unit, bool keyFrame, int64_t dtsMs, int32_t ctsMs);
    /// Rounding of the ms is taken out: sound that follows within 2 ms follows without a gap.
    void writeAudio(const Bytes &unit, int64_t dtsMs);
    /// ms of one audio unit.
    int64_t audioUnitMs() const { return audio_ ? audioUnitSamples_ * 1000 / audioRate_ : 0; }
    /// Makes what was written before `nowMs` a fragment on disk; the newest picture only if it is old by then.
    void flushFragment(int64_t nowMs);
    bool hasUnflushed() const { return unflushed_ || pending_; }
    /// Bytes of whole fragments.
    int64_t size() const { return wholeSize_; }
    /// Whether finish() can still be called: not twice, nor after the disk refused.
    bool intact() const { return !ioError_ && format_; }
    /// Adds the index and closes.
    void finish();
    /// Closes the file as it is after the last fragment. Twice is nothing.
    void close() noexcept;

  private:
    struct FormatDeleter {
        void operator()(AVFormatContext *p) const { avformat_free_context(p); }
    };
    static int writeBytes(void *self, AvioWritten *data, int size);
    static int64_t seekBytes(void *self, int64_t offset, int whence);

    struct Picture {
        Bytes unit;
        bool keyFrame;
        int64_t dtsMs;
        int32_t ctsMs;
    };

    AVStream *addStream();
    void addVideo(const VideoTrack &track);
    void addAac(const Bytes &config);
    void addOpus(const Bytes &config);
    void writePending(int64_t durationMs);
    void flushWritten();
    void keepFragmentTimes();
    void write(AVStream *stream, const Bytes &unit, bool keyFrame, int64_t dts, int64_t pts, int64_t duration);
    void check(int result);

    OutputFile file_;
    std::error_code ioError_;
    int64_t size_ = 0;
    /// Up to here the file is whole.
    int64_t wholeSize_ = 0;
    AvioPtr io_;
    std::unique_ptr<AVFormatContext, FormatDeleter> format_;
    bool begun_ = false;
    AVStream *video_ = nullptr;
    AVStream *audio_ = nullptr;
    int audioRate_ = 0;
    /// Of Opus, of the latest unit.
    int64_t audioUnitSamples_ = 1024;
    /// Where the next sound belongs, in samples.
    std::optional<int64_t> nextSample_;
    bool unflushed_ = false;
    bool videoInFragment_ = false;
    bool audioInFragment_ = false;
    std::optional<Picture> pending_;
    int64_t pictureMs_ = 40;
};

} // namespace rtcroom::embedded
