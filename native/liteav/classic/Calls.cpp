#include "liteav/classic/Calls.h"

#include <type_traits>
#include <utility>

#include "liteav/abi/Observer.h"

namespace rtcroom::liteav::classic {

template <typename Method> int Object<Method>::slot(Method method) const {
    if constexpr (std::is_same_v<Method, PusherMethod>)
        return slots_.pusher[static_cast<size_t>(method)];
    else
        return slots_.player[static_cast<size_t>(method)];
}

template <typename Method> void *Object<Method>::address(Method method) const {
    void *found = nullptr;
    if constexpr (std::is_same_v<Method, PusherMethod>)
        found = exports_.pusher[static_cast<size_t>(method)];
    else
        found = exports_.player[static_cast<size_t>(method)];
    if (found == nullptr || (object_ == nullptr && method != Method::constructor))
        throw engine::EngineException(engine::ErrorCode::Unsupported,
                                      "the 2018 LiteAV SDK has no such method; see capabilities");
    return found;
}

template <typename Method> void Object<Method>::create() {
    constexpr bool isPusher = std::is_same_v<Method, PusherMethod>;
    if (isInterface()) {
        object_ = isPusher ? exports_.createPusher() : exports_.createPlayer();
        if (object_ == nullptr)
            throw engine::EngineException(engine::ErrorCode::SdkFailed,
                                          std::string(isPusher ? "createTXLivePusher" : "createTXLivePlayer") +
                                              " gave no object; check the SDK's version and its log");
        return;
    }
    storage_ = std::make_shared<Storage>();
    using Constructor = void *(RTCROOM_SDK_METHOD *)(void *);
    const auto construct = reinterpret_cast<Constructor>(address(Method::constructor));
    construct(storage_->bytes);
    object_ = storage_->bytes;
}

template <typename Method> void Object<Method>::release() {
    if (object_ == nullptr)
        return;
    if (isInterface()) {
        void *object = std::exchange(object_, nullptr);
        (std::is_same_v<Method, PusherMethod> ? exports_.destroyPusher : exports_.destroyPlayer)(&object);
        return;
    }
    call<void>(Method::destructor);
    object_ = nullptr;
    // The SDK's threads may have kept the address.
    keepForever(std::exchange(storage_, nullptr));
}

template class Object<PusherMethod>;
template class Object<PlayerMethod>;

} // namespace rtcroom::liteav::classic
