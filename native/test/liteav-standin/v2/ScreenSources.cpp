#include "v2/ScreenSources.h"

#include "runtime/Call.h"
#include "runtime/Devices.h"
#include "runtime/Picture.h"

using namespace liteav;

namespace standin {

namespace {

int pictureSide(uint64_t asked) { return asked < 2 || asked > 1920 ? 0 : static_cast<int>(asked) & ~1; }

class Sources final : public IV2TXLiveScreenCaptureSourceList {
  public:
    Sources(const V2TXLiveSize &thumb, const V2TXLiveSize &icon) {
        thumb_ = make(thumb);
        icon_ = make(icon);
        objects::add(this, Kind::Sources);
    }
    ~Sources() override {
        objects::remove(this);
        delete thumb_;
        delete icon_;
    }

    uint32_t getCount() override {
        Call call(this, Kind::Sources, "getCount");
        return call ? static_cast<uint32_t>(call.result(SOURCES)) : 0;
    }

    V2TXLiveScreenCaptureSourceInfo getSourceInfo(uint32_t index) override {
        Call call(this, Kind::Sources, "getSourceInfo");
        call.arg(index);
        V2TXLiveScreenCaptureSourceInfo info{};
        info.sourceType = V2TXLiveScreenCaptureSourceTypeUnknown;
        if (!call || index >= SOURCES) {
            call.fault("the index is not below getCount()");
            return info;
        }
        const SourceRow &row = SOURCE_ROWS[index];
        info.sourceType = row.screen ? V2TXLiveScreenCaptureSourceTypeScreen : V2TXLiveScreenCaptureSourceTypeWindow;
        info.sourceId = reinterpret_cast<void *>(row.id);
        info.sourceName = row.name;
        info.thumbBGRA = imageOf(thumb_);
        info.iconBGRA = imageOf(icon_);
        info.isMinimizeWindow = row.minimized;
        info.isMainScreen = row.screen;
        return info;
    }

    void release() override {
        if (Call call(this, Kind::Sources, "release"); !call)
            return;
        delete this;
    }

  private:
    static Picture *make(const V2TXLiveSize &size) {
        const int width = pictureSide(size.width);
        const int height = pictureSide(size.height);
        return width && height ? new Picture(Field::Green, Picture::Format::Bgra, width, height, 0) : nullptr;
    }
    static V2TXLiveImage imageOf(const Picture *picture) {
        if (!picture)
            return {nullptr, V2TXLiveImageTypeBGRA32, 0, 0, 0};
        return {picture->data(), V2TXLiveImageTypeBGRA32, static_cast<uint32_t>(picture->width()),
                static_cast<uint32_t>(picture->height()), static_cast<uint32_t>(picture->size())};
    }

    Picture *thumb_ = nullptr;
    Picture *icon_ = nullptr;
};

} // namespace

IV2TXLiveScreenCaptureSourceList *makeScreenSources(const V2TXLiveSize &thumb, const V2TXLiveSize &icon) {
    return new Sources(thumb, icon);
}

} // namespace standin
