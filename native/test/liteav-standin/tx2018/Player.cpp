#include "abi/Tx2018.h"

#include "runtime/Devices.h"
#include "tx/PlayerCore.h"

using standin::Call;
using standin::Kind;

namespace standin {

struct PlayerState {
    PlayerCore core;
    SrwLock lock{};
    unsigned int speakerVolume = 40'000;
};

bool fire(TXLivePlayer &player, const char *callback, int a, int b, const char *text) {
    return player.state_->core.fire(callback, a, b, text);
}

namespace {

constexpr int SPEAKERS = 1;

bool inRange(int value, int least, int most) { return value >= least && value <= most; }

} // namespace
} // namespace standin

using namespace standin;

TXLivePlayer::TXLivePlayer() : state_(new PlayerState{PlayerCore(this)}) {
    const Call call(this, Kind::Player, "TXLivePlayer");
}

TXLivePlayer::TXLivePlayer(const TXLivePlayer &) : state_(new PlayerState{PlayerCore(this)}) {
    Call call(this, Kind::Player, "TXLivePlayer(copy)");
    call.fault("a player was copied");
}

TXLivePlayer &TXLivePlayer::operator=(const TXLivePlayer &) {
    Call call(this, Kind::Player, "operator=");
    call.fault("a player was copied");
    return *this;
}

TXLivePlayer::~TXLivePlayer() {
    {
        Call call(this, Kind::Player, "~TXLivePlayer");
        if (!call)
            return;
        if (state_->core.isOwnThread()) {
            call.fault("destroyed on a thread of the SDK: it would wait for itself");
            return;
        }
    }
    delete state_;
    state_ = nullptr;
}

void TXLivePlayer::__autoclassinit2(unsigned int size) { memset(static_cast<void *>(this), 0, size); }

void TXLivePlayer::setCallback(TXLivePlayerCallback *callback, void *userData) {
    Call call(this, Kind::Player, "setCallback");
    call.address(callback).address(userData);
    if (call && (!callback || call.memory(callback, sizeof(void *))))
        state_->core.setCallback(callback, userData);
}

int TXLivePlayer::speakerDeviceCount() const {
    Call call(this, Kind::Player, "speakerDeviceCount");
    return call.result(call ? DEVICES_OF_A_TYPE : -1);
}

bool TXLivePlayer::speakerDeviceName(unsigned int index, char name[512]) {
    Call call(this, Kind::Player, "speakerDeviceName");
    call.arg(index);
    constexpr size_t NAME_BYTES = 512;
    if (!call || index >= DEVICES_OF_A_TYPE || !call.memory(name, NAME_BYTES))
        return call.answer(false);
    copyText(name, NAME_BYTES, devicesOf(SPEAKERS)[index].name);
    return call.answer(true);
}

void TXLivePlayer::selectSpeakerDevice(unsigned int index) {
    Call call(this, Kind::Player, "selectSpeakerDevice");
    call.arg(index);
    if (index >= DEVICES_OF_A_TYPE)
        call.fault("there is no such device");
}

unsigned int TXLivePlayer::speakerVolume() {
    Call call(this, Kind::Player, "speakerVolume");
    if (!call)
        return 0;
    const Lock hold(state_->lock);
    return static_cast<unsigned>(call.result(static_cast<int>(state_->speakerVolume)));
}

void TXLivePlayer::setSpeakerVolume(unsigned int volume) {
    Call call(this, Kind::Player, "setSpeakerVolume");
    call.arg(volume);
    if (!call)
        return;
    if (volume > 65'535)
        return call.fault("the volume is not 0-65535");
    const Lock hold(state_->lock);
    state_->speakerVolume = volume;
}

void TXLivePlayer::setRenderFrame(HWND view, const RECT &area) {
    Call call(this, Kind::Player, "setRenderFrame");
    call.address(view);
    if (!call || !call.memory(&area, sizeof area))
        return;
    call.arg(area.left).arg(area.top).arg(area.right).arg(area.bottom);
    if (!state_->core.setView(view, &area))
        call.fault("the handle is not a window's");
}

void TXLivePlayer::updateRenderFrame(HWND view, const RECT &area) {
    Call call(this, Kind::Player, "updateRenderFrame");
    call.address(view);
    if (!call || !call.memory(&area, sizeof area))
        return;
    call.arg(area.left).arg(area.top).arg(area.right).arg(area.bottom);
    if (!state_->core.setView(view, &area))
        call.fault("the handle is not a window's");
}

void TXLivePlayer::closeRenderFrame() {
    if (const Call call(this, Kind::Player, "closeRenderFrame"); call)
        state_->core.setView(nullptr, nullptr);
}

void TXLivePlayer::startPlay(const char *url, TXEPlayType type) {
    Call call(this, Kind::Player, "startPlay");
    const char *address = call.text(url);
    call.arg(type);
    if (!inRange(type, 0, 1))
        return call.fault("the type is not 0 or 1");
    if (call && address)
        state_->core.startPlay(address);
}

void TXLivePlayer::stopPlay() {
    if (const Call call(this, Kind::Player, "stopPlay"); call)
        state_->core.stopPlay();
}

void TXLivePlayer::pause() {
    if (const Call call(this, Kind::Player, "pause"); call)
        state_->core.pause(true);
}

void TXLivePlayer::resume() {
    if (const Call call(this, Kind::Player, "resume"); call)
        state_->core.pause(false);
}

bool TXLivePlayer::isPlaying() {
    Call call(this, Kind::Player, "isPlaying");
    return call.answer(call && state_->core.playing());
}

void TXLivePlayer::setMute(bool mute) { Call(this, Kind::Player, "setMute").arg(mute); }

void TXLivePlayer::setRenderMode(TXERenderMode mode) {
    Call call(this, Kind::Player, "setRenderMode");
    call.arg(mode);
    if (!inRange(mode, 1, 2))
        return call.fault("the mode is not 1 or 2");
    if (call)
        state_->core.setLook(mode, -1, -1);
}

void TXLivePlayer::setRotation(TXEVideoRotation rotation) {
    Call call(this, Kind::Player, "setRotation");
    call.arg(rotation);
    if (!inRange(rotation, 1, 4))
        return call.fault("the rotation is not 1-4");
    if (call)
        state_->core.setLook(-1, rotation, -1);
}

void TXLivePlayer::setRenderYMirror(bool mirror) {
    Call call(this, Kind::Player, "setRenderYMirror");
    call.arg(mirror);
    if (call)
        state_->core.setLook(-1, -1, mirror ? 1 : 0);
}

void TXLivePlayer::setOutputVideoFormat(TXEOutputVideoFormat format) {
    Call call(this, Kind::Player, "setOutputVideoFormat");
    call.arg(format);
    if (!inRange(format, 1, 3))
        return call.fault("the format is not 1-3");
    if (call)
        state_->core.setOutput(format);
}

int TXLivePlayer::captureVideoSnapShot(const wchar_t *path, unsigned int length) {
    Call call(this, Kind::Player, "captureVideoSnapShot");
    const wchar_t *name = call.wide(path);
    call.arg(length);
    if (!call || !name || !call.memory(name, length * sizeof *name))
        return call.result(-2);
    return call.result(state_->core.snapshot(name, length));
}
