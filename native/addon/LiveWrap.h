#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <napi.h>

#include "addon/Addon.h"
#include "addon/Arguments.h"
#include "addon/Bridge.h"
#include "addon/Convert.h"
#include "addon/Promises.h"

namespace rtcroom::addon {

/// Return and argument types of a method of the contract.
template <typename T> struct Signature;
template <typename Owner, typename R, typename... A> struct Signature<R (Owner::*)(A...)> {
    using Result = R;
    using Arguments = std::tuple<std::decay_t<A>...>;
};
template <typename Owner, typename R, typename... A>
struct Signature<R (Owner::*)(A...) const> : Signature<R (Owner::*)(A...)> {};

/// What the JavaScript classes of pusher and player share: an engine object, its bridge and the promises it owes.
///
/// `new Native(options, handler)`; everything comes through `handler({ kind, payload })`. The handler is a property of
/// the JavaScript object and that object is held only while it is active (running, or a promise is pending), so that
/// one which is idle and forgotten is collected, and closed by its finalizer.
template <typename Derived, typename Object>
class LiveWrap : public Napi::ObjectWrap<Derived>, public BridgeSink, public Owned {
  public:
    explicit LiveWrap(const Napi::CallbackInfo &info)
        : Napi::ObjectWrap<Derived>(info), env_(info.Env()), addon_(Addon::of(info.Env())) {
        if (!info[1].IsFunction())
            throw toJs(env_, engine::Error{engine::ErrorCode::InvalidArgument, "the handler must be a function"});
        info.This().template As<Napi::Object>().Set(HANDLER, info[1]);
    }

    ~LiveWrap() override {
        if (object_) {
            addon_.remove(*this);
            LiveWrap::shutDown();
        }
        if (bridge_)
            bridge_->forgetSink();
    }

    void shutDown() override {
        bridge_->close();
        reap([] {});
    }

    bool deliver(const engine::Event &event) override { return call("event", toJs(env_, event)); }
    bool deliver(const engine::Status &status) override { return call("status", toJs(env_, status)); }
    bool deliver(engine::VideoFrame frame) override { return callWith("videoFrame", std::move(frame)); }
    bool deliver(engine::AudioFrame frame) override { return callWith("audioFrame", std::move(frame)); }
    bool deliver(const window::WindowEvent &event) override { return call("window", toJs(env_, event)); }

    bool deliver(const Settlement &settlement) override {
        promises_.settle(env_, settlement.promise, settlement.error);
        return true;
    }

    void drained() override { updateHold(); }

  protected:
    /// `make(engine, bridge)` creates the engine object; `options.engine` says of which engine.
    template <typename Make> void openEngine(const Napi::Value &options, Make make) {
        open([&](Bridge &bridge) {
            const Napi::Value engine = options.IsObject() ? options.As<Napi::Object>().Get("engine") : env_.Undefined();
            return make(addon_.engine(fromJs<engine::EngineOptions>(engine, "engine")), bridge);
        });
    }

    /// `make(bridge)` creates the object.
    template <typename Make> void open(Make make) {
        if (addon_.isShutDown())
            throw toJs(env_, engine::Error{engine::ErrorCode::Closed, "the environment is ending"});
        bridge_ = Bridge::create(env_, *this);
        try {
            object_ = make(*bridge_);
        } catch (const engine::EngineException &failure) {
            bridge_->close();
            throw toJs(env_, failure.error());
        } catch (const Napi::Error &) {
            bridge_->close();
            throw; // of a getter in the arguments
        } catch (const std::exception &failure) {
            bridge_->close();
            throw toJs(env_, internal(failure));
        }
        addon_.add(*this);
    }

    /// The body of a JavaScript method that is the engine's `Method`; its name is the callback's data.
    template <auto Method> Napi::Value invoke(const Napi::CallbackInfo &info) {
        const std::string name = static_cast<const char *>(info.Data());
        using Arguments = typename Signature<decltype(Method)>::Arguments;
        try {
            return run<Method>(info, name, std::make_index_sequence<synchronousArguments<Arguments>()>{});
        } catch (const engine::EngineException &failure) {
            throw toJs(env_, failure.error());
        } catch (const Napi::Error &) {
            throw; // of a getter in the arguments
        } catch (const std::exception &failure) {
            throw toJs(env_, internal(failure));
        }
    }

    /// Resolves when no thread of the object is left. A closed object resolves at once.
    Napi::Value close(const Napi::CallbackInfo &) {
        const Promises::Started started = promises_.start(env_);
        if (!object_) {
            promises_.settle(env_, started.id, std::nullopt);
            return started.promise;
        }
        addon_.remove(*this);
        reap([bridge = bridge_, id = started.id] {
            bridge->settle({id, std::nullopt});
            bridge->closeWhenDrained();
        });
        updateHold();
        return started.promise;
    }

    Napi::Value dropped(const Napi::CallbackInfo &) {
        const Bridge::Dropped dropped = bridge_->dropped();
        Napi::Object object = Napi::Object::New(env_);
        object.Set("video", static_cast<double>(dropped.video));
        object.Set("audio", static_cast<double>(dropped.audio));
        return object;
    }

    bool call(const char *kind, Napi::Value payload) {
        const Napi::Object self = this->Value();
        // Collected already, the finalizer comes: nobody listens.
        if (self.IsEmpty())
            return true;
        napi_value handler = nullptr;
        napi_value result = nullptr;
        Napi::Object message = Napi::Object::New(env_);
        message.Set("kind", kind);
        message.Set("payload", payload);
        const napi_value argument = message;
        napi_status status = napi_get_named_property(env_, self, HANDLER, &handler);
        if (status == napi_ok)
            status = napi_call_function(env_, self, handler, 1, &argument, &result);
        if (status == napi_ok)
            return true;
        bool pending = false;
        napi_value exception = nullptr;
        napi_is_exception_pending(env_, &pending);
        if (!pending || napi_get_and_clear_last_exception(env_, &exception) != napi_ok)
            return false;
        return napi_fatal_exception(env_, exception) == napi_ok;
    }

    template <typename Frame> bool callWith(const char *kind, Frame frame) {
        const Napi::Value payload = addon_.frames().object(env_, std::move(frame));
        return !payload.IsEmpty() && call(kind, payload);
    }

    virtual bool isActive(const Object &object) const = 0;

    const Napi::Env env_;
    Addon &addon_;

  private:
    static constexpr const char *HANDLER = "handler";

    template <typename Arguments> static constexpr size_t synchronousArguments() {
        constexpr size_t count = std::tuple_size_v<Arguments>;
        if constexpr (count > 0)
            if constexpr (std::is_same_v<std::tuple_element_t<count - 1, Arguments>, engine::Completion>)
                return count - 1;
        return count;
    }

    template <auto Method, size_t... I>
    Napi::Value run(const Napi::CallbackInfo &info, const std::string &name, std::index_sequence<I...>) {
        using Types = Signature<decltype(Method)>;
        using Arguments = typename Types::Arguments;
        if (!object_)
            throw engine::EngineException(engine::ErrorCode::Closed, name + ": the object is closed");
        // Braces keep the order: the first wrong argument is the one that is named.
        std::tuple<std::tuple_element_t<I, Arguments>...> values{argument<std::tuple_element_t<I, Arguments>>(
            info[I], "argument " + std::to_string(I + 1) + " of " + name)...};
        if constexpr (sizeof...(I) < std::tuple_size_v<Arguments>) {
            return start(
                [&](engine::Completion done) { (object_.get()->*Method)(std::get<I>(values)..., std::move(done)); });
        } else if constexpr (std::is_void_v<typename Types::Result>) {
            (object_.get()->*Method)(std::get<I>(values)...);
            return env_.Undefined();
        } else {
            return result((object_.get()->*Method)(std::get<I>(values)...));
        }
    }

    /// A promise that `work`'s completion settles through the bridge.
    template <typename Work> Napi::Value start(Work work) {
        const Promises::Started started = promises_.start(env_);
        try {
            work([bridge = bridge_, id = started.id](std::optional<engine::Error> error) {
                bridge->settle({id, std::move(error)});
            });
        } catch (const engine::EngineException &failure) {
            promises_.settle(env_, started.id, failure.error());
        } catch (const std::exception &failure) {
            promises_.settle(env_, started.id, internal(failure));
        }
        updateHold();
        return started.promise;
    }

    static engine::Error internal(const std::exception &failure) {
        return {engine::ErrorCode::Internal, failure.what()};
    }

    Napi::Value result(bool value) { return Napi::Boolean::New(env_, value); }
    Napi::Value result(uint64_t value) { return Napi::BigInt::New(env_, value); }
    Napi::Value result(int value) { return Napi::Number::New(env_, value); }
    Napi::Value result(const std::vector<engine::Device> &value) { return toJs(env_, value); }
    Napi::Value result(const std::vector<engine::ScreenCaptureSource> &value) { return toJs(env_, value); }

    /// Starts the close at once (so that many objects close side by side); the reaper waits for it and destroys.
    template <typename Then> void reap(Then then) {
        std::shared_ptr<Object> object(std::move(object_));
        auto closed = std::make_shared<std::promise<void>>();
        object->close([closed](const std::optional<engine::Error> &) { closed->set_value(); });
        // The bridge is the object's listener: it goes last.
        addon_.reaper().post([bridge = bridge_, object = std::move(object), closed, then]() mutable {
            closed->get_future().wait();
            object.reset();
            then();
        });
    }

    void updateHold() {
        const bool active = promises_.any() || (object_ && isActive(*object_));
        bridge_->hold(active);
        if (active != held_) {
            held_ = active;
            if (active)
                this->Ref();
            else
                this->Unref();
        }
    }

    std::unique_ptr<Object> object_;
    std::shared_ptr<Bridge> bridge_;
    Promises promises_;
    bool held_ = false;
};

} // namespace rtcroom::addon
