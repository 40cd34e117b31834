#include "embedded/capture/MediaFiles.h"

namespace rtcroom::embedded {

std::shared_ptr<MediaFile> MediaFiles::open(const std::string &path, bool loop, MediaKind kind, int sampleRate,
                                            int channels) {
    const std::shared_ptr<MediaFile> &other = of(kind == MediaKind::Video ? MediaKind::Audio : MediaKind::Video);
    if (other && other->path() == path && !other->inUse(kind) && other->has(kind)) {
        if (kind == MediaKind::Video)
            other->setLoop(loop);
        return other;
    }
    return opening_.run([&](const std::shared_ptr<std::atomic<bool>> &abort) {
        return std::make_shared<MediaFile>(path, loop, kind, sampleRate, channels, abort);
    });
}

} // namespace rtcroom::embedded
