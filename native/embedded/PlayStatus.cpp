#include "embedded/PlayStatus.h"

#include <string>
#include <utility>

#include "embedded/StatusReport.h"

namespace rtcroom::embedded {

engine::Status PlayStatus::report(const Arrivals &arrivals) {
    Sample now = sample();
    const PlayPipeline::Stats &stats = now.pipeline;
    const PlayPipeline::Stats &before = last_.pipeline;
    const RateOver over(last_.at, now.at);
    StatusReport report;
    report.cpu(cpu_.read());
    report.set("VIDEO_BITRATE", over.kbps(before.videoBytes, stats.videoBytes));
    report.set("AUDIO_BITRATE", over.kbps(before.audioBytes, stats.audioBytes));
    report.set("VIDEO_FPS", over.perSecond(before.picturesPlayed, stats.picturesPlayed));
    if (stats.gopSeconds > 0)
        report.set("VIDEO_GOP", stats.gopSeconds);
    report.set("NET_SPEED", over.kbps(last_.net.bytesReceived, now.net.bytesReceived));
    report.set("NET_JITTER", arrivals.jitterMs);
    report.set("RTT", now.net.rttMs);
    report.set("CACHE_SIZE", stats.videoQueue + stats.audioQueue);
    report.set("VIDEO_CACHE_SIZE", stats.videoQueue);
    report.set("V_DEC_CACHE_SIZE", stats.decoderHolds);
    report.set("CODEC_CACHE", stats.videoDue);
    report.set("PLAY_DELAY", stats.delayMs);
    if (const uint64_t timed = stats.timedPictures - before.timedPictures; timed > 0)
        report.set("END_TO_END_LATENCY",
                   static_cast<double>(stats.latencySumUs - before.latencySumUs) / 1000 / static_cast<double>(timed));
    report.set("DROP_SIZE", static_cast<double>(stats.bufferDropped));
    report.set("CODEC_DROP_CNT", static_cast<double>(stats.videoDropped));
    report.set("VIDEO_WIDTH", stats.width);
    report.set("VIDEO_HEIGHT", stats.height);
    if (arrivals.videoAheadMs)
        report.set("AV_RECV_INTERVAL", static_cast<double>(*arrivals.videoAheadMs));
    if (stats.picturesPlayed > 0 && stats.audioDecoded > 0)
        report.set("AV_PLAY_INTERVAL", static_cast<double>(stats.lastVideoPtsMs - stats.lastAudioPtsMs));
    if (stats.pacedUs > before.pacedUs)
        report.set("AUDIO_PLAY_SPEED", static_cast<double>(stats.soundUs - before.soundUs) /
                                           static_cast<double>(stats.pacedUs - before.pacedUs));
    if (stats.audioSampleRate > 0)
        report.set("AUDIO_INFO", std::to_string(stats.audioSampleRate) + "," + std::to_string(stats.audioChannels));
    report.set("SERVER_IP", now.net.serverAddress);
    last_ = std::move(now);
    return report.take();
}

} // namespace rtcroom::embedded
