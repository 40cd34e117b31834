#include "engine/Status.h"

#include <array>

namespace rtcroom::engine {
namespace {

constexpr std::array TABLE{
    StatusKey{"CPU_USAGE", "percent"},
    StatusKey{"CPU_USAGE_DEVICE", "percent"},
    StatusKey{"VIDEO_BITRATE", "kbps"},
    StatusKey{"AUDIO_BITRATE", "kbps"},
    StatusKey{"VIDEO_FPS", "frames/s"},
    StatusKey{"VIDEO_GOP", "s"},
    StatusKey{"NET_SPEED", "kbps"},
    StatusKey{"NET_JITTER", "ms"},
    StatusKey{"CACHE_SIZE", "frames"},
    StatusKey{"CODEC_CACHE", "frames"},
    StatusKey{"DROP_SIZE", "frames"},
    StatusKey{"CODEC_DROP_CNT", "packets"},
    StatusKey{"VIDEO_WIDTH", "px"},
    StatusKey{"VIDEO_HEIGHT", "px"},
    StatusKey{"SERVER_IP", "text"},
    StatusKey{"SET_VIDEO_BITRATE", "kbps"},
    StatusKey{"SET_VIDEO_FPS", "frames/s"},
    StatusKey{"VIDEO_ENCODER", "text"},
    StatusKey{"SKIP_SIZE", "frames"},
    StatusKey{"QUEUE_DELAY", "ms"},
    StatusKey{"RETRANSMITS", "packets"},
    StatusKey{"VIDEO_CACHE_SIZE", "frames"},
    StatusKey{"V_DEC_CACHE_SIZE", "frames"},
    StatusKey{"AV_PLAY_INTERVAL", "ms"},
    StatusKey{"AV_RECV_INTERVAL", "ms"},
    StatusKey{"AUDIO_PLAY_SPEED", "factor"},
    StatusKey{"AUDIO_INFO", "text"},
    StatusKey{"RTT", "ms"},
    StatusKey{"PLAY_DELAY", "ms"},
    StatusKey{"END_TO_END_LATENCY", "ms"},
    StatusKey{"AUDIO_PACKET_LOSS", "percent"},
    StatusKey{"VIDEO_PACKET_LOSS", "percent"},
    StatusKey{"AUDIO_BLOCK_TIME", "ms"},
    StatusKey{"AUDIO_BLOCK_RATE", "percent"},
    StatusKey{"VIDEO_BLOCK_TIME", "ms"},
    StatusKey{"VIDEO_BLOCK_RATE", "percent"},
};

} // namespace

std::span<const StatusKey> statusTable() { return TABLE; }

} // namespace rtcroom::engine
