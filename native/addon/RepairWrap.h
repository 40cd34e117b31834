#pragma once

#include "addon/LiveWrap.h"
#include "embedded/record/RecordingRepair.h"

namespace rtcroom::addon {

/// The native half of repairRecording. A repair under way keeps the process alive.
class RepairWrap final : public LiveWrap<RepairWrap, embedded::RecordingRepair> {
  public:
    static Napi::Function define(Napi::Env env);
    explicit RepairWrap(const Napi::CallbackInfo &info);

  private:
    bool isActive(const embedded::RecordingRepair &repair) const override { return repair.running(); }
};

} // namespace rtcroom::addon
