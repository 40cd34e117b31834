#include "v2/PlayerObject.h"

#include "runtime/Picture.h"
#include "runtime/Scenario.h"

using namespace liteav;

namespace standin {

namespace {

constexpr uint32_t STATISTICS_MS = 200;
constexpr uint32_t PAINT_MS = 66;
constexpr uint32_t SEI_MS = 500;
constexpr uint32_t FPS = 15;
constexpr int STREAM_WIDTH = 320;
constexpr int STREAM_HEIGHT = 180;
constexpr uint32_t SAMPLE_RATE = 48'000;
constexpr uint32_t SOUND_MS = 20;
constexpr int SAMPLES = SAMPLE_RATE / 1000 * SOUND_MS;

constexpr const char *CALLBACKS[] = {
    "onError",
    "onWarning",
    "onVideoResolutionChanged",
    "onConnected",
    "onVideoPlaying",
    "onAudioPlaying",
    "onVideoLoading",
    "onAudioLoading",
    "onPlayoutVolumeUpdate",
    "onStatisticsUpdate",
    "onSnapshotComplete",
    "onRenderVideoFrame",
    "onPlayoutAudioFrame",
    "onReceiveSeiMessage",
    "onStreamSwitched",
#if STANDIN_REVISION >= 4
    "onPictureInPictureStateUpdate",
    "onLocalRecordBegin",
    "onLocalRecording",
    "onLocalRecordComplete",
#endif
};
constexpr uint32_t CALLBACK_COUNT = sizeof CALLBACKS / sizeof *CALLBACKS;

bool isSize(int width, int height) { return width >= 2 && height >= 2 && width <= 1920 && height <= 1920; }

/// A picture of a × b px; sizes that no picture has make an empty frame that claims them (hostile mode).
void deliverFrame(V2TXLivePlayerObserver &observer, V2TXLivePlayer *player, int format, int a, int b, uint32_t count) {
    V2TXLiveVideoFrame frame{};
    frame.pixelFormat = static_cast<V2TXLivePixelFormat>(format);
    frame.bufferType = V2TXLiveBufferTypeByteBuffer;
    if (!isSize(a, b)) {
        frame.width = a;
        frame.height = b;
        frame.length = a;
        return observer.onRenderVideoFrame(player, a ? &frame : nullptr);
    }
    const Picture picture(Field::Blue,
                          format == V2TXLivePixelFormatBGRA32   ? Picture::Format::Bgra
                          : format == V2TXLivePixelFormatRGBA32 ? Picture::Format::Rgba
                                                                : Picture::Format::I420,
                          a & ~1, b & ~1, count);
    frame.data = picture.data();
    frame.length = picture.size();
    frame.width = picture.width();
    frame.height = picture.height();
    observer.onRenderVideoFrame(player, &frame);
}

/// 20 ms of a 500 Hz square wave, 48 kHz, mono, 16 bit. Without a: an empty frame.
void deliverSound(V2TXLivePlayerObserver &observer, V2TXLivePlayer *player, int a) {
    if (a <= 0) {
        const V2TXLiveAudioFrame empty{nullptr, static_cast<uint32_t>(a), 0, 0};
        return observer.onPlayoutAudioFrame(player, a ? &empty : nullptr);
    }
    int16_t samples[SAMPLES];
    constexpr int HALF_PERIOD = SAMPLE_RATE / 500 / 2;
    for (int i = 0; i < SAMPLES; ++i)
        samples[i] = i / HALF_PERIOD % 2 ? 8000 : -8000;
    const V2TXLiveAudioFrame frame{reinterpret_cast<char *>(samples), sizeof samples, SAMPLE_RATE, 1};
    observer.onPlayoutAudioFrame(player, &frame);
}

void deliverSnapshot(V2TXLivePlayerObserver &observer, V2TXLivePlayer *player, int a, int b) {
    if (!isSize(a, b))
        return observer.onSnapshotComplete(player, nullptr, a, a, b, static_cast<V2TXLivePixelFormat>(b));
    const Picture picture(Field::Blue, Picture::Format::Bgra, a & ~1, b & ~1, 0);
    observer.onSnapshotComplete(player, picture.data(), picture.size(), picture.width(), picture.height(),
                                V2TXLivePixelFormatBGRA32);
}

bool deliver(V2TXLivePlayerObserver &observer, V2TXLivePlayer *player, const char *callback, int a, int b,
             const char *text) {
    const auto is = [callback](const char *name) { return equal(callback, name); };
    void *extra = poison::extra();
    if (is("onError"))
        observer.onError(player, a, text, extra);
    else if (is("onWarning"))
        observer.onWarning(player, a, text, extra);
    else if (is("onVideoResolutionChanged"))
        observer.onVideoResolutionChanged(player, a, b);
    else if (is("onConnected"))
        observer.onConnected(player, extra);
    else if (is("onVideoPlaying"))
        observer.onVideoPlaying(player, a != 0, extra);
    else if (is("onAudioPlaying"))
        observer.onAudioPlaying(player, a != 0, extra);
    else if (is("onVideoLoading"))
        observer.onVideoLoading(player, extra);
    else if (is("onAudioLoading"))
        observer.onAudioLoading(player, extra);
    else if (is("onPlayoutVolumeUpdate"))
        observer.onPlayoutVolumeUpdate(player, a);
    else if (is("onStatisticsUpdate")) {
        const auto n = static_cast<unsigned>(a);
        const auto at = [n](unsigned i) { return static_cast<int32_t>(n + i); };
        observer.onStatisticsUpdate(player, {at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9),
                                             at(10), at(11), at(12), at(13), at(14), at(15)});
    } else if (is("onSnapshotComplete"))
        deliverSnapshot(observer, player, a, b);
    else if (is("onRenderVideoFrame"))
        deliverFrame(observer, player, V2TXLivePixelFormatI420, a, b, 0);
    else if (is("onPlayoutAudioFrame"))
        deliverSound(observer, player, a);
    else if (is("onReceiveSeiMessage"))
        observer.onReceiveSeiMessage(player, a, reinterpret_cast<const uint8_t *>(text),
                                     text ? static_cast<uint32_t>(length(text)) : static_cast<uint32_t>(b));
    else if (is("onStreamSwitched"))
        observer.onStreamSwitched(player, text, a);
#if STANDIN_REVISION >= 4
    else if (is("onPictureInPictureStateUpdate"))
        observer.onPictureInPictureStateUpdate(player, a, text, extra);
    else if (is("onLocalRecordBegin"))
        observer.onLocalRecordBegin(player, a, text);
    else if (is("onLocalRecording"))
        observer.onLocalRecording(player, a, text);
    else if (is("onLocalRecordComplete"))
        observer.onLocalRecordComplete(player, a, text);
#endif
    else
        return false;
    return true;
}

} // namespace

V2TXLivePlayerObserver *PlayerObject::observer() {
    const Lock hold(lock_);
    return observer_ || !hostile() ? observer_ : lastObserver_;
}

bool PlayerObject::fire(const char *callback, int a, int b, const char *text) {
    V2TXLivePlayerObserver *observer = this->observer();
    if (!observer)
        return false;
    logCallback(static_cast<V2TXLivePlayer *>(this), Kind::Player, callback, a);
    return deliver(*observer, this, callback, a, b, text);
}

void PlayerObject::storm(uint32_t dice) {
    V2TXLivePlayerObserver *observer = this->observer();
    if (!observer)
        return;
#if defined(__x86_64__)
    constexpr uint32_t PADDED_SLOTS = 32;
    if (dice % 5 == 0)
        return poison::unknownSlot(
            observer, static_cast<int>(PLAYER_OBSERVER_SLOTS + (dice >> 4) % (PADDED_SLOTS - PLAYER_OBSERVER_SLOTS)));
#endif
    V2TXLivePlayer *player = dice % 7 == 0 ? nullptr : this;
    deliver(*observer, player, CALLBACKS[(dice >> 3) % CALLBACK_COUNT], poison::number(dice >> 9),
            poison::number(dice >> 15), poison::text(dice >> 20));
}

void PlayerObject::keepGoing() {
    const bool picture = connected_ && hasVideo_ && !videoPaused_;
    if (view_ && picture && !observe_ && !painting_) {
        painting_ = true;
        actor_.after(0, Deed::Paint);
    }
    if (observe_ && picture && !framing_) {
        framing_ = true;
        frameStartMs_ = nowMs();
        frameCount_ = 0;
        actor_.after(0, Deed::Frame);
    }
    if (observeAudio_ && connected_ && hasAudio_ && !audioPaused_ && !sounding_) {
        sounding_ = true;
        soundStartMs_ = nowMs();
        soundCount_ = 0;
        actor_.after(0, Deed::Sound);
    }
    actor_.cancel(Deed::Volume);
    if (volumeIntervalMs_ && connected_)
        actor_.after(static_cast<uint32_t>(volumeIntervalMs_), Deed::Volume);
}

void PlayerObject::connected(bool again) {
    {
        const Lock hold(lock_);
        if (!playing_)
            return;
        connected_ = true;
        hasVideo_ = !scenario::audioOnly(url_);
        hasAudio_ = !scenario::videoOnly(url_);
        width_ = hasVideo_ ? STREAM_WIDTH : 0;
        height_ = hasVideo_ ? STREAM_HEIGHT : 0;
        if (!again)
            scenario::plan(url_, actor_);
        if (hasVideo_)
            actor_.after(20, Deed::FirstVideo, 1);
        if (hasAudio_)
            actor_.after(25, Deed::FirstAudio, 1);
        actor_.cancel(Deed::Statistics);
        actor_.cancel(Deed::Sei);
        actor_.after(STATISTICS_MS, Deed::Statistics);
        actor_.after(SEI_MS, Deed::Sei);
        keepGoing();
    }
    fire("onConnected", 0, 0, nullptr);
}

void PlayerObject::frame() {
    int format = 0;
    int width = 0;
    int height = 0;
    uint32_t count = 0;
    V2TXLivePlayerObserver *observer = this->observer();
    {
        const Lock hold(lock_);
        framing_ = observe_ && connected_ && hasVideo_ && !videoPaused_;
        if (!framing_)
            return;
        format = observe_;
        width = width_;
        height = height_;
        count = ++frameCount_;
        const uint32_t due = frameStartMs_ + frameCount_ * 1000 / FPS;
        const uint32_t now = nowMs();
        actor_.after(static_cast<int32_t>(due - now) > 0 ? due - now : 0, Deed::Frame);
    }
    if (!observer)
        return;
    logCallback(static_cast<V2TXLivePlayer *>(this), Kind::Player, "onRenderVideoFrame", count);
    deliverFrame(*observer, this, format, width, height, count);
}

void PlayerObject::sound() {
    V2TXLivePlayerObserver *observer = this->observer();
    {
        const Lock hold(lock_);
        sounding_ = observeAudio_ && connected_ && hasAudio_ && !audioPaused_;
        if (!sounding_)
            return;
        const uint32_t due = soundStartMs_ + ++soundCount_ * SOUND_MS;
        const uint32_t now = nowMs();
        actor_.after(static_cast<int32_t>(due - now) > 0 ? due - now : 0, Deed::Sound);
    }
    if (observer)
        deliverSound(*observer, this, 1);
}

void PlayerObject::paint() {
    HWND view = nullptr;
    bool other = false;
    bool fit = false;
    {
        const Lock hold(lock_);
        painting_ = view_ && connected_ && hasVideo_ && !videoPaused_ && !observe_;
        if (!painting_)
            return;
        view = view_;
        other = mirror_ != (rotation_ % 2 == 1);
        fit = fill_ == V2TXLiveFillModeFit;
        actor_.after(PAINT_MS, Deed::Paint);
    }
    paintWindow(view, Field::Blue, other, fit);
}

void PlayerObject::sei() {
    constexpr int TYPES[] = {5, 242, 243};
    bool wanted[3];
    {
        const Lock hold(lock_);
        if (!connected_)
            return;
        actor_.after(SEI_MS, Deed::Sei);
        memcpy(wanted, seiTypes_, sizeof wanted);
    }
    for (int i = 0; i < 3; ++i)
        if (wanted[i])
            fire("onReceiveSeiMessage", TYPES[i], 0, "{\"from\":\"standin\",\"text\":\"你好\"}");
}

void PlayerObject::statistics() {
    V2TXLivePlayerStatistics statistics{9, 22, 0, 0, 0, 0, 0, 0, 0, 180, 0, 0, 0, 0, 15, 0};
    {
        const Lock hold(lock_);
        if (!connected_)
            return;
        statistics.width = width_;
        statistics.height = height_;
        statistics.fps = hasVideo_ ? static_cast<int>(FPS) : 0;
        statistics.videoBitrate = hasVideo_ ? 600 : 0;
        statistics.audioBitrate = hasAudio_ ? 50 : 0;
        statistics.netSpeed = statistics.videoBitrate + statistics.audioBitrate;
        actor_.after(STATISTICS_MS, Deed::Statistics);
    }
    V2TXLivePlayerObserver *observer = this->observer();
    if (!observer)
        return;
    logCallback(static_cast<V2TXLivePlayer *>(this), Kind::Player, "onStatisticsUpdate", statistics.netSpeed);
    observer->onStatisticsUpdate(this, statistics);
}

void PlayerObject::record(Deed deed) {
    char path[LONGEST_PATH];
    uint32_t lengthMs = 0;
    {
        const Lock hold(lock_);
        if (deed != Deed::RecordBegin && !recording_)
            return;
        copyText(path, sizeof path, recordPath_);
        lengthMs = nowMs() - recordStartMs_;
        if (deed == Deed::RecordBegin && !recording_) {
            recordStartMs_ = nowMs();
            recording_ = true;
        } else if (deed == Deed::RecordEnd)
            recording_ = false;
        actor_.cancel(Deed::Recording);
        if (recording_ && recordIntervalMs_ > 0)
            actor_.after(static_cast<uint32_t>(recordIntervalMs_), Deed::Recording);
    }
    if (deed == Deed::Recording)
        fire("onLocalRecording", static_cast<int>(lengthMs), 0, path);
    else if (deed == Deed::RecordEnd)
        fire("onLocalRecordComplete", 0, 0, path);
    else
        fire("onLocalRecordBegin", 0, 0, path);
}

void PlayerObject::perform(Deed deed, int a, int b) {
    switch (deed) {
    case Deed::Connected:
        connected(a != 0);
        break;
    case Deed::Reconnecting: // the V2 player has no callback for it: it loads until it plays again
    case Deed::Loading:
        fire("onVideoLoading", 0, 0, nullptr);
        fire("onAudioLoading", 0, 0, nullptr);
        break;
    case Deed::Resumed:
        fire("onVideoPlaying", 0, 0, nullptr);
        fire("onAudioPlaying", 0, 0, nullptr);
        break;
    case Deed::Disconnected: {
        {
            const Lock hold(lock_);
            connected_ = false;
            playing_ = false;
        }
        actor_.cancel(Deed::Statistics);
        fire("onError", -8, 0, "disconnected");
        break;
    }
    case Deed::FirstVideo:
        fire("onVideoResolutionChanged", STREAM_WIDTH, STREAM_HEIGHT, nullptr);
        fire("onVideoPlaying", 1, 0, nullptr);
        break;
    case Deed::FirstAudio:
        fire("onAudioPlaying", 1, 0, nullptr);
        break;
    case Deed::Size: {
        {
            const Lock hold(lock_);
            width_ = a;
            height_ = b;
        }
        fire("onVideoResolutionChanged", a, b, nullptr);
        break;
    }
    case Deed::Statistics:
        statistics();
        break;
    case Deed::Volume: {
        {
            const Lock hold(lock_);
            keepGoing();
        }
        fire("onPlayoutVolumeUpdate", 35, 0, nullptr);
        break;
    }
    case Deed::Frame:
        frame();
        break;
    case Deed::Sound:
        sound();
        break;
    case Deed::Paint:
        paint();
        break;
    case Deed::Sei:
        sei();
        break;
    case Deed::Snapshot: {
        int width = 0;
        int height = 0;
        {
            const Lock hold(lock_);
            width = connected_ ? width_ : 0;
            height = connected_ ? height_ : 0;
        }
        fire("onSnapshotComplete", width, height, nullptr); // without a picture: null
        break;
    }
    case Deed::StreamSwitched: {
        char url[LONGEST_URL];
        {
            const Lock hold(lock_);
            copyText(url, sizeof url, url_);
        }
        fire("onStreamSwitched", a, 0, url);
        break;
    }
    case Deed::Error:
        fire("onError", a, 0, "an error that the address asked for");
        break;
    case Deed::Warning:
        fire("onWarning", a, 0, "a warning that the address asked for");
        break;
    case Deed::RecordBegin:
        if (a != 0)
            fire("onLocalRecordBegin", a, 0, recordPath_);
        else
            record(deed);
        break;
    case Deed::Recording:
    case Deed::RecordEnd:
        record(deed);
        break;
    case Deed::Crash:
        crash();
    default:
        break;
    }
}

} // namespace standin
