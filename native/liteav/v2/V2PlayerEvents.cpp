#include "liteav/abi/Text.h"
#include "liteav/v2/V2Player.h"

// What the SDK tells, and what is made of it. The on… functions run on the SDK's threads: they copy and post.
namespace rtcroom::liteav::v2 {

using engine::Error;
using engine::ErrorCode;
using engine::Side;
namespace event = engine::event;

namespace {

/// How long sound waits for a first picture before the stream counts as one without pictures.
constexpr auto AUDIO_ONLY_AFTER = std::chrono::milliseconds(500);
/// Longer messages are not the SDK's: an SEI unit of live video is far below.
constexpr uint32_t MAX_SEI = 64 * 1024;

} // namespace

void V2Player::whilePlaying(std::function<void()> work) {
    worker_.offer([this, work = std::move(work)] {
        if (runs_.running() && sdkPlaying_)
            work();
    });
}

void V2Player::onError(int code, const char *message) {
    worker_.offer([this, code, text = sdkText(message)] {
        if (!runs_.running()) {
            if (code == code::INVALID_LICENSE)
                emit(event::PLAY_ERR_LICENCE_REFUSED, code, text);
            return;
        }
        const Error error = sdkError(Side::Play, code, "startPlay");
        if (code == code::REQUEST_TIMEOUT) {
            // The SDK tries again; "disconnected" ends it.
            lastError_ = error;
            emit(event::WARNING_SEVER_CONN_FAIL, code, text);
            return;
        }
        failPlay(error, finalEvent(Side::Play, code), text);
    });
}

void V2Player::onWarning(int code, const char *message) {
    worker_.offer([this, code, text = sdkText(message)] {
        const int event = warningEvent(Side::Play, code);
        decoderTold_ |= event == event::PLAY_EVT_START_VIDEO_DECODER;
        emit(event, code, text);
    });
}

void V2Player::onResolution(int width, int height) {
    if (width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE)
        whilePlaying([this, width, height] {
            emit(event::PLAY_EVT_CHANGE_RESOLUTION, 0, {},
                 {{"EVT_PARAM1", std::to_string(width)}, {"EVT_PARAM2", std::to_string(height)}});
        });
}

void V2Player::onConnected() {
    whilePlaying([this] {
        if (std::exchange(connected_, true))
            return;
        emit(event::PLAY_EVT_CONNECT_SUCC);
        emit(event::PLAY_EVT_RTMP_STREAM_BEGIN);
    });
}

void V2Player::onVideoPlaying(bool first) {
    whilePlaying([this, first] {
        videoSeen_ = true;
        if (begun_ && first)
            return; // twice is once
        if (!begun_) {
            if (!std::exchange(decoderTold_, true))
                emit(event::PLAY_EVT_START_VIDEO_DECODER);
            emit(event::PLAY_EVT_RCV_FIRST_I_FRAME);
            return beginPlay();
        }
        emit(event::PLAY_EVT_PLAY_BEGIN);
    });
}

void V2Player::onAudioPlaying(bool first) {
    whilePlaying([this, first] {
        if (!first)
            return;
        emit(event::PLAY_EVT_RCV_FIRST_AUDIO_FRAME);
        if (begun_ || videoSeen_)
            return;
        worker_.postAfter(AUDIO_ONLY_AFTER, [this, number = runs_.current()] {
            if (runs_.running(number) && !videoSeen_ && !begun_)
                beginPlay();
        });
    });
}

void V2Player::beginPlay() {
    begun_ = true;
    emit(event::PLAY_EVT_PLAY_BEGIN);
    settlePlay(std::nullopt);
}

void V2Player::onVideoLoading() {
    whilePlaying([this] { emit(event::PLAY_EVT_PLAY_LOADING); });
}

void V2Player::onAudioLoading() {
    whilePlaying([this] {
        if (!videoSeen_)
            emit(event::PLAY_EVT_PLAY_LOADING);
    });
}

void V2Player::onStatistics(const PlayerStatistics *statistics) {
    if (statistics)
        whilePlaying([this, copy = *statistics] {
            if (!closed())
                listener_.onStatus(statusOf(copy));
        });
}

void V2Player::onSnapshot(const char *bgra, int length, int width, int height) {
    worker_.offer([this, picture = copyPicture(bgra, length, width, height), width, height] {
        snapshots_.complete(picture, width, height);
    });
}

void V2Player::onVideoFrame(const VideoFrame *frame) {
    if (frame == nullptr || !videoOut_ || !runs_.wanted() || frame->bufferType != BufferType::ByteBuffer)
        return;
    engine::VideoFrame copy;
    const bool good = frame->pixelFormat == PixelFormat::I420
                          ? copyI420(pool_, frame->data, frame->length, frame->width, frame->height, copy)
                      : frame->pixelFormat == PixelFormat::Rgba32 || frame->pixelFormat == PixelFormat::Bgra32
                          ? copyRgba(pool_, frame->data, frame->length, frame->width, frame->height,
                                     frame->pixelFormat == PixelFormat::Bgra32, copy)
                          : false;
    if (good)
        listener_.onVideoFrame(std::move(copy));
}

void V2Player::onAudioFrame(const AudioFrame *frame) {
    engine::AudioFrame copy;
    if (frame != nullptr && audioOut_ && runs_.wanted() &&
        copyPcm(pool_, frame->data, frame->length, static_cast<int>(frame->sampleRate),
                static_cast<int>(frame->channel), copy))
        listener_.onAudioFrame(std::move(copy));
}

void V2Player::onSei(int type, const uint8_t *data, uint32_t length) {
    if (data == nullptr || length > MAX_SEI)
        return;
    // Not sdkText: a message is the application's, it may hold addresses.
    whilePlaying([this, type, text = std::string(reinterpret_cast<const char *>(data), length)] {
        emit(event::EVT_PLAY_GET_MESSAGE, 0, {},
             {{"EVT_GET_MSG", validUtf8(text)},
              {"EVT_GET_MSG_LENGTH", std::to_string(text.size())},
              {"EVT_PARAM1", std::to_string(type)}});
    });
}

void V2Player::onStreamSwitched(int code) {
    if (code != 0)
        whilePlaying([this, code] { emit(event::PLAY_ERR_STREAM_SWITCH_FAIL, code); });
}

void V2Player::onRecordBegin(int code, const char *path) {
    worker_.offer([this, code, text = sdkText(path)] { recording_.begun(code, text); });
}

void V2Player::onRecording(long durationMs, const char *path) {
    worker_.offer([this, durationMs, text = sdkText(path)] {
        if (recording_.running())
            emit(event::PLAY_EVT_LOCAL_RECORD_PROGRESS, 0, {},
                 {{"EVT_PARAM1", std::to_string(durationMs)}, {"EVT_PARAM2", text}});
    });
}

void V2Player::onRecordComplete(int code, const char *path) {
    worker_.offer([this, code, text = sdkText(path)] { recording_.complete(code, text); });
}

} // namespace rtcroom::liteav::v2
