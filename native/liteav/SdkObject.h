#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/Error.h"
#include "engine/Event.h"
#include "liteav/abi/SdkThread.h"

namespace rtcroom::liteav {

/// What pushers and players of all generations share: the rules of closing, of methods that are not there, and of calls
/// that wait for the SDK's thread.
class SdkObject {
  protected:
    using Params = std::vector<std::pair<std::string, std::string>>;

    /// `thread` is the derived object's last member, so that its tasks end before what they use.
    SdkObject(engine::Side side, std::set<std::string> methods, SdkThread &thread,
              std::function<void(const engine::Event &)> tell);
    ~SdkObject() = default;

    /// Throws Closed, or Unsupported for a method that this revision lacks.
    void require(const char *method) const;
    /// A setting: see SdkThread::set; what is refused later is a ..._WARNING_SETTING_REFUSED.
    void set(const char *method, std::function<void()> work);
    /// An asynchronous call; after a close it ends with Aborted.
    void run(const char *method, std::function<void()> work, engine::Completion done);
    /// A value that only the SDK knows; see SdkThread::ask.
    template <typename Value> Value ask(const char *method, std::function<Value()> work) {
        require(method);
        const auto value = std::make_shared<Value>();
        thread_.ask([this, value, work = std::move(work)] {
            abortIfClosed();
            *value = work();
        });
        return *value;
    }
    /// A ..._WARNING_SETTING_REFUSED. On the SDK thread only.
    void tellRefused(const std::string &method, const engine::Error &error);
    /// On the SDK thread only. `nativeCode` 0 is the event's own number.
    void emit(int code, int nativeCode = 0, const std::string &message = {}, Params params = {});
    /// A ..._RESULT event of a file: its number is EVT_PARAM1, its path EVT_PARAM2. On the SDK thread only.
    void emitResult(int code, int result, const std::string &path, const std::optional<engine::Error> &error);
    /// Ends `done` by `error`, if there is one.
    static void end(engine::Completion &done, std::optional<engine::Error> error);

    bool closed() const;
    /// True for the first close; the others are ended with it.
    bool beginClose(engine::Completion done);
    void finishClose();
    void abortIfClosed() const;

    SdkThread &thread_;

  private:
    const engine::Side side_;
    const std::set<std::string> methods_;
    const std::function<void(const engine::Event &)> tell_;
    mutable std::mutex closeMutex_;
    bool closed_ = false;
    bool closeFinished_ = false;
    std::vector<engine::Completion> closeDone_;
};

} // namespace rtcroom::liteav
