#pragma once

#include <span>
#include <string>

namespace rtcroom::embedded {

/// What can be wrong with a server's certificate: bits.
namespace certificateFault {
constexpr unsigned unknownAuthority = 1;
constexpr unsigned expired = 2;
constexpr unsigned notYetValid = 4;
constexpr unsigned otherHost = 8;
constexpr unsigned notAServers = 16;
constexpr unsigned revoked = 32;
constexpr unsigned weakAlgorithm = 64;
} // namespace certificateFault

/// What bits of a library's status mean; they are one fault where there are several.
struct CertificateFaultBits {
    unsigned status;
    unsigned fault;
};
unsigned certificateFaults(unsigned status, std::span<const CertificateFaultBits> known);

/// The faults, each with its remedy, as the end of a sentence.
std::string causesAndRemedies(unsigned faults);

} // namespace rtcroom::embedded
