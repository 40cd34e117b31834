#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace rtcroom::engine {

enum class Severity { Info, Warning, Error };

/// Numbers of the interface SDK (generation 2); where the 2018 SDK differs, an event keeps its name and carries
/// `nativeCode`. PUSH_ and PLAY_ share the network warnings 3001–3004.
namespace event {
inline constexpr int PUSH_EVT_CONNECT_SUCC = 1001;
inline constexpr int PUSH_EVT_PUSH_BEGIN = 1002;
inline constexpr int PUSH_EVT_OPEN_CAMERA_SUCC = 1003;
inline constexpr int PUSH_EVT_CHANGE_RESOLUTION = 1005;
inline constexpr int PUSH_EVT_CHANGE_BITRATE = 1006;
inline constexpr int PUSH_EVT_FIRST_FRAME_AVAILABLE = 1007;
inline constexpr int PUSH_EVT_START_VIDEO_ENCODER = 1008;
inline constexpr int PUSH_EVT_SNAPSHOT_RESULT = 1022;
inline constexpr int PUSH_EVT_CAMERA_REMOVED = 1023;
inline constexpr int PUSH_EVT_CAMERA_AVAILABLE = 1024;
inline constexpr int PUSH_EVT_CAMERA_CLOSED = 1025;
inline constexpr int PUSH_EVT_LOCAL_RECORD_RESULT = 1029;
inline constexpr int PUSH_EVT_LOCAL_RECORD_PROGRESS = 1030;
/// Ours: the microphone that was lost is back.
inline constexpr int PUSH_EVT_MICROPHONE_AVAILABLE = 1031;
/// Ours: pictures that come encoded can go on at a key frame alone.
inline constexpr int PUSH_EVT_KEY_FRAME_WANTED = 1032;
// Ours, for what an SDK tells beyond this table; `nativeCode` has its number.
inline constexpr int PUSH_EVT_OTHER = 1099;
inline constexpr int PUSH_WARNING_NET_BUSY = 1101;
inline constexpr int PUSH_WARNING_RECONNECT = 1102;
inline constexpr int PUSH_WARNING_HW_ACCELERATION_FAIL = 1103;
inline constexpr int PUSH_WARNING_VIDEO_ENCODE_FAIL = 1104;
inline constexpr int PUSH_WARNING_BEAUTYSURFACE_VIEW_INIT_FAIL = 1105;
inline constexpr int PUSH_WARNING_VIDEO_ENCODE_BITRATE_OVERFLOW = 1106;
/// Ours: a setting was taken on while the SDK was busy and refused by it later; EVT_DESCRIPTION names the method.
inline constexpr int PUSH_WARNING_SETTING_REFUSED = 1190;
/// Ours.
inline constexpr int PUSH_WARNING_WINDOW_LOST = 1191;
/// Ours.
inline constexpr int PUSH_WARNING_MICROPHONE_LOST = 1192;
inline constexpr int PUSH_WARNING_OTHER = 1199;
inline constexpr int PUSH_ERR_OPEN_CAMERA_FAIL = -1301;
inline constexpr int PUSH_ERR_OPEN_MIC_FAIL = -1302;
inline constexpr int PUSH_ERR_VIDEO_ENCODE_FAIL = -1303;
inline constexpr int PUSH_ERR_AUDIO_ENCODE_FAIL = -1304;
inline constexpr int PUSH_ERR_UNSUPPORTED_RESOLUTION = -1305;
inline constexpr int PUSH_ERR_UNSUPPORTED_SAMPLERATE = -1306;
inline constexpr int PUSH_ERR_NET_DISCONNECT = -1307;
inline constexpr int PUSH_ERR_SCREEN_CAPTURE_START_FAIL = -1308;
inline constexpr int PUSH_ERR_SCREEN_CAPTURE_UNSUPPORTED = -1309;
inline constexpr int PUSH_ERR_INVALID_ADDRESS = -1313;
inline constexpr int PUSH_ERR_CAMERA_NOT_AUTHORIZED = -1314;
inline constexpr int PUSH_ERR_CAMERA_OCCUPY = -1316;
inline constexpr int PUSH_ERR_MIC_NOT_AUTHORIZED = -1317;
inline constexpr int PUSH_ERR_MICROPHONE_OCCUPY = -1319;
inline constexpr int PUSH_ERR_SERVER_REFUSED = -1326;
/// Ours, like its player's twin: the SDKs have a return code for it, but no event.
inline constexpr int PUSH_ERR_LICENCE_REFUSED = -1390;
inline constexpr int PUSH_ERR_OTHER = -1399;
inline constexpr int PUSH_ERR_SCREEN_CAPTURE_INTERRUPTED = -7001;
inline constexpr int WARNING_DNS_FAIL = 3001;
inline constexpr int WARNING_SEVER_CONN_FAIL = 3002; // the SDK's own spelling
inline constexpr int WARNING_SHAKE_FAIL = 3003;
inline constexpr int WARNING_SERVER_DISCONNECT = 3004;
inline constexpr int PUSH_WARNING_SERVER_NO_DATA = 3008;
inline constexpr int PLAY_EVT_CONNECT_SUCC = 2001;
inline constexpr int PLAY_EVT_RTMP_STREAM_BEGIN = 2002;
inline constexpr int PLAY_EVT_RCV_FIRST_I_FRAME = 2003;
inline constexpr int PLAY_EVT_PLAY_BEGIN = 2004;
inline constexpr int PLAY_EVT_PLAY_PROGRESS = 2005;
inline constexpr int PLAY_EVT_PLAY_END = 2006;
inline constexpr int PLAY_EVT_PLAY_LOADING = 2007;
inline constexpr int PLAY_EVT_START_VIDEO_DECODER = 2008;
inline constexpr int PLAY_EVT_CHANGE_RESOLUTION = 2009;
inline constexpr int EVT_PLAY_GET_MESSAGE = 2012;
inline constexpr int PLAY_EVT_RCV_FIRST_AUDIO_FRAME = 2026;
/// Ours: the SDK has no player record in these generations.
inline constexpr int PLAY_EVT_LOCAL_RECORD_RESULT = 2029;
inline constexpr int PLAY_EVT_LOCAL_RECORD_PROGRESS = 2030;
inline constexpr int PLAY_EVT_OTHER = 2099;
/// Ours: the sound plays in the loudspeaker that was chosen; also when that is back.
inline constexpr int PLAY_EVT_SPEAKER_AVAILABLE = 2031;
/// 1022 in the interface SDK, 2010 in the 2018 one; ours is 2010, so that a number alone tells push from play.
inline constexpr int PLAY_EVT_SNAPSHOT_RESULT = 2010;
inline constexpr int PLAY_WARNING_VIDEO_DECODE_FAIL = 2101;
inline constexpr int PLAY_WARNING_AUDIO_DECODE_FAIL = 2102;
inline constexpr int PLAY_WARNING_RECONNECT = 2103;
inline constexpr int PLAY_WARNING_RECV_DATA_LAG = 2104;
inline constexpr int PLAY_WARNING_VIDEO_PLAY_LAG = 2105;
inline constexpr int PLAY_WARNING_HW_ACCELERATION_FAIL = 2106;
inline constexpr int PLAY_WARNING_VIDEO_DISCONTINUITY = 2107;
inline constexpr int PLAY_WARNING_FIRST_IDR_HW_DECODE_FAIL = 2108;
inline constexpr int PLAY_WARNING_SETTING_REFUSED = 2190;
/// Ours.
inline constexpr int PLAY_WARNING_WINDOW_LOST = 2191;
/// Ours.
inline constexpr int PLAY_WARNING_SPEAKER_LOST = 2192;
inline constexpr int PLAY_WARNING_OTHER = 2199;
inline constexpr int PLAY_ERR_NET_DISCONNECT = -2301;
inline constexpr int PLAY_ERR_GET_RTMP_ACC_URL_FAIL = -2302;
inline constexpr int PLAY_ERR_HEVC_DECODE_FAIL = -2304;
inline constexpr int PLAY_ERR_STREAM_SWITCH_FAIL = -2307;
inline constexpr int PLAY_ERR_STREAM_REFUSED = -2308;
/// Ours: the SDKs have a return code for it, but no number on this side.
inline constexpr int PLAY_ERR_INVALID_ADDRESS = -2313;
inline constexpr int PLAY_ERR_LICENCE_REFUSED = -2390;
inline constexpr int PLAY_ERR_OTHER = -2399;
} // namespace event

/// Which side an event belongs to: the shared network warnings have one number and a name on each side.
enum class Side { Push, Play };

struct EventInfo {
    int code;
    Side side;
    const char *name;
    Severity severity;
    /// One line for people; also the default EVT_MSG.
    const char *meaning;
};

/// Every event of the contract, once a side.
std::span<const EventInfo> eventTable();
/// The row of `code` on `side`; throws EngineException(Internal) for a number that is not in the table.
const EventInfo &eventInfo(Side side, int code);

struct Event {
    const EventInfo *info;
    /// The number that the underlying SDK gave, the table's own on the embedded engine.
    int nativeCode;
    /// The SDK's parameter keys (EVT_MSG, EVT_TIME in ms since 1970, EVT_PARAM1 …); all values are text.
    std::vector<std::pair<std::string, std::string>> params;
};

/// An event of the table with EVT_MSG (the row's meaning when `message` is empty) and EVT_TIME filled in.
Event makeEvent(Side side, int code, const std::string &message = {},
                std::vector<std::pair<std::string, std::string>> params = {});

} // namespace rtcroom::engine
