#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/Event.h"
#include "engine/Status.h"
#include "liteav/abi/Observer.h"
#include "liteav/classic/Methods.h"

namespace rtcroom::liteav::classic {

/// One onEventCallback, copied and made valid.
struct Message {
    int id = 0;
    std::vector<std::pair<std::string, std::string>> params;
    std::string value(const std::string &key) const;
};

/// The callbacks, on the SDK's threads.
class Sink {
  public:
    virtual void onMessage(Message message) = 0;
    /// `format` 2 is I420, 3 is BGRA. Pointers are the SDK's, possibly null.
    virtual void onVideo(const char *data, uint32_t length, int width, int height, int format) = 0;
    virtual void onAudio(const char *pcm, uint32_t length, uint32_t sampleRate, uint32_t channels) = 0;

  protected:
    ~Sink() = default;
};

std::shared_ptr<Observer<Sink>> makePusherObserver(const SlotTable &slots, Sink &sink);
std::shared_ptr<Observer<Sink>> makePlayerObserver(const SlotTable &slots, Sink &sink);

/// The two status reports come as events.
inline constexpr int STATUS_UPLOAD = 200001;
inline constexpr int STATUS_DOWNLOAD = 200002;
engine::Status statusOf(const Message &message);

/// The contract's number of an event: the 2018 SDK's moved ones, the snapshot's two, "other" for what has no name.
int eventOf(Generation generation, engine::Side side, int id);

} // namespace rtcroom::liteav::classic
