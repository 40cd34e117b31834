#include "addon/RepairWrap.h"

namespace rtcroom::addon {

RepairWrap::RepairWrap(const Napi::CallbackInfo &info) : LiveWrap(info) {
    open([](Bridge &) { return std::make_unique<embedded::RecordingRepair>(); });
}

Napi::Function RepairWrap::define(Napi::Env env) {
#define RTCROOM_METHOD(name)                                                                                           \
    InstanceMethod(#name, &RepairWrap::invoke<&embedded::RecordingRepair::name>, napi_default_method,                  \
                   const_cast<char *>(#name))
    return DefineClass(env, "RecordingRepair",
                       {
                           RTCROOM_METHOD(start),
                           RTCROOM_METHOD(progressPercent),
                           RTCROOM_METHOD(repaired),
                           RTCROOM_METHOD(durationMs),
                           RTCROOM_METHOD(lostBytes),
                           InstanceMethod("close", &RepairWrap::close),
                       });
#undef RTCROOM_METHOD
}

} // namespace rtcroom::addon
