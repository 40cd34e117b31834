#include "itx/ItxPlayer.h"

#include "itx/Lists.h"
#include "runtime/Devices.h"

namespace standin {

namespace {
constexpr int SPEAKERS = 1;
} // namespace

void ItxPlayer::setCallback(ITXLivePlayerCallback *callback, void *userData) {
    Call call(this, Kind::Player, "setCallback");
    call.address(callback).address(userData);
    if (call && (!callback || call.memory(callback, sizeof(void *))))
        core_.setCallback(callback, userData);
}

ILiteAVDeviceCollection *ItxPlayer::getSpeakerDevicesList() {
    const Call call(this, Kind::Player, "getSpeakerDevicesList");
    return call ? makeItxDevices(SPEAKERS) : nullptr;
}

void ItxPlayer::selectSpeakerDevice(unsigned int index) {
    Call call(this, Kind::Player, "selectSpeakerDevice");
    call.arg(index);
    if (!(index < DEVICES_OF_A_TYPE))
        return call.fault("there is no such device");
}

unsigned int ItxPlayer::speakerVolume() {
    Call call(this, Kind::Player, "speakerVolume");
    if (!call)
        return 0;
    const Lock hold(lock_);
    return static_cast<unsigned>(call.result(static_cast<int>(speakerVolume_)));
}

void ItxPlayer::setSpeakerVolume(unsigned int volume) {
    Call call(this, Kind::Player, "setSpeakerVolume");
    call.arg(volume);
    if (!call)
        return;
    if (volume > 65'535)
        return call.fault("the volume is not 0-65535");
    const Lock hold(lock_);
    speakerVolume_ = volume;
}

uint32_t ItxPlayer::speakerVolumeIndication() {
    Call call(this, Kind::Player, "speakerVolumeIndication");
    return call ? static_cast<uint32_t>(call.result(35)) : 0;
}

void ItxPlayer::setAudioPlayoutVolume(int volume) {
    Call call(this, Kind::Player, "setAudioPlayoutVolume");
    call.arg(volume);
    if (!call)
        return;
    if (volume < 0 || volume > 65'535)
        return call.fault("the volume is not 0-65535");
    const Lock hold(lock_);
    playoutVolume_ = volume;
}

int ItxPlayer::getAudioPlayoutVolume() {
    Call call(this, Kind::Player, "getAudioPlayoutVolume");
    if (!call)
        return 0;
    const Lock hold(lock_);
    return call.result(playoutVolume_);
}

void ItxPlayer::setRenderFrame(HWND view) {
    Call call(this, Kind::Player, "setRenderFrame");
    call.address(view);
    if (call && !core_.setView(view, nullptr))
        call.fault("the handle is not a window's");
}

void ItxPlayer::updateRenderFrame(HWND view) {
    Call call(this, Kind::Player, "updateRenderFrame");
    call.address(view);
    if (call && !core_.setView(view, nullptr))
        call.fault("the handle is not a window's");
}

void ItxPlayer::closeRenderFrame() {
    Call call(this, Kind::Player, "closeRenderFrame");
    if (call)
        core_.setView(nullptr, nullptr);
}

void ItxPlayer::startPlay(const char *url, int type) {
    Call call(this, Kind::Player, "startPlay");
    const char *address = call.text(url);
    call.arg(type);
    if (type < 0 || type > 2)
        return call.fault("the type is not 0-2");
    if (call && address)
        core_.startPlay(address);
}

void ItxPlayer::stopPlay() {
    Call call(this, Kind::Player, "stopPlay");
    if (call)
        core_.stopPlay();
}

void ItxPlayer::pause() {
    Call call(this, Kind::Player, "pause");
    if (call)
        core_.pause(true);
}

void ItxPlayer::resume() {
    Call call(this, Kind::Player, "resume");
    if (call)
        core_.pause(false);
}

bool ItxPlayer::isPlaying() {
    Call call(this, Kind::Player, "isPlaying");
    return call.answer(call && core_.playing());
}

void ItxPlayer::setMute(bool mute) {
    Call call(this, Kind::Player, "setMute");
    call.arg(mute);
}

void ItxPlayer::setRenderMode(int mode) {
    Call call(this, Kind::Player, "setRenderMode");
    call.arg(mode);
    if (!(mode == 1 || mode == 2))
        return call.fault("the mode is not 1 or 2");
    if (call)
        core_.setLook(mode, -1, -1);
}

void ItxPlayer::setRotation(int rotation) {
    Call call(this, Kind::Player, "setRotation");
    call.arg(rotation);
    if (!(rotation >= 1 && rotation <= 4))
        return call.fault("the rotation is not 1-4");
    if (call)
        core_.setLook(-1, rotation, -1);
}

void ItxPlayer::setRenderYMirror(bool mirror) {
    Call call(this, Kind::Player, "setRenderYMirror");
    call.arg(mirror);
    if (call)
        core_.setLook(-1, -1, mirror ? 1 : 0);
}

void ItxPlayer::setOutputVideoFormat(TXEOutputVideoFormat format) {
    Call call(this, Kind::Player, "setOutputVideoFormat");
    call.arg(format);
    if (!(format >= 1 && format <= 3))
        return call.fault("the format is not 1-3");
    if (call)
        core_.setOutput(format);
}

void ItxPlayer::setEnableMessage(bool enable) {
    Call call(this, Kind::Player, "setEnableMessage");
    call.arg(enable);
    if (call)
        core_.setMessages(enable);
}

int ItxPlayer::captureVideoSnapShot(const wchar_t *path, unsigned int length) {
    Call call(this, Kind::Player, "captureVideoSnapShot");
    const wchar_t *name = call.wide(path);
    call.arg(length);
    if (!call || !name || !call.memory(name, length * sizeof *name))
        return call.result(-2);
    return call.result(core_.snapshot(name, length));
}

void ItxPlayer::setLivePlayAttribute(const char *json) {
    Call call(this, Kind::Player, "setLivePlayAttribute");
    call.text(json);
}

} // namespace standin
