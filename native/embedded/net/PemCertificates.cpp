#include "embedded/net/PemCertificates.h"

#include <string>

namespace rtcroom::embedded {

namespace {

constexpr std::string_view beginMark = "-----BEGIN ";
constexpr std::string_view dashes = "-----";

} // namespace

std::optional<std::vector<std::string_view>> pemCertificates(std::string_view pem) {
    std::vector<std::string_view> out;
    for (;;) {
        const size_t begin = pem.find(beginMark);
        if (begin == std::string_view::npos)
            return out;
        pem.remove_prefix(begin + beginMark.size());
        const size_t labelEnd = pem.find(dashes);
        if (labelEnd == std::string_view::npos)
            return std::nullopt;
        const std::string_view label = pem.substr(0, labelEnd);
        pem.remove_prefix(labelEnd + dashes.size());
        const std::string endMark = "-----END " + std::string(label) + "-----";
        const size_t end = pem.find(endMark);
        if (end == std::string_view::npos)
            return std::nullopt;
        if (label == "CERTIFICATE" || label == "X509 CERTIFICATE")
            out.push_back(pem.substr(0, end));
        pem.remove_prefix(end + endMark.size());
    }
}

} // namespace rtcroom::embedded
