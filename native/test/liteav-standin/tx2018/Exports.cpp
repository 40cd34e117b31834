// What the 2018 DLL has besides its two classes.

#include "abi/Tx2018.h"

#include "runtime/Call.h"
#include "tx/Generation.h"

using standin::Call;

namespace standin {

constinit const Generation GENERATION = {
    [](void *callback, int id, int count, const char **keys, const char **values, void *userData) {
        static_cast<TXLivePusherCallback *>(callback)->onEventCallback(id, count, keys, values, userData);
    },
    [](void *callback, int id, int count, const char **keys, const char **values, void *userData) {
        static_cast<TXLivePlayerCallback *>(callback)->onEventCallback(id, count, keys, values, userData);
    },
    nullptr, // frames and sound are not handed out
    nullptr,
    nullptr,
    nullptr,
    2,    // slots of a callback
    1012, // snapshots
    2010,
    1009, // camera removed, available
    1010,
    false, // 3 is RGBA
};

bool fireAt(void *object, Kind kind, const char *callback, int a, int b, const char *text) {
    if (kind == Kind::Pusher)
        return fire(*static_cast<TXLivePusher *>(object), callback, a, b, text);
    return kind == Kind::Player && fire(*static_cast<TXLivePlayer *>(object), callback, a, b, text);
}

} // namespace standin

TXLiveCommon *TXLiveCommon::getInstance() {
    const Call call("TXLiveCommon::getInstance");
    static constinit unsigned char storage[sizeof(TXLiveCommon)];
    return reinterpret_cast<TXLiveCommon *>(storage);
}

void TXLiveCommon::setProxy(const char *ip, unsigned short port) {
    Call call("TXLiveCommon::setProxy");
    call.text(ip);
    call.arg(port);
}

void TXLiveCommon::setReportProxy(const char *ip, unsigned short port) {
    Call call("TXLiveCommon::setReportProxy");
    call.text(ip);
    call.arg(port);
}

// Two more names that the import library of 2018 has; what they do is not known, and nobody calls them.
extern "C" __declspec(dllexport) void txf_assert() { const Call call("txf_assert"); }
extern "C" __declspec(dllexport) void *GetHandleVerifier() {
    const Call call("GetHandleVerifier");
    return nullptr;
}
