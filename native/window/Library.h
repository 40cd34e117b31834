#pragma once

#include <string>

namespace rtcroom::window {

/// A shared library that stays loaded: functions of it may be on other threads' stacks at any time.
class Library {
  public:
    /// Tries the names in turn; false when none can be loaded.
    bool open(std::initializer_list<const char *> names);
    /// Null when the library lacks it.
    void *find(const char *symbol) const;

  private:
    void *handle_ = nullptr;
};

} // namespace rtcroom::window
