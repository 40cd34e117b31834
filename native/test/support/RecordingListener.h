#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/Error.h"
#include "engine/Player.h"
#include "engine/Pusher.h"

namespace rtcroom::test {

/// Keeps what an engine object tells, and waits for it.
class RecordingListener : public engine::PusherListener, public engine::PlayerListener {
  public:
    void onEvent(const engine::Event &event) override {
        note([&] { events_.push_back(event); });
    }
    void onStatus(const engine::Status &status) override {
        note([&] { statuses_.push_back(status); });
    }
    void onVideoFrame(engine::VideoFrame frame) override {
        note([&] { video_.push_back(std::move(frame)); });
    }
    void onAudioFrame(engine::AudioFrame frame) override {
        note([&] { audio_.push_back(std::move(frame)); });
    }

    /// Waits until `condition(*this)` holds, called with the lock held; false after the deadline.
    template <typename Condition> bool waitFor(Condition condition, int seconds = 10) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(seconds), [&] { return condition(*this); });
    }
    bool waitForEvent(int code, size_t times = 1, int seconds = 10) {
        return waitFor([&](RecordingListener &l) { return l.countLocked(code) >= times; }, seconds);
    }
    bool waitForVideo(size_t frames, int seconds = 10) {
        return waitFor([&](RecordingListener &l) { return l.video_.size() >= frames; }, seconds);
    }
    size_t count(int code) {
        const std::lock_guard lock(mutex_);
        return countLocked(code);
    }
    std::vector<engine::Event> events() {
        const std::lock_guard lock(mutex_);
        return events_;
    }
    std::vector<int> codes() {
        std::vector<int> codes;
        for (const engine::Event &event : events())
            codes.push_back(event.info->code);
        return codes;
    }
    std::vector<engine::VideoFrame> video() {
        const std::lock_guard lock(mutex_);
        return video_;
    }
    std::vector<engine::AudioFrame> audio() {
        const std::lock_guard lock(mutex_);
        return audio_;
    }
    std::vector<engine::Status> statuses() {
        const std::lock_guard lock(mutex_);
        return statuses_;
    }
    void clearFrames() {
        const std::lock_guard lock(mutex_);
        video_.clear();
        audio_.clear();
    }

    size_t countLocked(int code) const {
        return static_cast<size_t>(std::count_if(events_.begin(), events_.end(),
                                                 [&](const engine::Event &e) { return e.info->code == code; }));
    }
    size_t statusCountLocked() const { return statuses_.size(); }
    size_t audioCountLocked() const { return audio_.size(); }

  private:
    template <typename Change> void note(Change change) {
        {
            const std::lock_guard lock(mutex_);
            change();
        }
        changed_.notify_all();
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<engine::Event> events_;
    std::vector<engine::Status> statuses_;
    std::vector<engine::VideoFrame> video_;
    std::vector<engine::AudioFrame> audio_;
};

/// A Completion whose outcome can be waited for; a second call of it would throw.
class Outcome {
  public:
    Outcome() : promise_(std::make_shared<std::promise<std::optional<engine::Error>>>()) {
        future_ = promise_->get_future().share();
    }
    engine::Completion completion() {
        return [promise = promise_](std::optional<engine::Error> error) { promise->set_value(std::move(error)); };
    }
    bool done(int seconds = 10) const {
        return future_.wait_for(std::chrono::seconds(seconds)) == std::future_status::ready;
    }
    /// The error's code; nothing is success. Throws when the deadline passes.
    std::optional<engine::ErrorCode> code(int seconds = 10) const {
        if (!done(seconds))
            throw std::runtime_error("the call did not end");
        const auto &error = future_.get();
        return error ? std::optional(error->code) : std::nullopt;
    }
    std::string message() const { return future_.get() ? future_.get()->message : std::string(); }
    int nativeCode() const { return future_.get() ? future_.get()->nativeCode : 0; }

  private:
    std::shared_ptr<std::promise<std::optional<engine::Error>>> promise_;
    std::shared_future<std::optional<engine::Error>> future_;
};

} // namespace rtcroom::test
