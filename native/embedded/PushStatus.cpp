#include "embedded/PushStatus.h"

#include <utility>

#include "embedded/StatusReport.h"

namespace rtcroom::embedded {

engine::Status PushStatus::report() {
    Sample now = sample();
    const VideoAdaptation video = pipeline_.encodedVideo();
    const RateOver over(last_.at, now.at);
    StatusReport report;
    report.cpu(cpu_.read());
    report.set("VIDEO_BITRATE", over.kbps(last_.pipeline.videoBytes, now.pipeline.videoBytes));
    report.set("AUDIO_BITRATE", over.kbps(last_.pipeline.audioBytes, now.pipeline.audioBytes));
    report.set("VIDEO_FPS", over.perSecond(last_.pipeline.framesEncoded, now.pipeline.framesEncoded));
    if (now.pipeline.gopSeconds > 0)
        report.set("VIDEO_GOP", now.pipeline.gopSeconds);
    report.set("NET_SPEED", over.kbps(last_.net.bytesSent, now.net.bytesSent));
    report.set("NET_JITTER", now.net.rttJitterMs);
    report.set("RTT", now.net.rttMs);
    report.set("CACHE_SIZE", now.net.queuedPackets);
    report.set("CODEC_CACHE", now.pipeline.codecQueue);
    report.set("DROP_SIZE", static_cast<double>(now.net.droppedPackets));
    report.set("CODEC_DROP_CNT", static_cast<double>(now.pipeline.framesDropped));
    report.set("VIDEO_WIDTH", video.size.width);
    report.set("VIDEO_HEIGHT", video.size.height);
    report.set("SET_VIDEO_BITRATE", video.bitrateKbps);
    report.set("SET_VIDEO_FPS", video.fps);
    if (!now.pipeline.encoderName.empty())
        report.set("VIDEO_ENCODER", now.pipeline.encoderName);
    report.set("SKIP_SIZE", static_cast<double>(now.pipeline.framesSkipped));
    report.set("QUEUE_DELAY", qos_.delayMs());
    report.set("RETRANSMITS", static_cast<double>(now.net.retransmits));
    report.set("SERVER_IP", now.net.serverAddress);
    last_ = std::move(now);
    return report.take();
}

} // namespace rtcroom::embedded
