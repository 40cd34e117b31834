#include "engine/Event.h"

#include <array>
#include <chrono>

#include "engine/Error.h"

namespace rtcroom::engine {
namespace {

using enum Severity;
constexpr Side Push = Side::Push;
constexpr Side Play = Side::Play;

#define RTCROOM_EVENT(side, name, severity, meaning)                                                                   \
    EventInfo { event::name, side, #name, severity, meaning }
#define RTCROOM_SHARED(code, suffix, meaning)                                                                          \
    EventInfo{event::code, Push, "PUSH_" suffix, Warning, meaning}, EventInfo {                                        \
        event::code, Play, "PLAY_" suffix, Warning, meaning                                                            \
    }

constexpr std::array TABLE{
    RTCROOM_EVENT(Push, PUSH_EVT_CONNECT_SUCC, Info, "connected to the push server"),
    RTCROOM_EVENT(Push, PUSH_EVT_PUSH_BEGIN, Info, "the server accepts the stream; repeats after each reconnect"),
    RTCROOM_EVENT(Push, PUSH_EVT_OPEN_CAMERA_SUCC, Info, "camera opened"),
    RTCROOM_EVENT(Push, PUSH_EVT_CHANGE_RESOLUTION, Info, "the encoded resolution changed"),
    RTCROOM_EVENT(Push, PUSH_EVT_CHANGE_BITRATE, Info, "the encoder's bitrate changed"),
    RTCROOM_EVENT(Push, PUSH_EVT_FIRST_FRAME_AVAILABLE, Info, "first captured frame"),
    RTCROOM_EVENT(Push, PUSH_EVT_START_VIDEO_ENCODER, Info, "video encoder started"),
    RTCROOM_EVENT(Push, PUSH_EVT_SNAPSHOT_RESULT, Info, "snapshot finished"),
    RTCROOM_EVENT(Push, PUSH_EVT_CAMERA_REMOVED, Warning, "camera unplugged"),
    RTCROOM_EVENT(Push, PUSH_EVT_CAMERA_AVAILABLE, Info, "camera usable again"),
    RTCROOM_EVENT(Push, PUSH_EVT_CAMERA_CLOSED, Info, "camera closed"),
    RTCROOM_EVENT(Push, PUSH_EVT_LOCAL_RECORD_RESULT, Info, "local recording ended"),
    RTCROOM_EVENT(Push, PUSH_EVT_LOCAL_RECORD_PROGRESS, Info, "local recording goes on"),
    RTCROOM_EVENT(Push, PUSH_EVT_MICROPHONE_AVAILABLE, Info, "the microphone is back"),
    RTCROOM_EVENT(Push, PUSH_EVT_KEY_FRAME_WANTED, Info, "the application's H.264 goes on at its next key frame"),
    RTCROOM_EVENT(Push, PUSH_EVT_OTHER, Info, "the SDK tells something that has no name here, see nativeCode"),
    RTCROOM_EVENT(Push, PUSH_WARNING_NET_BUSY, Warning, "the uplink is too slow for the stream"),
    RTCROOM_EVENT(Push, PUSH_WARNING_RECONNECT, Warning, "connection lost, reconnecting"),
    RTCROOM_EVENT(Push, PUSH_WARNING_HW_ACCELERATION_FAIL, Warning, "hardware encoder failed, using software"),
    RTCROOM_EVENT(Push, PUSH_WARNING_VIDEO_ENCODE_FAIL, Warning, "video encoder failed, restarting it"),
    RTCROOM_EVENT(Push, PUSH_WARNING_BEAUTYSURFACE_VIEW_INIT_FAIL, Warning, "beauty filter could not start"),
    RTCROOM_EVENT(Push, PUSH_WARNING_VIDEO_ENCODE_BITRATE_OVERFLOW, Warning, "the encoder exceeds its bitrate"),
    RTCROOM_EVENT(Push, PUSH_WARNING_SETTING_REFUSED, Warning, "a setting that had to wait was refused"),
    RTCROOM_EVENT(Push, PUSH_WARNING_WINDOW_LOST, Warning,
                  "the window is gone or cannot be drawn into; nothing is shown"),
    RTCROOM_EVENT(Push, PUSH_WARNING_MICROPHONE_LOST, Warning,
                  "the microphone or the system's sound is gone; there is silence until it is back"),
    RTCROOM_EVENT(Push, PUSH_WARNING_OTHER, Warning,
                  "the SDK warns of something that has no name here, see nativeCode"),
    RTCROOM_EVENT(Push, PUSH_ERR_OPEN_CAMERA_FAIL, Error, "camera could not be opened"),
    RTCROOM_EVENT(Push, PUSH_ERR_OPEN_MIC_FAIL, Error, "microphone could not be opened"),
    RTCROOM_EVENT(Push, PUSH_ERR_VIDEO_ENCODE_FAIL, Error, "video encoding failed"),
    RTCROOM_EVENT(Push, PUSH_ERR_AUDIO_ENCODE_FAIL, Error, "audio encoding failed"),
    RTCROOM_EVENT(Push, PUSH_ERR_UNSUPPORTED_RESOLUTION, Error, "resolution not supported"),
    RTCROOM_EVENT(Push, PUSH_ERR_UNSUPPORTED_SAMPLERATE, Error, "sample rate not supported"),
    RTCROOM_EVENT(Push, PUSH_ERR_NET_DISCONNECT, Error, "push ended: the retries are used up"),
    RTCROOM_EVENT(Push, PUSH_ERR_SCREEN_CAPTURE_START_FAIL, Error, "the screen could not be captured"),
    RTCROOM_EVENT(Push, PUSH_ERR_SCREEN_CAPTURE_UNSUPPORTED, Error, "this machine cannot capture its screen"),
    RTCROOM_EVENT(Push, PUSH_ERR_INVALID_ADDRESS, Error, "the push address is not valid"),
    RTCROOM_EVENT(Push, PUSH_ERR_CAMERA_NOT_AUTHORIZED, Error, "Windows does not let this program use the camera"),
    RTCROOM_EVENT(Push, PUSH_ERR_CAMERA_OCCUPY, Error, "camera in use by another program"),
    RTCROOM_EVENT(Push, PUSH_ERR_MIC_NOT_AUTHORIZED, Error, "Windows does not let this program use the microphone"),
    RTCROOM_EVENT(Push, PUSH_ERR_MICROPHONE_OCCUPY, Error, "microphone in use by another program"),
    RTCROOM_EVENT(Push, PUSH_ERR_SERVER_REFUSED, Error,
                  "the server refused the stream (in use, or a bad or expired signature)"),
    RTCROOM_EVENT(Push, PUSH_ERR_LICENCE_REFUSED, Error, "the SDK refused its licence"),
    RTCROOM_EVENT(Push, PUSH_ERR_OTHER, Error, "the SDK failed in a way that has no name here, see nativeCode"),
    RTCROOM_EVENT(Push, PUSH_ERR_SCREEN_CAPTURE_INTERRUPTED, Error, "the captured window or screen is gone"),
    RTCROOM_SHARED(WARNING_DNS_FAIL, "WARNING_DNS_FAIL", "the server's name could not be resolved"),
    RTCROOM_SHARED(WARNING_SEVER_CONN_FAIL, "WARNING_SEVER_CONN_FAIL", "the server could not be reached"),
    RTCROOM_SHARED(WARNING_SHAKE_FAIL, "WARNING_SHAKE_FAIL", "the RTMP handshake failed"),
    RTCROOM_SHARED(WARNING_SERVER_DISCONNECT, "WARNING_SERVER_DISCONNECT", "the server closed the connection"),
    RTCROOM_EVENT(Push, PUSH_WARNING_SERVER_NO_DATA, Warning, "the server takes no data"),
    RTCROOM_EVENT(Play, PLAY_EVT_CONNECT_SUCC, Info, "connected to the play server"),
    RTCROOM_EVENT(Play, PLAY_EVT_RTMP_STREAM_BEGIN, Info, "the server begins the stream"),
    RTCROOM_EVENT(Play, PLAY_EVT_RCV_FIRST_I_FRAME, Info, "first key frame decoded"),
    RTCROOM_EVENT(Play, PLAY_EVT_PLAY_BEGIN, Info, "playback begins"),
    RTCROOM_EVENT(Play, PLAY_EVT_PLAY_PROGRESS, Info, "playback goes on"),
    RTCROOM_EVENT(Play, PLAY_EVT_PLAY_END, Info, "the stream ended"),
    RTCROOM_EVENT(Play, PLAY_EVT_PLAY_LOADING, Info, "waiting for data"),
    RTCROOM_EVENT(Play, PLAY_EVT_START_VIDEO_DECODER, Info, "video decoder started"),
    RTCROOM_EVENT(Play, PLAY_EVT_CHANGE_RESOLUTION, Info, "the picture's size changed"),
    RTCROOM_EVENT(Play, PLAY_EVT_SNAPSHOT_RESULT, Info, "snapshot finished"),
    RTCROOM_EVENT(Play, EVT_PLAY_GET_MESSAGE, Info, "a message came in the stream"),
    RTCROOM_EVENT(Play, PLAY_EVT_RCV_FIRST_AUDIO_FRAME, Info, "first sound decoded"),
    RTCROOM_EVENT(Play, PLAY_EVT_LOCAL_RECORD_RESULT, Info, "local recording ended"),
    RTCROOM_EVENT(Play, PLAY_EVT_LOCAL_RECORD_PROGRESS, Info, "local recording goes on"),
    RTCROOM_EVENT(Play, PLAY_EVT_SPEAKER_AVAILABLE, Info, "the sound plays in the loudspeaker"),
    RTCROOM_EVENT(Play, PLAY_EVT_OTHER, Info, "the SDK tells something that has no name here, see nativeCode"),
    RTCROOM_EVENT(Play, PLAY_WARNING_VIDEO_DECODE_FAIL, Warning,
                  "a picture that somebody looks at could not be decoded"),
    RTCROOM_EVENT(Play, PLAY_WARNING_AUDIO_DECODE_FAIL, Warning, "sound could not be decoded"),
    RTCROOM_EVENT(Play, PLAY_WARNING_RECONNECT, Warning, "connection lost, reconnecting"),
    RTCROOM_EVENT(Play, PLAY_WARNING_RECV_DATA_LAG, Warning, "data arrives late"),
    RTCROOM_EVENT(Play, PLAY_WARNING_VIDEO_PLAY_LAG, Warning, "playback stalls"),
    RTCROOM_EVENT(Play, PLAY_WARNING_HW_ACCELERATION_FAIL, Warning, "hardware decoder failed, using software"),
    RTCROOM_EVENT(Play, PLAY_WARNING_VIDEO_DISCONTINUITY, Warning, "pictures are missing in the stream"),
    RTCROOM_EVENT(Play, PLAY_WARNING_FIRST_IDR_HW_DECODE_FAIL, Warning, "hardware decoder refused the first key frame"),
    RTCROOM_EVENT(Play, PLAY_WARNING_SETTING_REFUSED, Warning, "a setting that had to wait was refused"),
    RTCROOM_EVENT(Play, PLAY_WARNING_WINDOW_LOST, Warning,
                  "the window is gone or cannot be drawn into; nothing is shown"),
    RTCROOM_EVENT(Play, PLAY_WARNING_SPEAKER_LOST, Warning,
                  "the loudspeaker could not be opened, or is gone; it is tried again"),
    RTCROOM_EVENT(Play, PLAY_WARNING_OTHER, Warning,
                  "the SDK warns of something that has no name here, see nativeCode"),
    RTCROOM_EVENT(Play, PLAY_ERR_NET_DISCONNECT, Error, "playback ended: the retries are used up"),
    RTCROOM_EVENT(Play, PLAY_ERR_GET_RTMP_ACC_URL_FAIL, Error, "the low-latency address could not be got"),
    RTCROOM_EVENT(Play, PLAY_ERR_HEVC_DECODE_FAIL, Error, "no decoder for HEVC"),
    RTCROOM_EVENT(Play, PLAY_ERR_STREAM_SWITCH_FAIL, Error, "the stream could not be switched"),
    RTCROOM_EVENT(Play, PLAY_ERR_STREAM_REFUSED, Error, "the server refused playback (a bad or expired signature)"),
    RTCROOM_EVENT(Play, PLAY_ERR_INVALID_ADDRESS, Error, "the play address is not valid"),
    RTCROOM_EVENT(Play, PLAY_ERR_LICENCE_REFUSED, Error, "the SDK refused its licence"),
    RTCROOM_EVENT(Play, PLAY_ERR_OTHER, Error, "the SDK failed in a way that has no name here, see nativeCode"),
};

#undef RTCROOM_EVENT
#undef RTCROOM_SHARED

} // namespace

std::span<const EventInfo> eventTable() { return TABLE; }

const EventInfo &eventInfo(Side side, int code) {
    for (const EventInfo &row : TABLE)
        if (row.side == side && row.code == code)
            return row;
    throw EngineException(ErrorCode::Internal, "no event has the number " + std::to_string(code));
}

Event makeEvent(Side side, int code, const std::string &message,
                std::vector<std::pair<std::string, std::string>> params) {
    const EventInfo &info = eventInfo(side, code);
    const auto sinceEpoch = std::chrono::system_clock::now().time_since_epoch();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(sinceEpoch).count();
    params.insert(params.begin(), {"EVT_TIME", std::to_string(ms)});
    params.insert(params.begin(), {"EVT_MSG", message.empty() ? info.meaning : message});
    return Event{&info, info.code, std::move(params)};
}

} // namespace rtcroom::engine
