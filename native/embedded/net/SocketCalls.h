#pragma once

#include <span>
#include <string>

#include "embedded/net/FileDescriptor.h"

namespace rtcroom::embedded {

/// Readies the system's sockets, once a process; on all but Windows they always are. Throws std::system_error.
void startSockets();

/// poll(): how many entries are ready, within `timeoutMs` (-1: no limit); -1 when a signal came first. Throws
/// std::system_error.
int pollSockets(std::span<PollEntry> entries, int timeoutMs);

/// A UDP socket; none when the system gives none.
FileDescriptor openDatagramSocket(int family) noexcept;

/// The error of the last call on a socket: errno's number, also on Windows, so that ECONNREFUSED is the same
/// everywhere. A Windows error that errno does not know keeps its own number, which is 10000 or more.
int lastSocketError() noexcept;

/// What a getsockopt(SO_ERROR) gave, in the same numbers.
int socketErrorFromSystem(int error) noexcept;

/// An error in words, English on every system.
std::string socketErrorText(int error);

} // namespace rtcroom::embedded
