#include "liteav/LiteavEngine.h"

#include <utility>

#include "liteav/Convert.h"
#include "liteav/Support.h"
#include "liteav/classic/ClassicPlayer.h"
#include "liteav/classic/ClassicPusher.h"
#include "liteav/sdk/Library.h"
#include "liteav/v2/V2Player.h"
#include "liteav/v2/V2Pusher.h"

namespace rtcroom::liteav {

using engine::EngineException;
using engine::ErrorCode;

namespace {

void check(const engine::NetworkOptions &options) {
    requireRange("connectRetryCount", options.connectRetryCount, 0, 1'000'000);
    requireRange("connectRetryIntervalMs", options.connectRetryIntervalMs, 0, 3'600'000);
    requireRange("connectTimeoutMs", options.connectTimeoutMs, 1, 3'600'000);
    requireRange("dataTimeoutMs", options.dataTimeoutMs, 1, 3'600'000);
    if (!options.proxy.empty() || !(options.tls == engine::TlsOptions{}))
        throw EngineException(ErrorCode::Unsupported,
                              "the options tls and proxy are not supported by this engine; leave them out");
}

const char *revisionName(v2::Revision revision) {
    switch (revision) {
    case v2::Revision::R2:
        return "R2";
    case v2::Revision::R3:
        return "R3";
    case v2::Revision::R4:
        return "R4";
    case v2::Revision::Unknown:
        return "unknown revision";
    }
    return "";
}

/// Of one generation, which has these classes.
template <typename Exports, typename SlotTable, typename Pusher, typename Player>
class SdkEngine final : public engine::Engine {
  public:
    SdkEngine(const Sdk &sdk, const Exports &exports, const SlotTable &slots, engine::Capabilities capabilities,
              const std::string &kind)
        : exports_(exports), slots_(slots), capabilities_(std::move(capabilities)),
          version_("LiteAV SDK " + sdk.version + " (" + kind + ")"), library_(sdk.path) {}

    std::string name() const override { return "liteav"; }
    std::string version() const override { return version_; }
    std::string library() const override { return library_; }
    const engine::Capabilities &capabilities() const override { return capabilities_; }
    std::unique_ptr<engine::Pusher> createPusher(const engine::PusherOptions &options,
                                                 engine::PusherListener &listener) override {
        check(options.network);
        return std::make_unique<Pusher>(exports_, slots_, options, listener);
    }
    std::unique_ptr<engine::Player> createPlayer(const engine::PlayerOptions &options,
                                                 engine::PlayerListener &listener) override {
        check(options.network);
        return std::make_unique<Player>(exports_, slots_, options, listener);
    }

  private:
    const Exports exports_;
    const SlotTable slots_;
    const engine::Capabilities capabilities_;
    const std::string version_;
    const std::string library_;
};
using V2Engine = SdkEngine<v2::Exports, v2::SlotTable, v2::V2Pusher, v2::V2Player>;
using ClassicEngine = SdkEngine<classic::Exports, classic::SlotTable, classic::ClassicPusher, classic::ClassicPlayer>;

} // namespace

std::optional<std::string> findSdk(const engine::EngineOptions &options) { return findLibrary(sdkPlaces(options)); }

std::shared_ptr<engine::Engine> createLiteavEngine(const Sdk &sdk, const engine::EngineOptions &options) {
    if (!options.licenceUrl.empty() || !options.licenceKey.empty()) {
        if (!sdk.v2 || sdk.v2->setLicence == nullptr)
            throw EngineException(ErrorCode::LicenceRefused,
                                  "this LiteAV SDK takes no licence; leave the option 'licence' out");
        // Its result comes with the first call that needs it.
        sdk.v2->setLicence(options.licenceUrl.c_str(), options.licenceKey.c_str());
    }
    if (sdk.v2) {
        const v2::SlotTable slots = v2::slotTable(sdk.revision);
        return std::make_shared<V2Engine>(sdk, *sdk.v2, slots, capabilitiesOf(slots),
                                          std::string("v2, ") + revisionName(sdk.revision));
    }
    const classic::Generation generation = sdk.classic->generation;
    return std::make_shared<ClassicEngine>(sdk, *sdk.classic, classic::slotTable(), capabilitiesOf(generation),
                                           generation == classic::Generation::Interface ? "interface" : "classes");
}

std::shared_ptr<engine::Engine> createLiteavEngine(const engine::EngineOptions &options) {
#ifndef _WIN32
    loadLibrary(options.sdkPath); // throws Unsupported
#endif
    const auto path = findSdk(options);
    if (!path)
        throw EngineException(ErrorCode::SdkNotFound,
                              "no liteav.dll: name it or its folder in the engine's option sdkPath or in the variable "
                              "LITEAV_SDK_DIR, or put it beside the application");
    Sdk sdk = readSdk(loadLibrary(*path), options.allowUnknownRevision);
    sdk.path = *path;
    return createLiteavEngine(sdk, options);
}

} // namespace rtcroom::liteav
