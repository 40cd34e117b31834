#pragma once

#include "addon/LiveWrap.h"

namespace rtcroom::addon {

/// The native half of TXLivePusher.
class PusherWrap final : public LiveWrap<PusherWrap, engine::Pusher> {
  public:
    static Napi::Function define(Napi::Env env);
    explicit PusherWrap(const Napi::CallbackInfo &info);

  private:
    bool isActive(const engine::Pusher &pusher) const override { return pusher.isPushing(); }
};

} // namespace rtcroom::addon
