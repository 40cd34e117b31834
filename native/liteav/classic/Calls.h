#pragma once

#include <memory>

#include "liteav/classic/Methods.h"

namespace rtcroom::liteav::classic {

/// An object of either older generation: a method is a slot of its table or an export, called the same way.
template <typename Method> class Object {
  public:
    Object(const Exports &exports, const SlotTable &slots) : exports_(exports), slots_(slots) {}
    ~Object() { release(); }
    Object(const Object &) = delete;
    Object &operator=(const Object &) = delete;

    bool isInterface() const { return exports_.generation == Generation::Interface; }
    /// Throws SdkFailed when the SDK gives none.
    void create();
    void release();
    bool exists() const { return object_ != nullptr; }

    template <typename Result, typename... Arguments> Result call(Method method, Arguments... arguments) const {
        if (isInterface())
            return callSlot<Result>(object_, slot(method), arguments...);
        using Function = Result(RTCROOM_SDK_METHOD *)(void *, Arguments...);
        return reinterpret_cast<Function>(address(method))(object_, arguments...);
    }
    template <typename... Arguments> bool callBool(Method method, Arguments... arguments) const {
        return call<SdkBool>(method, arguments...) != 0;
    }
    /// A static method of the 2018 classes.
    template <typename Result, typename... Arguments> Result callStatic(Method method, Arguments... arguments) const {
        return reinterpret_cast<Result (*)(Arguments...)>(address(method))(arguments...);
    }
    const SlotTable &slots() const { return slots_; }

  private:
    int slot(Method method) const;
    void *address(Method method) const;

    const Exports &exports_;
    const SlotTable &slots_;
    void *object_ = nullptr;
    /// The 2018 classes live in memory of the caller. They have 8 bytes; this is far above.
    struct alignas(16) Storage {
        unsigned char bytes[1024] = {};
    };
    std::shared_ptr<Storage> storage_;
};

using PusherObject = Object<PusherMethod>;
using PlayerObject = Object<PlayerMethod>;

} // namespace rtcroom::liteav::classic
