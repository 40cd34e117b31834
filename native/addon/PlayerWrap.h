#pragma once

#include "addon/LiveWrap.h"

namespace rtcroom::addon {

/// The native half of TXLivePlayer: as the pusher's.
class PlayerWrap final : public LiveWrap<PlayerWrap, engine::Player> {
  public:
    static Napi::Function define(Napi::Env env);
    explicit PlayerWrap(const Napi::CallbackInfo &info);

  private:
    bool isActive(const engine::Player &player) const override { return player.isPlaying(); }
};

} // namespace rtcroom::addon
