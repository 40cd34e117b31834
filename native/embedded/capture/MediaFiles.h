#pragma once

#include <memory>
#include <string>

#include "embedded/capture/MediaFile.h"
#include "embedded/capture/SourceOpening.h"

namespace rtcroom::embedded {

/// The files that one pusher plays: one for its pictures and one for its sound, which is the same where both are taken
/// from one path. Control thread only.
class MediaFiles {
  public:
    explicit MediaFiles(SourceOpening &opening) : opening_(opening) {}

    /// The file that is open for the other kind, where that is of this path and nobody takes this kind of it, or a new
    /// one. Blocks and throws as MediaFile; `loop` is that of the pictures, where both are taken.
    std::shared_ptr<MediaFile> open(const std::string &path, bool loop, MediaKind kind, int sampleRate, int channels);
    /// That kind is taken from `file` from now on; null: from no file.
    void set(MediaKind kind, std::shared_ptr<MediaFile> file) { at(kind) = std::move(file); }
    /// Null when that kind is taken from no file.
    const std::shared_ptr<MediaFile> &of(MediaKind kind) const { return kind == MediaKind::Video ? video_ : audio_; }

  private:
    std::shared_ptr<MediaFile> &at(MediaKind kind) { return kind == MediaKind::Video ? video_ : audio_; }

    SourceOpening &opening_;
    std::shared_ptr<MediaFile> video_;
    std::shared_ptr<MediaFile> audio_;
};

} // namespace rtcroom::embedded
