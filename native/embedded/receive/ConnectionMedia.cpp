#include "embedded/receive/ConnectionMedia.h"

namespace rtcroom::embedded {

void ConnectionMedia::note(const EncodedPacket &packet, int64_t nowUs) {
    if (packet.isConfig) {
        (packet.kind == MediaKind::Video ? videoSeen_ : audioSeen_) = true;
    } else if (packet.kind == MediaKind::Video) {
        videoSeen_ = true;
        lastVideoDtsMs_ = packet.dtsMs;
        jitter_.note(nowUs, packet.dtsMs);
    } else {
        lastAudioDtsMs_ = packet.dtsMs;
        if (!videoSeen_)
            jitter_.note(nowUs, packet.dtsMs);
    }
}

std::optional<int64_t> ConnectionMedia::videoAheadMs() const {
    if (!lastVideoDtsMs_ || !lastAudioDtsMs_)
        return std::nullopt;
    return *lastVideoDtsMs_ - *lastAudioDtsMs_;
}

} // namespace rtcroom::embedded
