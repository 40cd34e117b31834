#include "v2/DeviceManager.h"

#include "runtime/Call.h"
#include "runtime/Devices.h"

using namespace liteav;

namespace standin {

namespace {

constexpr int REFUSED_PARAMETER = -2;
constexpr int NOT_SUPPORTED = -4;

bool isType(int type) { return type >= 0 && type <= 2; }
bool isAudio(int type) { return type == TXMediaDeviceTypeMic || type == TXMediaDeviceTypeSpeaker; }

class Collection final : public ITXDeviceCollection {
  public:
    explicit Collection(TXMediaDeviceType type) : rows_(devicesOf(type)) { objects::add(this, Kind::Devices); }
    ~Collection() override { objects::remove(this); }

    uint32_t getCount() override {
        Call call(this, Kind::Devices, "getCount");
        return call ? static_cast<uint32_t>(call.result(DEVICES_OF_A_TYPE)) : 0;
    }
    const char *getDeviceName(uint32_t index) override {
        Call call(this, Kind::Devices, "getDeviceName");
        return call && inRange(call, index) ? rows_[index].name : "";
    }
    const char *getDevicePID(uint32_t index) override {
        Call call(this, Kind::Devices, "getDevicePID");
        return call && inRange(call, index) ? rows_[index].pid : "";
    }
    const char *getDeviceProperties(uint32_t index) override {
        Call call(this, Kind::Devices, "getDeviceProperties");
        return call && inRange(call, index) ? "{\"SupportedResolution\":[{\"width\":640,\"height\":360}]}" : "";
    }
    void release() override {
        if (Call call(this, Kind::Devices, "release"); !call)
            return;
        delete this;
    }

  private:
    static bool inRange(Call &call, uint32_t index) {
        call.arg(index);
        if (index < DEVICES_OF_A_TYPE)
            return true;
        call.fault("the index is not below getCount()");
        return false;
    }
    const DeviceRow *rows_;
};

class Info final : public ITXDeviceInfo {
  public:
    explicit Info(const DeviceRow &row) : row_(row) { objects::add(this, Kind::Device); }
    ~Info() override { objects::remove(this); }

    void release() override {
        if (Call call(this, Kind::Device, "release"); !call)
            return;
        delete this;
    }
    const char *getDevicePID() override {
        const Call call(this, Kind::Device, "getDevicePID");
        return call ? row_.pid : "";
    }
    const char *getDeviceName() override {
        const Call call(this, Kind::Device, "getDeviceName");
        return call ? row_.name : "";
    }

  private:
    const DeviceRow &row_;
};

} // namespace

DeviceManager::DeviceManager() { objects::add(this, Kind::DeviceManager); }
DeviceManager::~DeviceManager() { objects::remove(this); }

ITXDeviceCollection *DeviceManager::getDevicesList(TXMediaDeviceType type) {
    Call call(this, Kind::DeviceManager, "getDevicesList");
    call.arg(type);
    return call && isType(type) ? new Collection(type) : nullptr;
}

int DeviceManager::setCurrentDevice(TXMediaDeviceType type, const char *deviceId) {
    Call call(this, Kind::DeviceManager, "setCurrentDevice");
    call.arg(type);
    const char *pid = call.text(deviceId);
    if (!call || !isType(type) || !pid)
        return call.result(REFUSED_PARAMETER);
    const int index = deviceIndex(type, pid);
    if (index < 0)
        return call.result(REFUSED_PARAMETER);
    const Lock hold(lock_);
    current_[type] = index;
    return call.result(0);
}

ITXDeviceInfo *DeviceManager::getCurrentDevice(TXMediaDeviceType type) {
    Call call(this, Kind::DeviceManager, "getCurrentDevice");
    call.arg(type);
    if (!call || !isType(type))
        return nullptr;
    const Lock hold(lock_);
    return new Info(devicesOf(type)[current_[type]]);
}

int DeviceManager::setCurrentDeviceVolume(TXMediaDeviceType type, uint32_t volume) {
    Call call(this, Kind::DeviceManager, "setCurrentDeviceVolume");
    call.arg(type).arg(volume);
    if (!call || !isAudio(type) || volume > 100)
        return call.result(REFUSED_PARAMETER);
    const Lock hold(lock_);
    volume_[type] = volume;
    return call.result(0);
}

uint32_t DeviceManager::getCurrentDeviceVolume(TXMediaDeviceType type) {
    Call call(this, Kind::DeviceManager, "getCurrentDeviceVolume");
    call.arg(type);
    if (!call || !isAudio(type))
        return 0;
    const Lock hold(lock_);
    return static_cast<uint32_t>(call.result(static_cast<int>(volume_[type])));
}

int DeviceManager::setCurrentDeviceMute(TXMediaDeviceType type, bool mute) {
    Call call(this, Kind::DeviceManager, "setCurrentDeviceMute");
    call.arg(type).arg(mute);
    if (!call || !isType(type))
        return call.result(REFUSED_PARAMETER);
    if (!isAudio(type))
        return call.result(NOT_SUPPORTED);
    const Lock hold(lock_);
    muted_[type] = mute;
    return call.result(0);
}

bool DeviceManager::getCurrentDeviceMute(TXMediaDeviceType type) {
    Call call(this, Kind::DeviceManager, "getCurrentDeviceMute");
    call.arg(type);
    if (!call || !isAudio(type))
        return call.answer(false);
    const Lock hold(lock_);
    return call.answer(muted_[type]);
}

int DeviceManager::enableFollowingDefaultAudioDevice(TXMediaDeviceType type, bool enable) {
    Call call(this, Kind::DeviceManager, "enableFollowingDefaultAudioDevice");
    call.arg(type).arg(enable);
    return call.result(call && isAudio(type) ? 0 : REFUSED_PARAMETER);
}

int DeviceManager::startCameraDeviceTest(void *window) {
    Call call(this, Kind::DeviceManager, "startCameraDeviceTest(window)");
    call.address(window);
    return call.result(call && IsWindow(static_cast<HWND>(window)) ? 0 : REFUSED_PARAMETER);
}

int DeviceManager::startCameraDeviceTest(ITRTCVideoRenderCallback *callback) {
    Call call(this, Kind::DeviceManager, "startCameraDeviceTest(callback)");
    call.address(callback);
    return call.result(call && callback ? 0 : REFUSED_PARAMETER);
}

int DeviceManager::stopCameraDeviceTest() {
    Call call(this, Kind::DeviceManager, "stopCameraDeviceTest");
    return call.result(call ? 0 : REFUSED_PARAMETER);
}

int DeviceManager::startMicDeviceTest(uint32_t intervalMs) {
    Call call(this, Kind::DeviceManager, "startMicDeviceTest(interval)");
    call.arg(intervalMs);
    return call.result(call ? 0 : REFUSED_PARAMETER);
}

int DeviceManager::startMicDeviceTest(uint32_t intervalMs, bool playback) {
    Call call(this, Kind::DeviceManager, "startMicDeviceTest(interval,playback)");
    call.arg(intervalMs).arg(playback);
    return call.result(call ? 0 : REFUSED_PARAMETER);
}

int DeviceManager::stopMicDeviceTest() {
    Call call(this, Kind::DeviceManager, "stopMicDeviceTest");
    return call.result(call ? 0 : REFUSED_PARAMETER);
}

int DeviceManager::startSpeakerDeviceTest(const char *filePath) {
    Call call(this, Kind::DeviceManager, "startSpeakerDeviceTest");
    const char *path = call.text(filePath);
    return call.result(call && path ? 0 : REFUSED_PARAMETER);
}

int DeviceManager::stopSpeakerDeviceTest() {
    Call call(this, Kind::DeviceManager, "stopSpeakerDeviceTest");
    return call.result(call ? 0 : REFUSED_PARAMETER);
}

int DeviceManager::setApplicationPlayVolume(int volume) {
    Call call(this, Kind::DeviceManager, "setApplicationPlayVolume");
    call.arg(volume);
    if (!call || volume < 0 || volume > 100)
        return call.result(REFUSED_PARAMETER);
    const Lock hold(lock_);
    applicationVolume_ = volume;
    return call.result(0);
}

int DeviceManager::getApplicationPlayVolume() {
    Call call(this, Kind::DeviceManager, "getApplicationPlayVolume");
    if (!call)
        return 0;
    const Lock hold(lock_);
    return call.result(applicationVolume_);
}

int DeviceManager::setApplicationMuteState(bool mute) {
    Call call(this, Kind::DeviceManager, "setApplicationMuteState");
    call.arg(mute);
    if (!call)
        return call.result(REFUSED_PARAMETER);
    const Lock hold(lock_);
    applicationMuted_ = mute;
    return call.result(0);
}

bool DeviceManager::getApplicationMuteState() {
    Call call(this, Kind::DeviceManager, "getApplicationMuteState");
    if (!call)
        return false;
    const Lock hold(lock_);
    return call.answer(applicationMuted_);
}

void DeviceManager::setCameraCapturerParam(const TXCameraCaptureParam &params) {
    Call call(this, Kind::DeviceManager, "setCameraCapturerParam");
    if (call && call.memory(&params, sizeof params))
        call.arg(params.mode).arg(params.width).arg(params.height);
}

void DeviceManager::setDeviceObserver(ITXDeviceObserver *observer) {
    Call call(this, Kind::DeviceManager, "setDeviceObserver");
    call.address(observer);
    if (!call || (observer && !call.memory(observer, sizeof(void *))))
        return;
    const Lock hold(lock_);
    observer_ = observer;
}

bool DeviceManager::deliverChange(int type, int state) {
    ITXDeviceObserver *observer = nullptr;
    {
        const Lock hold(lock_);
        observer = observer_;
    }
    if (!observer)
        return false;
    logCallback(this, Kind::DeviceManager, "onDeviceChanged", state);
    const DeviceRow *rows = devicesOf(type);
    observer->onDeviceChanged(rows ? rows[0].pid : nullptr, static_cast<TXMediaDeviceType>(type),
                              static_cast<TXMediaDeviceState>(state));
    return true;
}

} // namespace standin
