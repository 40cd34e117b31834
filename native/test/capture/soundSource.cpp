#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>

#include <doctest/doctest.h>

#include "embedded/encode/AudioWorker.h"
#include "engine/Frame.h"

using namespace rtcroom;
using namespace rtcroom::embedded;

namespace {

constexpr auto PATIENCE = std::chrono::seconds(20);

struct Gate {
    std::promise<void> reading;
    std::atomic<bool> begun{false};
    std::promise<void> letGo;
    std::shared_future<void> open = letGo.get_future().share();
    std::promise<bool> ended;
};

/// Is read from while it is taken away, so that who reads it has it last; like a device, its end waits for a thread
/// that may be telling the worker of sound.
class HeldSource : public AudioSource {
  public:
    HeldSource(std::shared_ptr<Gate> gate, AudioWorker &worker) : gate_(std::move(gate)), worker_(worker) {}
    ~HeldSource() override {
        auto told = std::make_shared<std::promise<void>>();
        std::future<void> done = told->get_future();
        std::thread([told, &worker = worker_] {
            (void)worker.bytes();
            told->set_value();
        }).detach();
        gate_->ended.set_value(done.wait_for(PATIENCE / 4) == std::future_status::ready);
    }
    ReadResult read(int64_t, std::span<float>, bool final) override {
        if (!gate_->begun.exchange(true))
            gate_->reading.set_value();
        gate_->open.wait_for(PATIENCE);
        return final ? ReadResult::Ready : ReadResult::NotYet;
    }

  private:
    std::shared_ptr<Gate> gate_;
    AudioWorker &worker_;
};

} // namespace

TEST_CASE("a source of sound that was taken away ends while nothing of the worker is held") {
    const PushPipeline::Callbacks callbacks{};
    AudioWorker worker(callbacks, AudioSettings{});
    const auto gate = std::make_shared<Gate>();
    worker.setSource(std::make_shared<HeldSource>(gate, worker));
    worker.start(engine::clockMicros());
    REQUIRE(gate->reading.get_future().wait_for(PATIENCE) == std::future_status::ready);
    worker.setSource(nullptr);
    gate->letGo.set_value();
    std::future<bool> ended = gate->ended.get_future();
    // Nobody else comes: it ends although no other source follows and the worker is not stopped.
    REQUIRE(ended.wait_for(PATIENCE) == std::future_status::ready);
    CHECK(ended.get());
    worker.stop();
}
