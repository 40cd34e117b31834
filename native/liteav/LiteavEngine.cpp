#include "liteav/LiteavEngine.h"

namespace rtcroom::liteav {

std::optional<std::string> findSdk(const engine::EngineOptions &) { return std::nullopt; }

std::shared_ptr<engine::Engine> createLiteavEngine(const engine::EngineOptions &) {
    throw engine::EngineException(engine::ErrorCode::Unsupported,
                                  "the LiteAV SDK is a Windows library; use the engine 'embedded' here");
}

} // namespace rtcroom::liteav
