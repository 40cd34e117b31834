#pragma once

#include <memory>
#include <span>
#include <vector>

#include "embedded/capture/MediaFile.h"
#include "embedded/capture/PictureFitter.h"

namespace rtcroom::embedded {

/// The pictures of a file, at the pipeline's frame rate: dropped or repeated as the file's own rate asks for.
class FileVideoSource final : public VideoSource {
  public:
    explicit FileVideoSource(std::shared_ptr<MediaFile> file) : file_(std::move(file)) {
        file_->use(MediaKind::Video, true);
    }
    ~FileVideoSource() override { file_->use(MediaKind::Video, false); }
    FileVideoSource(const FileVideoSource &) = delete;
    FileVideoSource &operator=(const FileVideoSource &) = delete;

    const std::shared_ptr<MediaFile> &file() const { return file_; }
    void setRunning(bool running) override { file_->setRunning(running); }
    bool previewsAlone() const override { return false; }
    CaptureResult capture(int64_t dueUs, int64_t framePeriodUs, engine::Size size, bool repeat,
                          CapturedPicture &out) override;

  private:
    const std::shared_ptr<MediaFile> file_;
    FramePtr current_;
    PictureFitter fitter_;
    const AVFrame *fitted_ = nullptr;
};

/// The sound of a file, in 1 or 2 channels, which may be others than the file was opened with for its pictures.
class FileAudioSource final : public AudioSource {
  public:
    FileAudioSource(std::shared_ptr<MediaFile> file, int channels) : file_(std::move(file)), channels_(channels) {
        file_->use(MediaKind::Audio, true);
    }
    ~FileAudioSource() override { file_->use(MediaKind::Audio, false); }
    FileAudioSource(const FileAudioSource &) = delete;
    FileAudioSource &operator=(const FileAudioSource &) = delete;

    const std::shared_ptr<MediaFile> &file() const { return file_; }
    void setRunning(bool running) override { file_->setRunning(running); }
    void onArrival(std::function<void()> arrived) override { file_->onArrival(std::move(arrived)); }
    /// A disk that sleeps for longer makes a gap.
    int64_t patienceUs() const override { return 100'000; }
    ReadResult read(int64_t startUs, std::span<float> out, bool final) override;

  private:
    const std::shared_ptr<MediaFile> file_;
    const int channels_;
    /// In the file's channels, where they are others.
    std::vector<float> block_;
};

} // namespace rtcroom::embedded
