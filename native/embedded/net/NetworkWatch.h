#pragma once

#include <functional>
#include <list>
#include <memory>

namespace rtcroom::embedded {

/// Hears of changes of this machine's network while it lives. All watches of the process share one NetworkMonitor,
/// which is there only while there is a watch.
class NetworkWatch {
  public:
    /// `onChange` is called on another thread and must neither wait nor make or end a watch. Where the system does not
    /// tell it never comes.
    explicit NetworkWatch(std::function<void()> onChange);
    /// Waits for an `onChange` that is under way.
    ~NetworkWatch();
    NetworkWatch(const NetworkWatch &) = delete;
    NetworkWatch &operator=(const NetworkWatch &) = delete;

  private:
    class Hub;
    std::shared_ptr<Hub> hub_;
    std::list<std::function<void()>>::iterator place_;
};

} // namespace rtcroom::embedded
