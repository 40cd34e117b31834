#pragma once

/// The system's own socket headers, and for each platform the same few names:
///   SocketHandle, noSocket, closeSocket()  a socket
///   PollEntry                              a pollfd: handle, wanted and met events by POLLIN, POLLOUT, POLLERR, …
///   SendPart, sendPart()                   one piece of a gathering write; the piece must outlive it
///   sentBytes()                            the bytes of one
#ifdef _WIN32
#include "embedded/net/windows/SocketTypes.h"
#else
#include "embedded/net/posix/SocketTypes.h"
#endif
