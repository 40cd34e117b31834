#include "embedded/net/NetworkWatch.h"

#include <memory>
#include <mutex>
#include <utility>

#include "embedded/net/NetworkMonitor.h"

namespace rtcroom::embedded {

class NetworkWatch::Hub {
  public:
    static std::shared_ptr<Hub> shared() {
        struct Current {
            std::mutex mutex;
            std::weak_ptr<Hub> hub;
        };
        // Never destroyed: watches may begin and end while the process exits.
        static Current &current = *std::make_unique<Current>().release();
        const std::lock_guard lock(current.mutex);
        auto hub = current.hub.lock();
        if (!hub)
            current.hub = hub = std::make_shared<Hub>();
        return hub;
    }

    std::list<std::function<void()>>::iterator add(std::function<void()> onChange) {
        const std::lock_guard lock(mutex_);
        const auto place = watches_.insert(watches_.end(), std::move(onChange));
        // Also when an earlier start failed: there may be a descriptor again.
        if (!monitor_)
            monitor_ = NetworkMonitor::start([this] { tell(); });
        return place;
    }

    void remove(std::list<std::function<void()>>::iterator place) {
        const std::lock_guard lock(mutex_);
        watches_.erase(place);
    }

  private:
    void tell() {
        const std::lock_guard lock(mutex_);
        for (const auto &onChange : watches_)
            onChange();
    }

    std::mutex mutex_;
    std::list<std::function<void()>> watches_;
    // Last: its destructor waits for tell().
    std::unique_ptr<NetworkMonitor> monitor_;
};

NetworkWatch::NetworkWatch(std::function<void()> onChange)
    : hub_(Hub::shared()), place_(hub_->add(std::move(onChange))) {}

NetworkWatch::~NetworkWatch() { hub_->remove(place_); }

} // namespace rtcroom::embedded
