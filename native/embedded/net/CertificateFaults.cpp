#include "embedded/net/CertificateFaults.h"

#include <array>

namespace rtcroom::embedded {

unsigned certificateFaults(unsigned status, std::span<const CertificateFaultBits> known) {
    unsigned faults = 0;
    for (const CertificateFaultBits &bits : known)
        if (status & bits.status)
            faults |= bits.fault;
    return faults;
}

std::string causesAndRemedies(unsigned faults) {
    struct Cause {
        unsigned fault;
        const char *text;
    };
    static constexpr std::array causes{
        Cause{certificateFault::unknownAuthority,
              "its authority is unknown here; pass tls.ca with the certificate of the authority that signed it"},
        Cause{certificateFault::expired, "it has expired; renew it on the server, or set this machine's clock"},
        Cause{certificateFault::notYetValid, "it is not valid yet; set this machine's clock"},
        Cause{certificateFault::otherHost, "it is for another host; use the name that the certificate has"},
        Cause{certificateFault::notAServers, "it is not a server's; use one whose extended key usage is serverAuth"},
        Cause{certificateFault::revoked, "it was revoked"},
        Cause{certificateFault::weakAlgorithm, "it is signed by an algorithm that is not secure"},
    };
    std::string out;
    for (const Cause &cause : causes)
        if (faults & cause.fault)
            out += (out.empty() ? "" : ". And ") + std::string(cause.text);
    return out.empty() ? "it is not valid" : out;
}

} // namespace rtcroom::embedded
