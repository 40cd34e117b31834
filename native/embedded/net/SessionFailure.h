#pragma once

#include <exception>
#include <utility>

#include "embedded/net/SessionResult.h"

namespace rtcroom::embedded {

/// Unwinds a session to its run(), which returns the result. Never leaves the session classes.
class SessionFailure : public std::exception {
  public:
    explicit SessionFailure(SessionResult result) : result_(std::move(result)) {}
    SessionFailure(SessionEnd end, std::string message) : result_{end, std::move(message), {}} {}
    const SessionResult &result() const { return result_; }
    const char *what() const noexcept override { return result_.message.c_str(); }

  private:
    SessionResult result_;
};

} // namespace rtcroom::embedded
