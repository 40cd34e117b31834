#include "liteav/LiteavEngine.h"

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

class V2Engine final : public engine::Engine {
  public:
    explicit V2Engine(const Sdk &sdk)
        : exports_(*sdk.v2), slots_(v2::slotTable(sdk.revision)), capabilities_(capabilitiesOf(slots_)),
          version_("LiteAV SDK " + sdk.version + " (v2, " + revisionName(sdk.revision) + ")"), library_(sdk.path) {}

    std::string name() const override { return "liteav"; }
    std::string version() const override { return version_; }
    std::string library() const override { return library_; }
    const engine::Capabilities &capabilities() const override { return capabilities_; }
    std::unique_ptr<engine::Pusher> createPusher(const engine::PusherOptions &options,
                                                 engine::PusherListener &listener) override {
        check(options.network);
        return std::make_unique<v2::V2Pusher>(exports_, slots_, options, listener);
    }
    std::unique_ptr<engine::Player> createPlayer(const engine::PlayerOptions &options,
                                                 engine::PlayerListener &listener) override {
        check(options.network);
        return std::make_unique<v2::V2Player>(exports_, slots_, options, listener);
    }

  private:
    const v2::Exports exports_;
    const v2::SlotTable slots_;
    const engine::Capabilities capabilities_;
    const std::string version_;
    const std::string library_;
};

class ClassicEngine final : public engine::Engine {
  public:
    explicit ClassicEngine(const Sdk &sdk)
        : exports_(*sdk.classic), slots_(classic::slotTable()), capabilities_(capabilitiesOf(exports_.generation)),
          version_("LiteAV SDK " + sdk.version +
                   (exports_.generation == classic::Generation::Interface ? " (interface)" : " (classes)")),
          library_(sdk.path) {}

    std::string name() const override { return "liteav"; }
    std::string version() const override { return version_; }
    std::string library() const override { return library_; }
    const engine::Capabilities &capabilities() const override { return capabilities_; }
    std::unique_ptr<engine::Pusher> createPusher(const engine::PusherOptions &options,
                                                 engine::PusherListener &listener) override {
        check(options.network);
        return std::make_unique<classic::ClassicPusher>(exports_, slots_, options, listener);
    }
    std::unique_ptr<engine::Player> createPlayer(const engine::PlayerOptions &options,
                                                 engine::PlayerListener &listener) override {
        check(options.network);
        return std::make_unique<classic::ClassicPlayer>(exports_, slots_, options, listener);
    }

  private:
    const classic::Exports exports_;
    const classic::SlotTable slots_;
    const engine::Capabilities capabilities_;
    const std::string version_;
    const std::string library_;
};

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
    if (sdk.v2)
        return std::make_shared<V2Engine>(sdk);
    return std::make_shared<ClassicEngine>(sdk);
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
