#pragma once

#include "addon/LiveWrap.h"

namespace rtcroom::addon {

/// The native half of VideoWindow. An open window keeps the process alive.
class WindowWrap final : public LiveWrap<WindowWrap, window::VideoWindow> {
  public:
    static Napi::Function define(Napi::Env env);
    explicit WindowWrap(const Napi::CallbackInfo &info);

  private:
    bool isActive(const window::VideoWindow &window) const override { return window.isOpen(); }
};

} // namespace rtcroom::addon
