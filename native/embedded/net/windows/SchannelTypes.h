#pragma once

// The headers of Schannel in the one order in which they can be read, with what stands behind switches:

// the newer members of CERT_CHAIN_PARA,
#define CERT_CHAIN_PARA_HAS_EXTRA_FIELDS
#include <winsock2.h>
// the client's side,
#define SECURITY_WIN32
#include <security.h>
#include <subauth.h>
// and SCH_CREDENTIALS.
#define SCHANNEL_USE_BLACKLISTS
#include <schannel.h>
#include <wincrypt.h>
