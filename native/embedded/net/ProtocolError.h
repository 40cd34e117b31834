#pragma once

#include <stdexcept>

namespace rtcroom::embedded {

/// What the peer sent is not of its protocol, or breaks a limit. The message is a fixed text that repeats nothing of
/// it.
class ProtocolError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

} // namespace rtcroom::embedded
