#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include <napi.h>

#include "addon/Convert.h"
#include "engine/Error.h"

namespace rtcroom::addon {

/// The promises that an object owes. JS thread only.
class Promises {
  public:
    struct Started {
        uint64_t id;
        Napi::Promise promise;
    };

    Started start(Napi::Env env) {
        const auto deferred = Napi::Promise::Deferred::New(env);
        const uint64_t id = ++last_;
        waiting_.emplace(id, deferred);
        return {id, deferred.Promise()};
    }

    void settle(Napi::Env env, uint64_t id, const std::optional<engine::Error> &error) {
        const auto found = waiting_.find(id);
        if (found == waiting_.end())
            return;
        const Napi::Promise::Deferred deferred = found->second;
        waiting_.erase(found);
        if (error)
            deferred.Reject(toJs(env, *error).Value());
        else
            deferred.Resolve(env.Undefined());
    }

    bool any() const { return !waiting_.empty(); }

  private:
    uint64_t last_ = 0;
    std::map<uint64_t, Napi::Promise::Deferred> waiting_;
};

} // namespace rtcroom::addon
