#include "embedded/capture/ScreenInput.h"

#include <algorithm>

#include "embedded/capture/I420Frame.h"
#include "engine/Error.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;
using engine::Rect;
using window::Desktop;

namespace {

const std::string SCREEN = "screen:";
const std::string WINDOW = "window:";

/// A screen that is plugged in or changes its size is noticed after this.
constexpr int64_t SCREENS_AGE_US = 1'000'000;
/// A window that is just being resized gives errors for a picture or two.
constexpr int MAX_FAILURES = 30;

Rect intersection(const Rect &a, const Rect &b) {
    return {std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right), std::min(a.bottom, b.bottom)};
}

Rect moved(const Rect &rect, int right, int down) {
    return {rect.left + right, rect.top + down, rect.right + right, rect.bottom + down};
}

/// Smaller is no picture.
bool isEmpty(const Rect &rect) { return rect.right - rect.left < 2 || rect.bottom - rect.top < 2; }

Rect bounds(const std::vector<Desktop::Screen> &screens) {
    Rect all = screens.front().area;
    for (const Desktop::Screen &each : screens)
        all = {std::min(all.left, each.area.left), std::min(all.top, each.area.top),
               std::max(all.right, each.area.right), std::max(all.bottom, each.area.bottom)};
    return all;
}

const Desktop::Screen *findScreen(const std::vector<Desktop::Screen> &screens, const std::string &name) {
    const auto found = std::ranges::find_if(
        screens, [&](const Desktop::Screen &each) { return name.empty() ? each.main : each.name == name; });
    return found == screens.end() ? nullptr : &*found;
}

DeviceAddress addressOf(const ScreenInput::View &view, bool cursor) {
    const Rect &area = view.area;
    DeviceAddress address;
    address.name = view.window ? "the window" : "the screen";
    address.onDemand = true;
    address.options = {
        // Its own pace is none: a picture is there when it is asked for.
        {"framerate", "1000"},
        {"video_size", std::to_string(area.right - area.left) + "x" + std::to_string(area.bottom - area.top)},
        {"draw_mouse", cursor ? "1" : "0"},
    };
#ifdef _WIN32
    address.format = "gdigrab";
    address.url = "desktop";
    address.options.emplace_back("offset_x", std::to_string(area.left));
    address.options.emplace_back("offset_y", std::to_string(area.top));
#else
    address.format = "x11grab";
    address.options.emplace_back("grab_x", std::to_string(area.left));
    address.options.emplace_back("grab_y", std::to_string(area.top));
    if (view.window)
        address.options.emplace_back("window_id", std::to_string(view.window));
#endif
    return address;
}

/// Empty when the window closes, or cannot be read, meanwhile.
engine::Thumbnail thumbnailOf(const std::string &id, engine::Size most) {
    const FramePtr picture = makeEmptyFrame();
    try {
        ScreenTarget target = screenTargetOf(id, {});
        target.cursor = false;
        ScreenInput input(target, std::make_shared<std::atomic<bool>>(false));
        int64_t captureUs = 0;
        if (input.read(*picture, captureUs) != DeviceInput::Reading::Picture)
            return {};
    } catch (const EngineException &) {
        return {};
    }
    const double scale = std::min(
        {1.0, static_cast<double>(most.width) / picture->width, static_cast<double>(most.height) / picture->height});
    engine::Thumbnail thumbnail;
    thumbnail.size = {std::max(1, static_cast<int>(picture->width * scale)),
                      std::max(1, static_cast<int>(picture->height * scale))};
    const auto [width, height] = thumbnail.size;
    const SwsPtr scaler(sws_getContext(picture->width, picture->height, static_cast<AVPixelFormat>(picture->format),
                                       width, height, AV_PIX_FMT_RGBA, SWS_AREA, nullptr, nullptr, nullptr));
    if (!scaler)
        return {};
    thumbnail.rgba.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 4);
    uint8_t *const planes[4] = {thumbnail.rgba.data()};
    const int strides[4] = {width * 4};
    sws_scale(scaler.get(), picture->data, picture->linesize, 0, picture->height, planes, strides);
    // The fourth byte of a screen's pixel is nothing in particular.
    for (size_t alpha = 3; alpha < thumbnail.rgba.size(); alpha += 4)
        thumbnail.rgba[alpha] = 255;
    return thumbnail;
}

} // namespace

std::vector<engine::ScreenCaptureSource> listScreenSources(engine::Size thumbnail) {
    using Kind = engine::ScreenCaptureSource::Kind;
    const auto desktop = Desktop::open();
    std::vector<engine::ScreenCaptureSource> sources;
    for (const Desktop::Screen &each : desktop->screens())
        sources.push_back({SCREEN + each.name, Kind::Screen, each.name, false, each.main});
    for (const Desktop::Window &each : desktop->windows())
        sources.push_back({WINDOW + std::to_string(each.handle), Kind::Window, each.title, each.minimized, false});
    if (thumbnail != engine::Size{})
        for (engine::ScreenCaptureSource &each : sources)
            if (!each.minimized)
                each.thumbnail = thumbnailOf(each.id, thumbnail);
    return sources;
}

ScreenTarget screenTargetOf(const std::string &id, const Rect &region) {
    ScreenTarget target;
    target.region = region;
    const auto desktop = Desktop::open();
    if (id.empty())
        return target;
    if (id.starts_with(SCREEN)) {
        target.screen = id.substr(SCREEN.size());
        if (findScreen(desktop->screens(), target.screen))
            return target;
    } else if (id.starts_with(WINDOW)) {
        const std::string handle = id.substr(WINDOW.size());
        // 20 digits may be more than 64 bits.
        if (!handle.empty() && handle.size() < 20 &&
            std::ranges::all_of(handle, [](char digit) { return digit >= '0' && digit <= '9'; })) {
            target.window = std::stoull(handle);
            if (target.window != 0 && desktop->place(target.window))
                return target;
        }
    }
    throw EngineException(ErrorCode::InvalidArgument,
                          "no such window or screen; take an id of getScreenCaptureSources, it may be closed");
}

ScreenInput::ScreenInput(const ScreenTarget &target, std::shared_ptr<std::atomic<bool>> abort)
    : target_(target), desktop_(Desktop::open()), abort_(std::move(abort)) {
    const auto view = look();
    if (!view)
        throw EngineException(ErrorCode::WindowFailed, whyGone_);
    // A window's may come back, or grow.
    if (isEmpty(view->area) && !target.window)
        throw EngineException(ErrorCode::InvalidArgument,
                              "the region lies outside the screen; give pixels of the screen, from its left upper "
                              "corner, at least 2 by 2");
    if (!isEmpty(view->area))
        open(*view);
}

ScreenInput::View ScreenInput::viewOf(const ScreenTarget &target, const Rect &place, const Rect &desktop) {
    Rect wanted = place;
    if (target.region != Rect{})
        wanted = intersection(place, moved(target.region, place.left, place.top));
    // What is outside the desktop has no pixels.
    wanted = intersection(wanted, desktop);
    if (!target.window || target.atItsPlace)
        return {0, wanted};
    return {target.window, moved(wanted, -place.left, -place.top)};
}

std::optional<ScreenInput::View> ScreenInput::look() {
    const int64_t nowUs = engine::clockMicros();
    if (screens_.empty() || nowUs - screensReadUs_ > SCREENS_AGE_US) {
        screens_ = desktop_->screens();
        screensReadUs_ = nowUs;
    }
    if (desktop_->lost()) {
        whyGone_ = "the display is gone, and the capture with it";
        return std::nullopt;
    }
    if (!target_.window) {
        const Desktop::Screen *const screen = findScreen(screens_, target_.screen);
        if (screen)
            return viewOf(target_, screen->area, bounds(screens_));
        whyGone_ = "the captured screen is not plugged in any more; choose one of getScreenCaptureSources";
        return std::nullopt;
    }
    const auto place = desktop_->place(target_.window);
    if (!place) {
        whyGone_ = "the captured window is closed; choose another one of getScreenCaptureSources";
        return std::nullopt;
    }
#ifdef _WIN32
    // GDI reads the screen at the window's place.
    ScreenTarget there = target_;
    there.atItsPlace = true;
    return place->visible ? viewOf(there, place->area, bounds(screens_)) : View{};
#else
    return place->visible ? viewOf(target_, place->area, bounds(screens_)) : View{};
#endif
}

void ScreenInput::open(const View &view) {
    opened_.reset();
    device_.reset();
    device_ = std::make_unique<AvDevice>(addressOf(view, target_.cursor), abort_);
    opened_ = view;
}

DeviceInput::Reading ScreenInput::fail(const std::string &why) {
    device_.reset();
    opened_.reset();
    whyGone_ = why;
    return ++failures_ > MAX_FAILURES ? Reading::Gone : Reading::Nothing;
}

DeviceInput::Reading ScreenInput::read(AVFrame &picture, int64_t &captureUs) {
    const auto view = look();
    if (!view)
        return Reading::Gone;
    if (isEmpty(view->area))
        return Reading::Nothing;
    try {
        if (!opened_ || *opened_ != *view)
            open(*view);
    } catch (const EngineException &failure) {
        return fail(failure.what());
    }
    const Reading reading = device_->read(picture, captureUs);
    if (reading == Reading::Gone)
        return fail(device_->whyGone());
    if (reading == Reading::Picture)
        failures_ = 0;
    return reading;
}

} // namespace rtcroom::embedded
