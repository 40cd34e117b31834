#include "tx/PlayerCore.h"

#include "runtime/Picture.h"
#include "runtime/Scenario.h"

namespace standin {

namespace {

constexpr uint32_t STATISTICS_MS = 200;
constexpr uint32_t PAINT_MS = 66;
constexpr uint32_t SOUND_MS = 20;
constexpr uint32_t MESSAGE_MS = 500;
constexpr uint32_t FPS = 15;
constexpr int STREAM_WIDTH = 320;
constexpr int STREAM_HEIGHT = 180;
constexpr int NO_OUTPUT = 1;
constexpr int I420_OUTPUT = 2;
constexpr int ROTATION_90 = 2;
constexpr int ROTATION_270 = 4;
constexpr int LETTERBOX = 1;
constexpr int NET_STATUS = 200002;
constexpr const char *MESSAGE = "{\"from\":\"standin\",\"text\":\"你好\"}";

Picture::Format formatOf(int output) {
    if (output == I420_OUTPUT)
        return Picture::Format::I420;
    return GENERATION.format3IsBgra ? Picture::Format::Bgra : Picture::Format::Rgba;
}

} // namespace

PlayerCore::PlayerCore(void *owner) : owner_(owner), actor_(*this) { objects::add(owner, Kind::Player); }

PlayerCore::~PlayerCore() {
    constexpr unsigned long STILL_CALLING_MS = 50;
    if (hostile())
        Sleep(STILL_CALLING_MS);
    actor_.end();
    objects::remove(owner_);
}

void PlayerCore::setCallback(void *callback, void *userData) {
    const Lock hold(lock_);
    target_ = {callback, userData};
    if (!callback)
        return;
    lastTarget_ = target_;
    if (hostile())
        actor_.startStorm();
}

PlayerCore::Target PlayerCore::target() {
    const Lock hold(lock_);
    return target_.callback || !hostile() ? target_ : lastTarget_;
}

bool PlayerCore::setView(HWND view, const RECT *area) {
    if (view && !IsWindow(view))
        return false;
    const Lock hold(lock_);
    view_ = view;
    area_ = area ? *area : RECT{};
    keepGoing();
    return true;
}

bool PlayerCore::startPlay(const char *url) {
    const bool known = startsWith(url, "rtmp://") || startsWith(url, "http://") || startsWith(url, "https://");
    if (!known || scenario::refusal(url) != 0)
        return false;
    scenario::hang(url, actor_);
    const Lock hold(lock_);
    if (playing_)
        return false;
    playing_ = true;
    paused_ = false;
    copyText(url_, sizeof url_, url);
    const int delayMs = scenario::connectDelayMs(url);
    if (delayMs >= 0)
        actor_.after(static_cast<uint32_t>(delayMs), Deed::Connected);
    return true;
}

void PlayerCore::stopPlay() {
    const Lock hold(lock_);
    playing_ = false;
    connected_ = false;
    constexpr Deed OF_THE_PLAY[] = {Deed::Connected,  Deed::Reconnecting, Deed::Disconnected, Deed::Statistics,
                                    Deed::Error,      Deed::Warning,      Deed::Crash,        Deed::Snapshot,
                                    Deed::FirstVideo, Deed::Loading,      Deed::Resumed,      Deed::Sei,
                                    Deed::Size};
    for (const Deed deed : OF_THE_PLAY)
        actor_.cancel(deed);
    if (hostile())
        actor_.after(20, Deed::Disconnected); // late
}

bool PlayerCore::playing() {
    const Lock hold(lock_);
    return playing_;
}

void PlayerCore::pause(bool paused) {
    const Lock hold(lock_);
    paused_ = paused;
    keepGoing();
}

int PlayerCore::snapshot(const wchar_t *path, unsigned size) {
    const Lock hold(lock_);
    if (!playing_)
        return -4;
    if (const int code = writeSnapshot(path, size, false))
        return code;
    constexpr unsigned UTF8 = 65001;
    const int bytes = WideCharToMultiByte(UTF8, 0, path, static_cast<int>(size), snapshotPath_,
                                          sizeof snapshotPath_ - 1, nullptr, nullptr);
    snapshotPath_[bytes] = 0;
    actor_.after(20, Deed::Snapshot);
    return 0;
}

void PlayerCore::setLook(int renderMode, int rotation, int mirror) {
    const Lock hold(lock_);
    if (renderMode >= 0)
        renderMode_ = renderMode;
    if (rotation >= 0)
        rotation_ = rotation;
    if (mirror >= 0)
        mirror_ = mirror;
}

void PlayerCore::setOutput(int format) {
    const Lock hold(lock_);
    output_ = format;
    keepGoing();
}

void PlayerCore::setMessages(bool on) {
    const Lock hold(lock_);
    messages_ = on;
}

void PlayerCore::event(int id, EventParameters &parameters) {
    const Target target = this->target();
    if (!target.callback)
        return;
    logCallback(owner_, Kind::Player, "onEventCallback", id);
    GENERATION.playerEvent(target.callback, id, parameters.count(), parameters.keys(), parameters.values(),
                           target.userData);
}

void PlayerCore::event(int id, const char *message) {
    EventParameters parameters;
    parameters.add("EVT_MSG", message);
    parameters.add("EVT_TIME", static_cast<int>(nowMs()));
    event(id, parameters);
}

void PlayerCore::statistics() {
    EventParameters parameters;
    {
        const Lock hold(lock_);
        if (!connected_)
            return;
        actor_.after(STATISTICS_MS, Deed::Statistics);
        parameters.add("CPU_USAGE", 9);
        parameters.add("CPU_USAGE_DEVICE", 22);
        parameters.add("VIDEO_BITRATE", 600);
        parameters.add("AUDIO_BITRATE", 50);
        parameters.add("VIDEO_FPS", static_cast<int>(FPS));
        parameters.add("VIDEO_GOP", 3);
        parameters.add("NET_SPEED", 650);
        parameters.add("NET_JITTER", 2);
        parameters.add("CACHE_SIZE", 12);
        parameters.add("CODEC_CACHE", 1);
        parameters.add("VIDEO_WIDTH", width_);
        parameters.add("VIDEO_HEIGHT", height_);
        parameters.add("SERVER_IP", "127.0.0.1:1935");
    }
    event(NET_STATUS, parameters);
}

void PlayerCore::keepGoing() {
    const bool runs = connected_ && !paused_;
    if (view_ && runs && !painting_) {
        painting_ = true;
        actor_.after(0, Deed::Paint);
    }
    if (GENERATION.playerVideo && output_ != NO_OUTPUT && runs && !framing_) {
        framing_ = true;
        frameStartMs_ = nowMs();
        frameCount_ = 0;
        actor_.after(0, Deed::Frame);
    }
    if (GENERATION.playerAudio && runs && !sounding_) {
        sounding_ = true;
        soundStartMs_ = nowMs();
        soundCount_ = 0;
        actor_.after(0, Deed::Sound);
    }
}

void PlayerCore::frame() {
    int width = 0;
    int height = 0;
    int output = 0;
    {
        const Lock hold(lock_);
        framing_ = output_ != NO_OUTPUT && connected_ && !paused_;
        if (!framing_)
            return;
        width = width_;
        height = height_;
        output = output_;
        const uint32_t due = frameStartMs_ + ++frameCount_ * 1000 / FPS;
        const uint32_t now = nowMs();
        actor_.after(static_cast<int32_t>(due - now) > 0 ? due - now : 0, Deed::Frame);
    }
    const Target target = this->target();
    if (!target.callback)
        return;
    const Picture picture(Field::Blue, formatOf(output), width, height, frameCount_);
    GENERATION.playerVideo(target.callback, picture.data(), static_cast<unsigned>(picture.size()), width, height,
                           output, target.userData);
}

void PlayerCore::sound() {
    {
        const Lock hold(lock_);
        sounding_ = connected_ && !paused_;
        if (!sounding_)
            return;
        const uint32_t due = soundStartMs_ + ++soundCount_ * SOUND_MS;
        const uint32_t now = nowMs();
        actor_.after(static_cast<int32_t>(due - now) > 0 ? due - now : 0, Deed::Sound);
    }
    const Target target = this->target();
    if (!target.callback)
        return;
    int16_t samples[48 * SOUND_MS];
    for (size_t i = 0; i < sizeof samples / sizeof *samples; ++i)
        samples[i] = i / 48 % 2 ? 8000 : -8000; // 500 Hz
    GENERATION.playerAudio(target.callback, reinterpret_cast<unsigned char *>(samples), sizeof samples, 48'000, 1,
                           soundCount_ * SOUND_MS, target.userData);
}

void PlayerCore::paint() {
    HWND view = nullptr;
    RECT area{};
    bool other = false;
    bool fit = false;
    {
        const Lock hold(lock_);
        painting_ = view_ && connected_ && !paused_;
        if (!painting_)
            return;
        view = view_;
        area = area_;
        other = (mirror_ != 0) != (rotation_ == ROTATION_90 || rotation_ == ROTATION_270);
        fit = renderMode_ == LETTERBOX;
        actor_.after(PAINT_MS, Deed::Paint);
    }
    paintWindow(view, Field::Blue, other, fit, &area);
}

bool PlayerCore::fire(const char *callback, int a, int b, const char *text) {
    const Target target = this->target();
    if (!target.callback)
        return false;
    if (equal(callback, "onEventCallback")) {
        event(a, text);
        return true;
    }
    if (equal(callback, "onVideoDecodeCallback") && GENERATION.playerVideo) {
        const bool real = a >= 2 && b >= 2 && a <= 1920 && b <= 1920;
        const Picture picture(Field::Blue, Picture::Format::I420, real ? a & ~1 : 2, real ? b & ~1 : 2, 0);
        GENERATION.playerVideo(target.callback, real ? picture.data() : nullptr,
                               real ? static_cast<unsigned>(picture.size()) : static_cast<unsigned>(a),
                               real ? picture.width() : a, real ? picture.height() : b, I420_OUTPUT, target.userData);
        return true;
    }
    if (equal(callback, "onAudioDecodeCallback") && GENERATION.playerAudio) {
        unsigned char silence[1920] = {};
        const bool real = a > 0 && a <= 1920;
        GENERATION.playerAudio(target.callback, real ? silence : nullptr, static_cast<unsigned>(a), 48'000, 1,
                               static_cast<unsigned>(b), target.userData);
        return true;
    }
    return false;
}

void PlayerCore::storm(uint32_t dice) {
    const Target target = this->target();
    if (!target.callback)
        return;
#if defined(__x86_64__)
    if (dice % 5 == 0) {
        const uint32_t unknown = 32 - static_cast<uint32_t>(GENERATION.callbackSlots);
        return poison::unknownSlot(target.callback, GENERATION.callbackSlots + static_cast<int>((dice >> 4) % unknown));
    }
#endif
    const char *texts[] = {poison::text(dice >> 5), poison::text(dice >> 8)};
    const char *keys[] = {poison::text(dice >> 11), "EVT_MSG"};
    switch (dice >> 3 & 3) {
    case 0: // a count with empty arrays
        return GENERATION.playerEvent(target.callback, poison::number(dice >> 14), poison::number(dice >> 17), nullptr,
                                      nullptr, target.userData);
    case 1:
        return GENERATION.playerEvent(target.callback, poison::number(dice >> 14), 2, keys, texts, target.userData);
    case 2:
        fire("onVideoDecodeCallback", poison::number(dice >> 14), poison::number(dice >> 17), nullptr);
        return;
    default:
        fire("onAudioDecodeCallback", poison::number(dice >> 14), 0, nullptr);
    }
}

void PlayerCore::perform(Deed deed, int a, int b) {
    switch (deed) {
    case Deed::Connected: {
        {
            const Lock hold(lock_);
            if (!playing_)
                return;
            connected_ = true;
            width_ = STREAM_WIDTH;
            height_ = STREAM_HEIGHT;
            if (a == 0)
                scenario::plan(url_, actor_);
            actor_.cancel(Deed::Statistics);
            actor_.cancel(Deed::Sei);
            actor_.after(STATISTICS_MS, Deed::Statistics);
            actor_.after(MESSAGE_MS, Deed::Sei);
            actor_.after(20, Deed::FirstVideo);
            keepGoing();
        }
        event(2001, "connected");
        event(2002, "stream begins");
        break;
    }
    case Deed::FirstVideo: {
        event(2008, "start video decoder");
        perform(Deed::Size, STREAM_WIDTH, STREAM_HEIGHT);
        event(2003, "first key frame");
        event(2004, "play begins");
        break;
    }
    case Deed::Size: {
        EventParameters parameters;
        {
            const Lock hold(lock_);
            width_ = a;
            height_ = b;
        }
        parameters.add("EVT_PARAM1", a);
        parameters.add("EVT_PARAM2", b);
        event(2009, parameters);
        break;
    }
    case Deed::Reconnecting:
        actor_.cancel(Deed::Statistics);
        event(2103, "reconnecting");
        break;
    case Deed::Disconnected: {
        {
            const Lock hold(lock_);
            playing_ = false;
            connected_ = false;
        }
        actor_.cancel(Deed::Statistics);
        event(-2301, "disconnected");
        break;
    }
    case Deed::Loading:
        event(2007, "loading");
        break;
    case Deed::Resumed:
        event(2004, "play begins");
        break;
    case Deed::Statistics:
        statistics();
        break;
    case Deed::Frame:
        frame();
        break;
    case Deed::Sound:
        sound();
        break;
    case Deed::Paint:
        paint();
        break;
    case Deed::Sei: {
        {
            const Lock hold(lock_);
            if (!connected_)
                return;
            actor_.after(MESSAGE_MS, Deed::Sei);
            if (!messages_)
                return;
        }
        EventParameters parameters;
        parameters.add("EVT_GET_MSG", MESSAGE);
        parameters.add("EVT_GET_MSG_LENGTH", static_cast<int>(length(MESSAGE)));
        event(2012, parameters);
        break;
    }
    case Deed::Snapshot: {
        EventParameters parameters; // the values stand at fixed places: result, path
        parameters.add("EVT_PARAM1", 0);
        parameters.add("EVT_PARAM2", snapshotPath_);
        event(GENERATION.playerSnapshotEvent, parameters);
        break;
    }
    case Deed::Error:
    case Deed::Warning:
        event(a, "an event that the address asked for");
        break;
    case Deed::Crash:
        crash();
    default:
        break;
    }
}

} // namespace standin
