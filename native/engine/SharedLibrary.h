#pragma once

#include <initializer_list>

namespace rtcroom::engine {

/// A shared library that stays loaded: functions of it may be on other threads' stacks at any time.
class SharedLibrary {
  public:
    /// Tries the names in turn; false when none can be loaded.
    bool open(std::initializer_list<const char *> names);
    /// Null when the library lacks it.
    void *find(const char *symbol) const;
    /// Points to the function of that name; false, and null, when the library lacks it.
    template <typename Function> bool take(Function &function, const char *symbol) const {
        function = reinterpret_cast<Function>(find(symbol));
        return function != nullptr;
    }

  private:
    void *handle_ = nullptr;
};

} // namespace rtcroom::engine
