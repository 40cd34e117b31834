#include "liteav/v2/Codes.h"

#include <algorithm>
#include <array>

#include "embedded/media/PictureFile.h"
#include "liteav/Convert.h"

namespace rtcroom::liteav::v2 {

using engine::Error;
using engine::ErrorCode;
using engine::Side;
namespace event = engine::event;

Error sdkError(Side side, int code, const std::string &what) {
    const auto error = [&](ErrorCode kind, const std::string &reason) {
        return Error{kind, what + ": " + reason + " (the LiteAV SDK's code " + std::to_string(code) + ")", code};
    };
    const bool push = side == Side::Push;
    const bool start = what == "startPush" || what == "startPlay";
    switch (code) {
    case code::INVALID_PARAMETER:
        return start ? error(ErrorCode::InvalidUrl, "the SDK does not take the address; check its form and scheme")
                     : error(ErrorCode::InvalidArgument, "the SDK does not take the value");
    case code::REFUSED:
        return start ? error(push ? ErrorCode::PublishRefused : ErrorCode::PlayRefused,
                             "refused; the stream may be in use already")
                     : error(ErrorCode::InvalidState, "refused in this state");
    case code::NOT_SUPPORTED:
        return error(ErrorCode::Unsupported, "not supported by this SDK");
    case code::INVALID_LICENSE:
        return error(ErrorCode::LicenceRefused,
                     "the licence is missing, expired or for another program; give the engine's option 'licence'");
    case code::REQUEST_TIMEOUT:
        return error(ErrorCode::ConnectFailed, "the server did not answer in time");
    case code::SERVER_PROCESS_FAILED:
        return error(push ? ErrorCode::PublishRefused : ErrorCode::PlayRefused,
                     "the server refused; check the address's signature and its time");
    case code::DISCONNECTED:
        return error(ErrorCode::ServerDisconnected, "the connection was lost and the SDK's retries are used up");
    case code::NO_HEVC_DECODER:
        return error(ErrorCode::DecodeFailed, "this machine has no decoder for HEVC; let the stream be H.264");
    default:
        return error(ErrorCode::SdkFailed, "failed without a nearer reason");
    }
}

void check(Side side, int code, const char *what) {
    if (code != code::OK)
        throw engine::EngineException(sdkError(side, code, what));
}

void checkSnapshot(int code) {
    if (code != code::OK)
        throw engine::EngineException(
            ErrorCode::SnapshotFailed, "the LiteAV SDK takes no snapshot now (code " + std::to_string(code) + ")",
            code == code::REFUSED ? embedded::snapshotCode::notPlaying : embedded::snapshotCode::failed);
}

int finalEvent(Side side, int code) {
    const bool push = side == Side::Push;
    switch (code) {
    case code::INVALID_PARAMETER:
        return push ? event::PUSH_ERR_INVALID_ADDRESS : event::PLAY_ERR_INVALID_ADDRESS;
    case code::REFUSED:
    case code::SERVER_PROCESS_FAILED:
        return push ? event::PUSH_ERR_SERVER_REFUSED : event::PLAY_ERR_STREAM_REFUSED;
    case code::INVALID_LICENSE:
        return push ? event::PUSH_ERR_LICENCE_REFUSED : event::PLAY_ERR_LICENCE_REFUSED;
    case code::NO_HEVC_DECODER:
        return push ? event::PUSH_ERR_OTHER : event::PLAY_ERR_HEVC_DECODE_FAIL;
    default:
        return push ? event::PUSH_ERR_NET_DISCONNECT : event::PLAY_ERR_NET_DISCONNECT;
    }
}

int warningEvent(Side side, int code) {
    if (side == Side::Play) {
        switch (code) {
        case 2008: // The decoder's type changed.
            return event::PLAY_EVT_START_VIDEO_DECODER;
        case 2105:
            return event::PLAY_WARNING_VIDEO_PLAY_LAG;
        default:
            return event::PLAY_WARNING_OTHER;
        }
    }
    switch (code) {
    case 1104: // The encoder's type changed: not the older generations' 1104, which is a failure.
        return event::PUSH_EVT_START_VIDEO_ENCODER;
    case 1101:
    case -1301:
    case -1302:
    case -1308:
    case -1309:
    case -1314:
    case -1316:
    case -1317:
    case -1319:
    case -7001:
        return code;
    default:
        return event::PUSH_WARNING_OTHER;
    }
}

namespace {

/// Both structs begin alike.
template <typename Statistics> engine::Status commonStatus(const Statistics &s) {
    return {
        {"CPU_USAGE", double(s.appCpu)},
        {"CPU_USAGE_DEVICE", double(s.systemCpu)},
        {"VIDEO_WIDTH", double(s.width)},
        {"VIDEO_HEIGHT", double(s.height)},
        {"VIDEO_FPS", double(s.fps)},
        {"VIDEO_BITRATE", double(s.videoBitrate)},
        {"AUDIO_BITRATE", double(s.audioBitrate)},
        {"NET_SPEED", double(s.netSpeed)},
        {"RTT", double(s.rtt)},
    };
}

} // namespace

engine::Status statusOf(const PusherStatistics &s, uint32_t targetKbps) {
    engine::Status status = commonStatus(s);
    if (targetKbps > 0)
        status.emplace_back("SET_VIDEO_BITRATE", double(targetKbps));
    return status;
}

engine::Status statusOf(const PlayerStatistics &s) {
    engine::Status status = commonStatus(s);
    // Not NET_JITTER: this is how long a frame waits in the buffer.
    status.emplace_back("PLAY_DELAY", double(s.jitterBufferDelay));
    status.emplace_back("AUDIO_PACKET_LOSS", double(s.audioPacketLoss));
    status.emplace_back("VIDEO_PACKET_LOSS", double(s.videoPacketLoss));
    status.emplace_back("AUDIO_BLOCK_TIME", double(s.audioTotalBlockTime));
    status.emplace_back("AUDIO_BLOCK_RATE", double(s.audioBlockRate));
    status.emplace_back("VIDEO_BLOCK_TIME", double(s.videoTotalBlockTime));
    status.emplace_back("VIDEO_BLOCK_RATE", double(s.videoBlockRate));
    return status;
}

void EncoderSettings::setPreset(engine::VideoQualityPreset preset, engine::VideoRatio ratio) {
    // Also the check of both values.
    strategy_ = engine::qualityParams(preset, ratio).strategy;
    struct Row {
        engine::Size wide;
        engine::Size fourThree;
        int kbps;
        int minKbps;
        int fps;
    };
    // The older SDK's documented classes; LINKMIC_MAIN's bitrate and STILLIMAGE's fps are not documented.
    static constexpr std::array<Row, 7> ROWS{{
        {{640, 360}, {640, 480}, 800, 400, 15},
        {{960, 540}, {640, 480}, 1200, 1200, 15},
        {{1280, 720}, {640, 480}, 1500, 1500, 15},
        {{960, 540}, {640, 480}, 1000, 600, 15},
        {{480, 272}, {480, 360}, 350, 350, 15},
        {{480, 272}, {480, 360}, 350, 350, 15},
        {{1920, 1080}, {640, 480}, 400, 400, 5},
    }};
    const Row &row = ROWS[static_cast<size_t>(preset) - 1];
    size_ = ratio == engine::VideoRatio::R4x3 ? row.fourThree : row.wide;
    if (ratio == engine::VideoRatio::R9x16)
        size_ = {row.wide.height, row.wide.width};
    kbps_ = maxKbps_ = row.kbps;
    minKbps_ = row.minKbps;
    fps_ = row.fps;
}

void EncoderSettings::setResolution(int txeVideoResolution) { size_ = engine::resolutionSize(txeVideoResolution); }

void EncoderSettings::setFps(int fps) {
    requireRange("the frame rate", fps, 1, 60);
    fps_ = fps;
}

void EncoderSettings::setBitrate(int kbps) {
    requireRange("the bitrate, kbps,", kbps, 1, 100'000);
    kbps_ = kbps;
    maxKbps_ = 0;
}

void EncoderSettings::setMinBitrate(int kbps) {
    requireRange("the bitrate, kbps,", kbps, 1, 100'000);
    minKbps_ = kbps;
}

void EncoderSettings::setMaxBitrate(int kbps) {
    requireRange("the bitrate, kbps,", kbps, 1, 100'000);
    maxKbps_ = kbps;
}

void EncoderSettings::setStrategy(engine::AutoAdjustStrategy strategy) {
    using S = engine::AutoAdjustStrategy;
    if (strategy != S::None && strategy != S::LivePush && strategy != S::LivePushResolution &&
        strategy != S::RealtimeVideoChat)
        throw engine::EngineException(ErrorCode::InvalidArgument,
                                      "no strategy has the value " + std::to_string(static_cast<int>(strategy)));
    strategy_ = strategy;
}

VideoEncoderParam EncoderSettings::param() const {
    const bool portrait = size_.height > size_.width;
    const engine::Size size = portrait ? engine::Size{size_.height, size_.width} : size_;
    struct Row {
        engine::Size size;
        int resolution;
    };
    static constexpr std::array<Row, 9> ROWS{{
        {{320, 240}, 3},
        {{480, 360}, 4},
        {{640, 480}, 5},
        {{320, 180}, 6},
        {{480, 272}, 7},
        {{640, 360}, 8},
        {{960, 540}, 9},
        {{1280, 720}, 10},
        {{1920, 1080}, 11},
    }};
    const auto *const found = std::find_if(ROWS.begin(), ROWS.end(), [&](const Row &row) { return row.size == size; });
    const int target = maxKbps_ > 0 ? maxKbps_ : kbps_;
    int minimum = std::min(minKbps_, target);
    if (strategy_ == engine::AutoAdjustStrategy::None)
        minimum = target;
    else if (minKbps_ == 0)
        minimum = target / 2;
    // 640×480 is the nearest of what the enum lacks.
    return {found == ROWS.end() ? 5 : found->resolution, portrait ? 1 : 0, static_cast<uint32_t>(fps_),
            static_cast<uint32_t>(target), static_cast<uint32_t>(minimum)};
}

std::string EncoderSettings::exactSize() const {
    const int longer = std::max(size_.width, size_.height);
    const int shorter = std::min(size_.width, size_.height);
    if (!(longer * 3 == shorter * 4 && longer > 640))
        return {};
    const VideoEncoderParam p = param();
    return "{\"videoWidth\":" + std::to_string(size_.width) + ",\"videoHeight\":" + std::to_string(size_.height) +
           ",\"videoFps\":" + std::to_string(p.fps) + ",\"videoBitrate\":" + std::to_string(p.bitrateKbps) +
           ",\"minVideoBitrate\":" + std::to_string(p.minBitrateKbps) + "}";
}

} // namespace rtcroom::liteav::v2
