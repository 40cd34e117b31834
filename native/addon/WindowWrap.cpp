#include "addon/WindowWrap.h"

namespace rtcroom::addon {

WindowWrap::WindowWrap(const Napi::CallbackInfo &info) : LiveWrap(info) {
    open([&info](Bridge &bridge) {
        return std::make_unique<window::VideoWindow>(fromJs<window::WindowOptions>(info[0], "options"), bridge);
    });
}

Napi::Function WindowWrap::define(Napi::Env env) {
#define RTCROOM_METHOD(name)                                                                                           \
    InstanceMethod(#name, &WindowWrap::invoke<&window::VideoWindow::name>, napi_default_method,                        \
                   const_cast<char *>(#name))
    return DefineClass(env, "Window",
                       {
                           RTCROOM_METHOD(open),
                           RTCROOM_METHOD(isOpen),
                           RTCROOM_METHOD(handle),
                           RTCROOM_METHOD(width),
                           RTCROOM_METHOD(height),
                           RTCROOM_METHOD(setTitle),
                           RTCROOM_METHOD(setFullscreen),
                           RTCROOM_METHOD(setSize),
                           RTCROOM_METHOD(show),
                           RTCROOM_METHOD(hide),
                           RTCROOM_METHOD(minimize),
                           RTCROOM_METHOD(restore),
                           RTCROOM_METHOD(setCaption),
                           RTCROOM_METHOD(openRegion),
                           RTCROOM_METHOD(moveRegion),
                           RTCROOM_METHOD(closeRegion),
                           RTCROOM_METHOD(regionHandle),
                           InstanceMethod("close", &WindowWrap::close),
                       });
#undef RTCROOM_METHOD
}

} // namespace rtcroom::addon
