#include "tx/PusherCore.h"

#include "runtime/Picture.h"
#include "runtime/Scenario.h"

namespace standin {

namespace {

constexpr uint32_t STATISTICS_MS = 200;
constexpr uint32_t PAINT_MS = 66;
constexpr uint32_t SOUND_MS = 20;
constexpr uint32_t FPS = 15;
constexpr int CAMERA = 1;
constexpr int SCREEN = 2;
constexpr int ROTATION_90 = 2;
constexpr int ROTATION_270 = 4;
constexpr int LETTERBOX = 1;
constexpr int NET_STATUS = 200001;

} // namespace

PusherCore::PusherCore(void *owner) : owner_(owner), actor_(*this) { objects::add(owner, Kind::Pusher); }

PusherCore::~PusherCore() {
    constexpr unsigned long STILL_CALLING_MS = 50;
    if (hostile())
        Sleep(STILL_CALLING_MS);
    actor_.end();
    objects::remove(owner_);
}

void PusherCore::setCallback(void *callback, void *userData) {
    const Lock hold(lock_);
    target_ = {callback, userData};
    if (!callback)
        return;
    lastTarget_ = target_;
    if (hostile())
        actor_.startStorm();
}

PusherCore::Target PusherCore::target() {
    const Lock hold(lock_);
    return target_.callback || !hostile() ? target_ : lastTarget_;
}

bool PusherCore::startPreview(int source, HWND view, const RECT *area) {
    if (view && !IsWindow(view))
        return false;
    const Lock hold(lock_);
    if (source_ != 0 && source_ != source)
        return false;
    source_ = source;
    view_ = view;
    area_ = area ? *area : RECT{};
    actor_.after(30, Deed::FirstVideo);
    keepGoing();
    return true;
}

void PusherCore::updatePreview(HWND view, const RECT *area) {
    const Lock hold(lock_);
    view_ = view;
    area_ = area ? *area : RECT{};
    keepGoing();
}

void PusherCore::stopPreview() {
    const Lock hold(lock_);
    source_ = 0;
    actor_.cancel(Deed::FirstVideo);
}

bool PusherCore::startPush(const char *url) {
    if (!startsWith(url, "rtmp://") || scenario::refusal(url) != 0)
        return false;
    scenario::hang(url, actor_);
    const Lock hold(lock_);
    if (pushing_)
        return false;
    pushing_ = true;
    copyText(url_, sizeof url_, url);
    const int delayMs = scenario::connectDelayMs(url);
    if (delayMs >= 0)
        actor_.after(static_cast<uint32_t>(delayMs), Deed::Connected);
    return true;
}

void PusherCore::stopPush() {
    const Lock hold(lock_);
    pushing_ = false;
    connected_ = false;
    constexpr Deed OF_THE_PUSH[] = {Deed::Connected, Deed::Reconnecting, Deed::Disconnected, Deed::Statistics,
                                    Deed::Error,     Deed::Warning,      Deed::Crash,        Deed::Snapshot};
    for (const Deed deed : OF_THE_PUSH)
        actor_.cancel(deed);
    if (recording_) {
        recording_ = false;
        actor_.after(0, Deed::RecordEnd);
    }
    if (hostile())
        actor_.after(20, Deed::Disconnected); // late
}

bool PusherCore::pushing() {
    const Lock hold(lock_);
    return pushing_;
}

int PusherCore::source() {
    const Lock hold(lock_);
    return source_;
}

void PusherCore::setAudio(bool on) {
    const Lock hold(lock_);
    audio_ = on;
    keepGoing();
}

int PusherCore::snapshot(const wchar_t *path, unsigned size) {
    const Lock hold(lock_);
    if (!pushing_)
        return -4;
    snapshotCode_ = writeSnapshot(path, size, true);
    if (snapshotCode_ != 0)
        return snapshotCode_;
    constexpr unsigned UTF8 = 65001;
    const int bytes = WideCharToMultiByte(UTF8, 0, path, static_cast<int>(size), snapshotPath_,
                                          sizeof snapshotPath_ - 1, nullptr, nullptr);
    snapshotPath_[bytes] = 0;
    actor_.after(20, Deed::Snapshot);
    return 0;
}

int PusherCore::startRecord(const char *path) {
    if (!path)
        return -1;
    const Lock hold(lock_);
    if (recording_)
        return -2;
    recording_ = true;
    actor_.after(1000, Deed::Recording);
    return 0;
}

int PusherCore::stopRecord() {
    const Lock hold(lock_);
    if (!recording_)
        return -1;
    recording_ = false;
    actor_.cancel(Deed::Recording);
    actor_.after(20, Deed::RecordEnd);
    return 0;
}

bool PusherCore::switchCamera(int index) { return index >= 0 && index < 2 && source() == CAMERA; }

void PusherCore::setLook(int renderMode, int rotation, int mirror) {
    const Lock hold(lock_);
    if (renderMode >= 0)
        renderMode_ = renderMode;
    if (rotation >= 0)
        rotation_ = rotation;
    if (mirror >= 0)
        mirror_ = mirror;
}

void PusherCore::setKbps(int kbps) {
    const Lock hold(lock_);
    kbps_ = kbps;
}

void PusherCore::setSize(int width, int height) {
    const Lock hold(lock_);
    width_ = width;
    height_ = height;
}

void PusherCore::event(int id, EventParameters &parameters) {
    const Target target = this->target();
    if (!target.callback)
        return;
    logCallback(owner_, Kind::Pusher, "onEventCallback", id);
    GENERATION.pusherEvent(target.callback, id, parameters.count(), parameters.keys(), parameters.values(),
                           target.userData);
}

void PusherCore::event(int id, const char *message) {
    EventParameters parameters;
    parameters.add("EVT_MSG", message);
    parameters.add("EVT_TIME", static_cast<int>(nowMs()));
    event(id, parameters);
}

void PusherCore::statistics() {
    EventParameters parameters;
    {
        const Lock hold(lock_);
        if (!connected_)
            return;
        actor_.after(STATISTICS_MS, Deed::Statistics);
        const bool video = source_ != 0;
        parameters.add("CPU_USAGE", 7);
        parameters.add("CPU_USAGE_DEVICE", 21);
        parameters.add("VIDEO_BITRATE", video ? kbps_ : 0);
        parameters.add("AUDIO_BITRATE", audio_ ? 50 : 0);
        parameters.add("VIDEO_FPS", video ? static_cast<int>(FPS) : 0);
        parameters.add("VIDEO_GOP", 3);
        parameters.add("NET_SPEED", (video ? kbps_ : 0) + (audio_ ? 50 : 0));
        parameters.add("NET_JITTER", 2);
        parameters.add("CACHE_SIZE", 0);
        parameters.add("CODEC_CACHE", 1);
        parameters.add("DROP_SIZE", 0);
        parameters.add("CODEC_DROP_CNT", 0);
        parameters.add("VIDEO_WIDTH", video ? width_ : 0);
        parameters.add("VIDEO_HEIGHT", video ? height_ : 0);
        parameters.add("SERVER_IP", "127.0.0.1:1935");
        parameters.add("SET_VIDEO_BITRATE", kbps_);
    }
    event(NET_STATUS, parameters);
}

void PusherCore::keepGoing() {
    if (view_ && source_ != 0 && !painting_) {
        painting_ = true;
        actor_.after(0, Deed::Paint);
    }
    if (GENERATION.pusherVideo && source_ != 0 && !framing_) {
        framing_ = true;
        frameStartMs_ = nowMs();
        frameCount_ = 0;
        actor_.after(0, Deed::Frame);
    }
    if (GENERATION.pusherAudio && audio_ && !sounding_) {
        sounding_ = true;
        soundStartMs_ = nowMs();
        soundCount_ = 0;
        actor_.after(0, Deed::Sound);
    }
}

void PusherCore::frame() {
    int width = 0;
    int height = 0;
    {
        const Lock hold(lock_);
        framing_ = source_ != 0;
        if (!framing_)
            return;
        width = width_;
        height = height_;
        const uint32_t due = frameStartMs_ + ++frameCount_ * 1000 / FPS;
        const uint32_t now = nowMs();
        actor_.after(static_cast<int32_t>(due - now) > 0 ? due - now : 0, Deed::Frame);
    }
    const Target target = this->target();
    if (!target.callback)
        return;
    const Picture picture(Field::Green, Picture::Format::I420, width, height, frameCount_);
    GENERATION.pusherVideo(target.callback, picture.data(), static_cast<unsigned>(picture.size()), width, height, 0,
                           target.userData);
}

void PusherCore::sound() {
    {
        const Lock hold(lock_);
        sounding_ = audio_;
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
    GENERATION.pusherAudio(target.callback, reinterpret_cast<unsigned char *>(samples), sizeof samples, 48'000, 1,
                           soundCount_ * SOUND_MS, target.userData);
}

void PusherCore::paint() {
    HWND view = nullptr;
    RECT area{};
    bool other = false;
    bool fit = false;
    {
        const Lock hold(lock_);
        painting_ = view_ && source_ != 0;
        if (!painting_)
            return;
        view = view_;
        area = area_;
        other = (mirror_ != 0) != (rotation_ == ROTATION_90 || rotation_ == ROTATION_270);
        fit = renderMode_ == LETTERBOX;
        actor_.after(PAINT_MS, Deed::Paint);
    }
    paintWindow(view, Field::Green, other, fit, &area);
}

bool PusherCore::fire(const char *callback, int a, int b, const char *text) {
    const Target target = this->target();
    if (!target.callback)
        return false;
    if (equal(callback, "onEventCallback")) {
        event(a, text);
        return true;
    }
    if (equal(callback, "onVideoCaptureCallback") && GENERATION.pusherVideo) {
        const bool real = a >= 2 && b >= 2 && a <= 1920 && b <= 1920;
        const Picture picture(Field::Green, Picture::Format::I420, real ? a & ~1 : 2, real ? b & ~1 : 2, 0);
        GENERATION.pusherVideo(target.callback, real ? picture.data() : nullptr,
                               real ? static_cast<unsigned>(picture.size()) : static_cast<unsigned>(a),
                               real ? picture.width() : a, real ? picture.height() : b, 0, target.userData);
        return true;
    }
    if (equal(callback, "onAudioCaptureCallback") && GENERATION.pusherAudio) {
        unsigned char silence[1920] = {};
        const bool real = a > 0 && a <= 1920;
        GENERATION.pusherAudio(target.callback, real ? silence : nullptr, static_cast<unsigned>(a), 48'000, 1,
                               static_cast<unsigned>(b), target.userData);
        return true;
    }
    return false;
}

void PusherCore::storm(uint32_t dice) {
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
        return GENERATION.pusherEvent(target.callback, poison::number(dice >> 14), poison::number(dice >> 17), nullptr,
                                      nullptr, target.userData);
    case 1:
        return GENERATION.pusherEvent(target.callback, poison::number(dice >> 14), 2, keys, texts, target.userData);
    case 2:
        fire("onVideoCaptureCallback", poison::number(dice >> 14), poison::number(dice >> 17), nullptr);
        return;
    default:
        fire("onAudioCaptureCallback", poison::number(dice >> 14), 0, nullptr);
    }
}

void PusherCore::perform(Deed deed, int a, int b) {
    switch (deed) {
    case Deed::Connected: {
        {
            const Lock hold(lock_);
            if (!pushing_)
                return;
            connected_ = true;
            if (a == 0)
                scenario::plan(url_, actor_);
            actor_.cancel(Deed::Statistics);
            actor_.after(STATISTICS_MS, Deed::Statistics);
        }
        if (a == 0)
            event(1001, "connected");
        event(1002, "push begin");
        if (source() != 0)
            event(1008, "start video encoder");
        break;
    }
    case Deed::Reconnecting:
        actor_.cancel(Deed::Statistics);
        event(1102, "reconnecting");
        break;
    case Deed::Disconnected: {
        {
            const Lock hold(lock_);
            pushing_ = false;
            connected_ = false;
        }
        actor_.cancel(Deed::Statistics);
        event(-1307, "disconnected");
        break;
    }
    case Deed::FirstVideo:
        if (source() == CAMERA)
            event(1003, "camera opened");
        if (source() == CAMERA || source() == SCREEN)
            event(1007, "first frame");
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
    case Deed::Snapshot: {
        EventParameters parameters; // the values stand at fixed places: result, path
        parameters.add("EVT_PARAM1", 0);
        parameters.add("EVT_PARAM2", snapshotPath_);
        event(GENERATION.pusherSnapshotEvent, parameters);
        break;
    }
    case Deed::Error:
    case Deed::Warning:
        event(a, "an event that the address asked for");
        break;
    case Deed::Recording: {
        {
            const Lock hold(lock_);
            if (!recording_)
                return;
            actor_.after(1000, Deed::Recording);
        }
        event(1030, "recording");
        break;
    }
    case Deed::RecordEnd:
        event(1029, "recorded");
        break;
    case Deed::DeviceChanged:
        event(a != 0 ? GENERATION.cameraRemovedEvent : GENERATION.cameraAvailableEvent, "a camera");
        break;
    case Deed::Crash:
        crash();
    default:
        break;
    }
    static_cast<void>(b);
}

bool txResolution(int resolution, int &width, int &height) {
    struct Row {
        int value, width, height;
    };
    constexpr Row ROWS[] = {{1, 320, 240},   {2, 480, 360},   {3, 640, 480},   {4, 960, 720},   {5, 1280, 960},
                            {50, 240, 320},  {51, 360, 480},  {52, 480, 640},  {53, 720, 960},  {54, 960, 1280},
                            {101, 320, 180}, {102, 480, 272}, {103, 640, 360}, {104, 960, 540}, {105, 1280, 720},
                            {201, 180, 320}, {202, 272, 480}, {203, 360, 640}, {204, 540, 960}, {205, 720, 1280}};
    for (const Row &row : ROWS)
        if (row.value == resolution) {
            width = row.width;
            height = row.height;
            return true;
        }
    return false;
}

} // namespace standin
