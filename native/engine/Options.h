#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/Frame.h"

namespace rtcroom::engine {

// Values are the SDK's (spec: TXE… enums); names are ours.
enum class VideoQualityPreset { Standard = 1, High, Super, LinkMicMain, LinkMicSub, RealtimeVideoChat, StillImage };
enum class VideoRatio { R4x3 = 0, R16x9 = 1, R9x16 = 2 };
enum class AutoAdjustStrategy { None = -1, LivePush = 0, LivePushResolution = 1, RealtimeVideoChat = 5 };
enum class PlayType { LiveRtmp = 0, LiveFlv = 1, LiveRtmpAcc = 2 };

/// Width and height of a TXEVideoResolution value (101 = 320×180 …) or of one of ours, 106 and 206: 1920×1080 and
/// 1080×1920, which the SDK's enum does not have. Throws InvalidArgument for others.
struct Size {
    int width = 0;
    int height = 0;
    bool operator==(const Size &) const = default;
};
Size resolutionSize(int txeVideoResolution);

/// What a quality preset stands for, in the SDK's numbers where it documents them.
struct QualityParams {
    Size size;
    int bitrateKbps;
    int minBitrateKbps;
    int maxBitrateKbps;
    AutoAdjustStrategy strategy;
};
QualityParams qualityParams(VideoQualityPreset preset, VideoRatio ratio);

/// Pixels of a screen or a window; all zero is the whole of it.
struct Rect {
    int left = 0;
    int top = 0;
    int right = 0;
    int bottom = 0;
    bool operator==(const Rect &) const = default;
};

/// A camera, microphone or loudspeaker.
struct Device {
    std::string name;
    /// Stays the same while it is plugged in, where the engine tells one (DirectShow's path, V4L2's file); else empty.
    std::string id;
};

/// RGBA, packed; empty where there is none.
struct Thumbnail {
    Size size;
    std::vector<uint8_t> rgba{};
};

/// What can be shared.
struct ScreenCaptureSource {
    enum class Kind { Window, Screen, Custom };
    /// For selectScreenCaptureTarget; as long as the window or the screen is there.
    std::string id;
    Kind kind = Kind::Window;
    std::string name;
    bool minimized = false;
    bool mainScreen = false;
    Thumbnail thumbnail{};
};
/// Of a thumbnail: both 0 (none) or 16 to 1024; throws InvalidArgument.
void checkThumbnail(Size most);

struct ScreenCaptureProperty {
    /// Show the mouse pointer.
    bool captureMouse = true;
};

/// What the application gives the source User: Rgba is 4 bytes a pixel, whose alpha is ignored. H264 goes out as it is.
enum class UserVideoFormat { I420, Nv12, Rgba, H264 };
/// Adts is Aac with a header in front of each unit: a source of Aac takes both.
enum class UserAudioFormat { Pcm, Aac, Adts };

/// Image, Camera and Screen are pictures only, Microphone is sound only.
enum class SourceKind { Synthetic, File, Image, User, Camera, Screen, Microphone };

struct VideoSourceOptions {
    SourceKind kind = SourceKind::Synthetic;
    /// File and Image only: a path (or anything that FFmpeg opens).
    std::string path;
    /// File only: begin again at the end. Applies to the file's sound as well.
    bool loop = false;
    /// Camera only: its place in enumCameras().
    int camera = 0;
    /// Show what is captured in this window (HWND, X11 window); 0 shows it nowhere.
    uint64_t windowHandle = 0;
    /// User only. A source of one raw format takes the others as well.
    UserVideoFormat userFormat = UserVideoFormat::I420;
};

struct AudioSourceOptions {
    SourceKind kind = SourceKind::Synthetic;
    /// File only; empty takes the sound of the preview's file.
    std::string path;
    bool loop = false;
    /// User only.
    UserAudioFormat userFormat = UserAudioFormat::Pcm;
};

/// Of a text in the stream: 1 to 4096 bytes; throws InvalidArgument.
void checkMessage(const std::string &text);

/// Which engine, and what the LiteAV one needs.
struct EngineOptions {
    /// "embedded", "liteav", or "auto": LiteAV where its library is found, else the embedded one.
    std::string name = "auto";
    /// LiteAV only, UTF-8: liteav.dll or its folder. Empty: LITEAV_SDK_DIR, then beside the application.
    std::string sdkPath;
    /// LiteAV only: use a revision that is not known, within the slots that all known ones share.
    bool allowUnknownRevision = false;
    /// LiteAV only: as Tencent's console gives them; empty sets none.
    std::string licenceUrl;
    std::string licenceKey;
    bool operator==(const EngineOptions &) const = default;
};

/// Of rtmps:// and https://.
struct TlsOptions {
    /// Certificates of authorities, PEM: these are trusted instead of the system's.
    std::string ca;
    /// Check the server's certificate: chain, time, host name or address. Without that anybody in between can read and
    /// change the stream.
    bool verify = true;
    bool operator==(const TlsOptions &) const = default;
};

/// A connection's patience and its way. Defaults are the SDK's where it has them.
struct NetworkOptions {
    /// Further tries after a lost or failed connection.
    int connectRetryCount = 3;
    int connectRetryIntervalMs = 3000;
    /// TCP connect, handshake and the server's answer to publish or play, together.
    int connectTimeoutMs = 5000;
    /// Pusher: the server takes nothing of the stream for this long; player: nothing of it arrives for this long.
    int dataTimeoutMs = 5000;
    TlsOptions tls{};
    /// http://[user:password@]host[:port] or socks5://…; empty: none. Secret: never print it.
    std::string proxy{};
};

/// Beyond H264 and Aac the stream needs servers and players of enhanced RTMP.
enum class VideoCodec { H264, H265, Av1 };
enum class AudioCodec { Aac, Opus };

struct PusherOptions {
    NetworkOptions network;
    VideoCodec videoCodec = VideoCodec::H264;
    AudioCodec audioCodec = AudioCodec::Aac;
    /// Key-frame distance, s.
    double gopSeconds = 1;
    int audioSampleRate = 48000;
    /// 1 or 2; the SDK's default is mono.
    int audioChannels = 1;
    int audioBitrateKbps = 64;
    /// Tell players in the stream when its pictures were taken, for their END_TO_END_LATENCY.
    bool streamClock = true;
    int statusIntervalMs = 2000;
};

/// `None` decodes (for events, snapshots, status) and hands nothing out.
enum class OutputVideoFormat { None, I420, RGBA };

/// Of the pictures that are handed out; 0: the stream's own.
struct OutputVideoOptions {
    /// One of them: the other follows in the picture's ratio, even. Both: the whole picture, with black bars.
    int width = 0;
    int height = 0;
    /// At most.
    double fps = 0;
    bool operator==(const OutputVideoOptions &) const = default;
};
/// 2 to 8192, 0.1 to 120; throws InvalidArgument.
void checkOutput(const OutputVideoOptions &options);

/// Of the sound likewise.
struct OutputAudioOptions {
    int sampleRate = 0;
    int channels = 0;
    bool operator==(const OutputAudioOptions &) const = default;
};
/// 8000 to 48000, 1 or 2; throws InvalidArgument.
void checkOutput(const OutputAudioOptions &options);

struct PlayerOptions {
    NetworkOptions network;
    OutputVideoFormat videoFormat = OutputVideoFormat::None;
    /// Hand out decoded PCM.
    bool audioOutput = false;
    /// Play the sound in the system's own loudspeaker, until selectSpeakerDevice chooses another.
    bool speaker = false;
    int statusIntervalMs = 2000;
};

/// A picture of the application: packed and raw, or H.264 in Annex B (width and height are in it).
struct UserVideo {
    const uint8_t *data = nullptr;
    size_t size = 0;
    int width = 0;
    int height = 0;
    /// ms on the application's own clock, or negative for "now".
    int64_t timestampMs = -1;
    UserVideoFormat format = UserVideoFormat::I420;
    /// H264 with B-frames: when it is decoded, on the same clock; negative for when it is shown.
    int64_t dtsMs = -1;
};

/// Sound of the application: interleaved 16-bit PCM, one raw AAC unit, or ADTS frames (rate and channels are in them).
struct UserAudio {
    const uint8_t *data = nullptr;
    size_t size = 0;
    int sampleRate = 48000;
    int channels = 1;
    int64_t timestampMs = -1;
    UserAudioFormat format = UserAudioFormat::Pcm;
    /// Aac: its AudioSpecificConfig, with the first unit and where it changes.
    std::vector<uint8_t> config{};
};

} // namespace rtcroom::engine
