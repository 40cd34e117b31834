#include "liteav/sdk/Generation.h"

#include <cstdio>
#include <vector>

#include "engine/Error.h"
#include "liteav/abi/Text.h"

namespace rtcroom::liteav {

using engine::EngineException;
using engine::ErrorCode;

namespace {

/// Collects what is missing, so that the error names all of it.
class Exports {
  public:
    explicit Exports(const Symbol &symbol) : symbol_(symbol) {}
    template <typename Function> void need(const char *name, Function &function) {
        void *const address = symbol_(name);
        if (address == nullptr)
            missing_ += (missing_.empty() ? "" : ", ") + std::string(name);
        function = reinterpret_cast<Function>(address);
    }
    void finish() const {
        if (!missing_.empty())
            throw EngineException(ErrorCode::SdkIncompatible,
                                  "the LiteAV SDK lacks the exports " + missing_ +
                                      ": it is damaged, or of a version that is not supported; see docs/engines.md");
    }

  private:
    const Symbol &symbol_;
    std::string missing_;
};

template <typename Function> std::string versionBy(Function version) {
    return version ? sdkText(version(), 64) : std::string();
}

template <size_t N>
void needAll(Exports &exports, const std::array<classic::MethodRow, N> &rows, std::array<void *, N> &addresses) {
    for (size_t i = 0; i < N; ++i)
        if (*rows[i].symbol != '\0')
            exports.need(rows[i].symbol, addresses[i]);
}

Sdk readV2(const Symbol &symbol, bool allowUnknown, size_t pointerBytes) {
    // On x86 its statistics come by value on the stack, which the callback must clear: nobody has seen their size
    // there.
    if (pointerBytes != 8)
        throw EngineException(ErrorCode::SdkIncompatible,
                              "the current generation of the LiteAV SDK is used in 64-bit processes only; use the "
                              "64-bit Node and SDK");
    v2::Exports found;
    Exports exports(symbol);
    exports.need("createV2TXLivePusher", found.createPusher);
    exports.need("releaseV2TXLivePusher", found.releasePusher);
    exports.need("createV2TXLivePlayer", found.createPlayer);
    exports.need("releaseV2TXLivePlayer", found.releasePlayer);
    exports.need("getLiteAvSDKVersion", found.version);
    exports.finish();
    found.setLicence = reinterpret_cast<decltype(found.setLicence)>(symbol("v2tx_live_premier_set_license"));
    Sdk sdk;
    sdk.version = versionBy(found.version);
    sdk.revision = revisionOf(sdk.version);
    sdk.v2 = found;
    if (sdk.revision == v2::Revision::Unknown && !allowUnknown)
        throw EngineException(ErrorCode::SdkIncompatible,
                              "the LiteAV SDK " + sdk.version +
                                  " has an order of methods that is not known; take 12.2 or 13.4, or set "
                                  "allowUnknownRevision to use what all known ones share");
    return sdk;
}

} // namespace

v2::Revision revisionOf(const std::string &version) {
    int major = 0;
    int minor = 0;
    if (std::sscanf(version.c_str(), "%d.%d", &major, &minor) != 2)
        return v2::Revision::Unknown;
    // Up to 9 there were older orders (R0, R1) whose pusher nobody has seen.
    if (major == 10 || major == 11)
        return v2::Revision::R2;
    if (major == 12 && minor == 2)
        return v2::Revision::R3;
    if (major == 13 && minor == 4)
        return v2::Revision::R4;
    return v2::Revision::Unknown;
}

Sdk readSdk(const Symbol &symbol, bool allowUnknown, size_t pointerBytes) {
    if (symbol("createV2TXLivePusher"))
        return readV2(symbol, allowUnknown, pointerBytes);
    classic::Exports found;
    Exports exports(symbol);
    if (symbol("createTXLivePusher")) {
        found.generation = classic::Generation::Interface;
        exports.need("createTXLivePusher", found.createPusher);
        exports.need("destroyTXLivePusher", found.destroyPusher);
        exports.need("createTXLivePlayer", found.createPlayer);
        exports.need("destroyTXLivePlayer", found.destroyPlayer);
        exports.need("getLiteAvSDKVersion", found.version);
    } else if (symbol(classic::PusherMethodRows[0].symbol)) {
        found.generation = classic::Generation::Tx2018;
        // The names are those of x86; nobody has seen a 64-bit one.
        needAll(exports, classic::PusherMethodRows, found.pusher);
        needAll(exports, classic::PlayerMethodRows, found.player);
    } else {
        throw EngineException(ErrorCode::SdkIncompatible,
                              "the library has none of createV2TXLivePusher, createTXLivePusher and TXLivePusher's "
                              "constructor: it is not the LiteAV SDK for live video");
    }
    exports.finish();
    Sdk sdk;
    sdk.version = found.generation == classic::Generation::Tx2018 ? "2018" : versionBy(found.version);
    sdk.classic = found;
    return sdk;
}

} // namespace rtcroom::liteav
