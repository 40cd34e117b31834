#pragma once

#include <memory>
#include <string>

#include "embedded/net/Deadline.h"
#include "embedded/net/Interrupt.h"
#include "embedded/net/windows/SchannelTypes.h"

namespace rtcroom::embedded {

struct CertificateDeleter {
    void operator()(const CERT_CONTEXT *each) const { CertFreeCertificateContext(each); }
};
/// With the store of the certificates that came with it.
using Certificate = std::unique_ptr<const CERT_CONTEXT, CertificateDeleter>;

/// What is wrong with a server's certificate, in words: as causesAndRemedies() has it, with a Windows error where that
/// has no word for it; empty when it is good. Without authorities (PEM) the system's are trusted, which Windows may
/// have to fetch first: so that is done by a thread of its own, which is abandoned when the caller stops or its
/// deadline passes. Throws SessionFailure: Stopped, HandshakeFailed.
std::string certificateRejection(Certificate certificate, const std::string &host, const std::string &authorities,
                                 const std::string &server, const Deadline &deadline, Interrupt &interrupt);

} // namespace rtcroom::embedded
