#include "liteav/Convert.h"
#include "liteav/abi/Text.h"
#include "liteav/v2/V2Pusher.h"

// What the SDK tells, and what is made of it. The on… functions run on the SDK's threads: they copy and post.
namespace rtcroom::liteav::v2 {

using engine::Error;
using engine::ErrorCode;
using engine::Side;
namespace event = engine::event;

void V2Pusher::onError(int code, const char *message) {
    worker_.offer([this, code, text = sdkText(message)] {
        if (!runs_.running()) {
            // The camera alone needs a licence as well; errors of a connection come late and mean nothing any more.
            if (code == code::INVALID_LICENSE)
                emit(event::PUSH_ERR_LICENCE_REFUSED, code, text);
            return;
        }
        const Error error = sdkError(Side::Push, code, "startPush");
        if (code == code::REQUEST_TIMEOUT) {
            // The SDK tries again; "disconnected" ends it.
            lastError_ = error;
            emit(event::WARNING_SEVER_CONN_FAIL, code, text);
            return;
        }
        failPush(error, finalEvent(Side::Push, code), text);
    });
}

void V2Pusher::onWarning(int code, const char *message) {
    worker_.offer([this, code, text = sdkText(message)] { emit(warningEvent(Side::Push, code), code, text); });
}

void V2Pusher::onCaptureFirstVideoFrame() {
    worker_.offer([this] {
        if (source_ == Source::None || std::exchange(firstFrame_, true))
            return;
        if (source_ == Source::Camera)
            emit(event::PUSH_EVT_OPEN_CAMERA_SUCC);
        emit(event::PUSH_EVT_FIRST_FRAME_AVAILABLE);
    });
}

void V2Pusher::onPushStatus(int status, const char *message) {
    worker_.offer([this, status, text = sdkText(message)] { handleStatus(static_cast<PushStatus>(status), text); });
}

void V2Pusher::handleStatus(PushStatus status, const std::string &message) {
    const int native = static_cast<int>(status);
    if (status == PushStatus::Disconnected && owedDisconnects_ > 0 && (!runs_.running() || !sawConnecting_)) {
        --owedDisconnects_;
        return;
    }
    if (!runs_.running())
        return;
    sawConnecting_ = true;
    switch (status) {
    case PushStatus::Connecting:
        return;
    case PushStatus::ConnectSuccess:
        // Twice is once.
        if (connected_)
            return;
        connected_ = true;
        if (!encodedSize_) {
            encodedSize_ = engine::Size{};
            emit(event::PUSH_EVT_CONNECT_SUCC, native, message);
        }
        emit(event::PUSH_EVT_PUSH_BEGIN, native, message);
        settlePush(std::nullopt);
        return;
    case PushStatus::Reconnecting:
        connected_ = false;
        emit(event::PUSH_WARNING_RECONNECT, native, message);
        return;
    case PushStatus::Disconnected:
        failPush(lastError_.value_or(Error{ErrorCode::ServerDisconnected,
                                           "startPush: the connection was lost and the SDK's retries are used up"}),
                 event::PUSH_ERR_NET_DISCONNECT, message);
        // This was the one that failPush's stop owed.
        owedDisconnects_ = 0;
    }
}

void V2Pusher::onStatistics(const PusherStatistics *statistics) {
    if (statistics)
        worker_.offer([this, copy = *statistics] { handleStatistics(copy); });
}

void V2Pusher::handleStatistics(const PusherStatistics &statistics) {
    if (!runs_.running() || closed())
        return;
    const engine::Size size{statistics.width, statistics.height};
    if (encodedSize_ && size.width > 0 && size.height > 0 && size != *encodedSize_) {
        if (*encodedSize_ == engine::Size{})
            emit(event::PUSH_EVT_START_VIDEO_ENCODER);
        else
            emit(event::PUSH_EVT_CHANGE_RESOLUTION, 0, {},
                 {{"EVT_PARAM1", std::to_string(size.width)}, {"EVT_PARAM2", std::to_string(size.height)}});
        encodedSize_ = size;
    }
    tellStatus_(statusOf(statistics, encoder_.param().bitrateKbps));
}

void V2Pusher::onSnapshot(const char *bgra, int length, int width, int height) {
    worker_.offer([this, picture = copyPicture(bgra, length, width, height), width, height] {
        snapshots_.complete(picture, width, height);
    });
}

void V2Pusher::onScreenCaptureStopped(int reason) {
    // 1: the window was closed; 2: the display changed; 0: the application's own stop.
    if (reason != 0)
        worker_.offer([this, reason] {
            emit(event::PUSH_ERR_SCREEN_CAPTURE_INTERRUPTED, 0, {}, {{"EVT_PARAM1", std::to_string(reason)}});
        });
}

void V2Pusher::onRecordBegin(int code, const char *path) {
    worker_.offer([this, code, text = sdkText(path)] { recording_.begun(code, text); });
}

void V2Pusher::onRecording(long durationMs, const char *path) {
    worker_.offer([this, durationMs, text = sdkText(path)] {
        if (recording_.running())
            emit(event::PUSH_EVT_LOCAL_RECORD_PROGRESS, 0, {},
                 {{"EVT_PARAM1", std::to_string(durationMs)}, {"EVT_PARAM2", text}});
    });
}

void V2Pusher::onRecordComplete(int code, const char *path) {
    worker_.offer([this, code, text = sdkText(path)] { recording_.complete(code, text); });
}

void V2Pusher::onDeviceChanged(const char *id, int type, int state) {
    if (type != static_cast<int>(DeviceType::Camera))
        return;
    const int code = state == static_cast<int>(DeviceState::Add)      ? event::PUSH_EVT_CAMERA_AVAILABLE
                     : state == static_cast<int>(DeviceState::Remove) ? event::PUSH_EVT_CAMERA_REMOVED
                                                                      : 0;
    if (code != 0)
        worker_.offer([this, code, text = sdkText(id)] { emit(code, 0, {}, {{"EVT_PARAM1", text}}); });
}

// ---- the application's own frames, queued as they are

namespace {

engine::EngineException noUserSource(const char *what) {
    return {ErrorCode::InvalidState, std::string("start the ") + what + " with the source 'user' first"};
}

} // namespace

void V2Pusher::sendCustomVideoData(const engine::UserVideo &video) {
    require("sendCustomVideoData");
    requireVideo(video);
    if (!userVideo_)
        throw noUserSource("preview");
    frames_.push("sendCustomVideoData", [this, bytes = std::vector<char>(video.data, video.data + video.size),
                                         width = video.width, height = video.height]() mutable {
        abortIfClosed();
        if (source_ != Source::User)
            throw noUserSource("preview");
        VideoFrame frame{PixelFormat::I420,
                         BufferType::ByteBuffer,
                         bytes.data(),
                         static_cast<int32_t>(bytes.size()),
                         width,
                         height,
                         0,
                         0,
                         nullptr};
        check(Side::Push, sdk().sendCustomVideoFrame(&frame), "sendCustomVideoData");
    });
}

void V2Pusher::sendCustomAudioData(const engine::UserAudio &audio) {
    require("sendCustomAudioData");
    requireAudio(audio);
    if (!userAudio_)
        throw noUserSource("audio capture");
    frames_.push("sendCustomAudioData", [this, bytes = std::vector<char>(audio.data, audio.data + audio.size),
                                         rate = audio.sampleRate, channels = audio.channels]() mutable {
        abortIfClosed();
        if (sound_ != Sound::User)
            throw noUserSource("audio capture");
        AudioFrame frame{bytes.data(), static_cast<uint32_t>(bytes.size()), static_cast<uint32_t>(rate),
                         static_cast<uint32_t>(channels)};
        check(Side::Push, sdk().sendCustomAudioFrame(&frame), "sendCustomAudioData");
    });
}

} // namespace rtcroom::liteav::v2
