#include "embedded/playout/ReceivedStream.h"

namespace rtcroom::embedded {

void ReceivedStream::note(const EncodedPacket &packet) {
    if (packet.data)
        (packet.kind == MediaKind::Video ? videoBytes_ : audioBytes_) += packet.data->size();
    if (packet.kind != MediaKind::Video || packet.isConfig || !packet.keyFrame)
        return;
    const int64_t last = lastKeyDtsMs_.exchange(packet.dtsMs);
    if (last != INT64_MIN && packet.dtsMs > last)
        gopMs_ = packet.dtsMs - last;
}

void ReceivedStream::report(PlayPipeline::Stats &stats) const {
    stats.videoBytes = videoBytes_;
    stats.audioBytes = audioBytes_;
    stats.gopSeconds = static_cast<double>(gopMs_) / 1000;
}

} // namespace rtcroom::embedded
