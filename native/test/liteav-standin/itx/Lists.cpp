#include "itx/Lists.h"

#include "runtime/Call.h"
#include "runtime/Devices.h"
#include "runtime/Picture.h"

namespace standin {

namespace {

constexpr int WINDOW = 0;
constexpr int SCREEN = 1;
constexpr int UNKNOWN = -1;

class DeviceList final : public ILiteAVDeviceCollection {
  public:
    explicit DeviceList(int type) : rows_(devicesOf(type)) { objects::add(this, Kind::Devices); }
    ~DeviceList() override { objects::remove(this); }

    uint32_t getCount() override {
        Call call(this, Kind::Devices, "getCount");
        return call ? static_cast<uint32_t>(call.result(DEVICES_OF_A_TYPE)) : 0;
    }
    const char *getDeviceName(uint32_t index) override {
        Call call(this, Kind::Devices, "getDeviceName");
        return inRange(call, index) ? rows_[index].name : "";
    }
    const char *getDevicePID(uint32_t index) override {
        Call call(this, Kind::Devices, "getDevicePID");
        return inRange(call, index) ? rows_[index].pid : "";
    }
    void release() override {
        if (Call call(this, Kind::Devices, "release"); !call)
            return;
        delete this;
    }

  private:
    static bool inRange(Call &call, uint32_t index) {
        call.arg(index);
        if (!call)
            return false;
        if (index < DEVICES_OF_A_TYPE)
            return true;
        call.fault("the index is not below getCount()");
        return false;
    }
    const DeviceRow *rows_;
};

class SourceList final : public ILiteAVScreenCaptureSourceList {
  public:
    SourceList(const SIZE &thumb, const SIZE &icon) {
        thumb_ = make(thumb);
        icon_ = make(icon);
        objects::add(this, Kind::Sources);
    }
    ~SourceList() override {
        objects::remove(this);
        delete thumb_;
        delete icon_;
    }

    uint32_t getCount() override {
        Call call(this, Kind::Sources, "getCount");
        return call ? static_cast<uint32_t>(call.result(SOURCES)) : 0;
    }
    LiteAVScreenCaptureSourceInfo getSourceInfo(uint32_t index) override {
        Call call(this, Kind::Sources, "getSourceInfo");
        call.arg(index);
        LiteAVScreenCaptureSourceInfo info{};
        info.type = UNKNOWN;
        if (!call)
            return info;
        if (index >= SOURCES) {
            call.fault("the index is not below getCount()");
            return info;
        }
        const SourceRow &row = SOURCE_ROWS[index];
        info.type = row.screen ? SCREEN : WINDOW;
        info.sourceId = row.screen ? nullptr : reinterpret_cast<HWND>(row.id);
        info.sourceName = row.name;
        info.thumbBGRA = bufferOf(thumb_);
        info.iconBGRA = bufferOf(icon_);
        return info;
    }
    void release() override {
        if (Call call(this, Kind::Sources, "release"); !call)
            return;
        delete this;
    }

  private:
    static Picture *make(const SIZE &size) {
        if (size.cx < 2 || size.cy < 2 || size.cx > 1920 || size.cy > 1920)
            return nullptr;
        return new Picture(Field::Green, Picture::Format::Bgra, size.cx & ~1, size.cy & ~1, 0);
    }
    static LiteAVImageBuffer bufferOf(const Picture *picture) {
        if (!picture)
            return {};
        return {picture->data(), static_cast<uint32_t>(picture->size()), static_cast<uint32_t>(picture->width()),
                static_cast<uint32_t>(picture->height())};
    }

    Picture *thumb_ = nullptr;
    Picture *icon_ = nullptr;
};

} // namespace

ILiteAVDeviceCollection *makeItxDevices(int type) { return new DeviceList(type); }

ILiteAVScreenCaptureSourceList *makeItxSources(const SIZE &thumb, const SIZE &icon) {
    return new SourceList(thumb, icon);
}

} // namespace standin
