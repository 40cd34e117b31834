#include "embedded/net/windows/CertificateCheck.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <span>
#include <system_error>
#include <vector>

#include "embedded/net/AbandonableCall.h"
#include "embedded/net/CertificateFaults.h"
#include "embedded/net/PemCertificates.h"
#include "embedded/net/SessionFailure.h"
#include "embedded/net/SocketTypes.h"
#include "embedded/net/Tls.h"
#include "embedded/net/windows/WideText.h"

namespace rtcroom::embedded {

namespace {

// SECURITY_FLAG_IGNORE_* of wininet.h, for fdwChecks.
constexpr DWORD ignoreUnknownAuthority = 0x100, ignoreUsage = 0x200, ignoreName = 0x1000, ignoreDate = 0x2000;

struct StoreCloser {
    void operator()(void *each) const { CertCloseStore(each, 0); }
};
using Store = std::unique_ptr<void, StoreCloser>;

struct EngineCloser {
    void operator()(void *each) const { CertFreeCertificateChainEngine(each); }
};
using ChainEngine = std::unique_ptr<void, EngineCloser>;

struct ChainDeleter {
    void operator()(const CERT_CHAIN_CONTEXT *each) const { CertFreeCertificateChain(each); }
};
using Chain = std::unique_ptr<const CERT_CHAIN_CONTEXT, ChainDeleter>;

struct LocalDeleter {
    void operator()(void *each) const { LocalFree(each); }
};

[[noreturn]] void fail(const char *what) {
    throw std::system_error(static_cast<int>(GetLastError()), std::system_category(), what);
}

bool addCertificate(HCERTSTORE store, std::string_view base64) {
    DWORD size = 0;
    const auto length = static_cast<DWORD>(base64.size());
    if (!CryptStringToBinaryA(base64.data(), length, CRYPT_STRING_BASE64, nullptr, &size, nullptr, nullptr))
        return false;
    std::vector<BYTE> bytes(size);
    return CryptStringToBinaryA(base64.data(), length, CRYPT_STRING_BASE64, bytes.data(), &size, nullptr, nullptr) &&
           CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, bytes.data(), size, CERT_STORE_ADD_ALWAYS,
                                            nullptr);
}

/// Nothing when there is no certificate, or one that cannot be read.
Store storeOf(const std::string &pem) {
    Store store(CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, nullptr));
    if (!store)
        fail("a store of certificates");
    const auto certificates = pemCertificates(pem);
    const auto add = [&](std::string_view each) { return addCertificate(store.get(), each); };
    if (!certificates || certificates->empty() || !std::ranges::all_of(*certificates, add))
        store.reset();
    return store;
}

/// Trusts what is in the store, and nothing else; as GnuTLS does also an authority that another one signed.
ChainEngine engineOf(HCERTSTORE authorities) {
    CERT_CHAIN_ENGINE_CONFIG config{};
    config.cbSize = sizeof config;
    config.hExclusiveRoot = authorities;
    config.dwExclusiveFlags = CERT_CHAIN_EXCLUSIVE_ENABLE_CA_FLAG;
    HCERTCHAINENGINE engine = nullptr;
    if (CertCreateCertificateChainEngine(&config, &engine))
        return ChainEngine(engine);
    // wine 8 knows no such flag.
    config.cbSize = offsetof(CERT_CHAIN_ENGINE_CONFIG, dwExclusiveFlags);
    if (!CertCreateCertificateChainEngine(&config, &engine))
        fail("a chain engine");
    return ChainEngine(engine);
}

Chain chainOf(PCCERT_CONTEXT certificate, HCERTCHAINENGINE engine) {
    static char serverPurpose[] = szOID_PKIX_KP_SERVER_AUTH;
    static char strongOid[] = szOID_CERT_STRONG_SIGN_OS_1;
    LPSTR purposes[] = {serverPurpose};
    CERT_STRONG_SIGN_PARA strong{};
    strong.cbSize = sizeof strong;
    strong.dwInfoChoice = CERT_STRONG_SIGN_OID_INFO_CHOICE;
    strong.pszOID = strongOid;
    CERT_CHAIN_PARA wanted{};
    wanted.cbSize = sizeof wanted;
    wanted.RequestedUsage.dwType = USAGE_MATCH_TYPE_AND;
    wanted.RequestedUsage.Usage = {1, purposes};
    wanted.pStrongSignPara = &strong;
    // Own authorities need no network, and nothing is fetched that the server should have sent. Windows learns of the
    // system's own authorities only when it first meets them, so that must be let go on.
    const DWORD offline = CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL | CERT_CHAIN_DISABLE_AUTH_ROOT_AUTO_UPDATE;
    const CERT_CHAIN_CONTEXT *chain = nullptr;
    if (!CertGetCertificateChain(engine, certificate, nullptr, certificate->hCertStore, &wanted,
                                 CERT_CHAIN_DISABLE_AIA | (engine ? offline : 0), nullptr, &chain))
        fail("a certificate's chain");
    return Chain(chain);
}

/// CERT_CHAIN_POLICY_SSL: 0, or why not.
DWORD policyError(const CERT_CHAIN_CONTEXT &chain, const std::wstring &name, DWORD ignored) {
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA tls{};
    tls.cbSize = sizeof tls;
    tls.dwAuthType = AUTHTYPE_SERVER;
    tls.fdwChecks = ignored;
    tls.pwszServerName = const_cast<wchar_t *>(name.c_str());
    CERT_CHAIN_POLICY_PARA policy{};
    policy.cbSize = sizeof policy;
    policy.pvExtraPolicyPara = &tls;
    CERT_CHAIN_POLICY_STATUS status{};
    status.cbSize = sizeof status;
    if (!CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, &chain, &policy, &status))
        fail("the policy of certificates");
    return status.dwError;
}

/// The 4 or 16 bytes of an address, none of a name.
std::vector<BYTE> addressBytes(const std::string &host) {
    std::vector<BYTE> bytes(16);
    if (inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1)
        return bytes;
    bytes.resize(4);
    if (inet_pton(AF_INET, host.c_str(), bytes.data()) != 1)
        bytes.clear();
    return bytes;
}

/// Windows' own check of names takes no address.
bool isForAddress(const CERT_INFO &info, std::span<const BYTE> address) {
    const CERT_EXTENSION *extension = CertFindExtension(szOID_SUBJECT_ALT_NAME2, info.cExtension, info.rgExtension);
    CERT_ALT_NAME_INFO *decoded = nullptr;
    DWORD size = 0;
    if (!extension || !CryptDecodeObjectEx(X509_ASN_ENCODING, X509_ALTERNATE_NAME, extension->Value.pbData,
                                           extension->Value.cbData, CRYPT_DECODE_ALLOC_FLAG, nullptr, &decoded, &size))
        return false;
    const std::unique_ptr<CERT_ALT_NAME_INFO, LocalDeleter> names(decoded);
    return std::ranges::any_of(std::span(names->rgAltEntry, names->cAltEntry), [&](const CERT_ALT_NAME_ENTRY &each) {
        return each.dwAltNameChoice == CERT_ALT_NAME_IP_ADDRESS &&
               std::ranges::equal(std::span(each.IPAddress.pbData, each.IPAddress.cbData), address);
    });
}

unsigned trustFaults(DWORD status) {
    // A time that is not valid is told in more detail elsewhere.
    static constexpr std::array known{
        CertificateFaultBits{CERT_TRUST_IS_UNTRUSTED_ROOT | CERT_TRUST_IS_PARTIAL_CHAIN |
                                 CERT_TRUST_IS_EXPLICIT_DISTRUST | CERT_TRUST_IS_NOT_SIGNATURE_VALID,
                             certificateFault::unknownAuthority},
        CertificateFaultBits{CERT_TRUST_IS_NOT_VALID_FOR_USAGE, certificateFault::notAServers},
        CertificateFaultBits{CERT_TRUST_IS_REVOKED, certificateFault::revoked},
        CertificateFaultBits{CERT_TRUST_HAS_WEAK_SIGNATURE, certificateFault::weakAlgorithm},
    };
    return certificateFaults(status, known);
}

unsigned timeFaults(const CERT_CHAIN_CONTEXT &chain) {
    unsigned faults = 0;
    const CERT_SIMPLE_CHAIN &first = *chain.rgpChain[0];
    for (const CERT_CHAIN_ELEMENT *element : std::span(first.rgpElement, first.cElement)) {
        const LONG when = CertVerifyTimeValidity(nullptr, element->pCertContext->pCertInfo);
        faults |= when > 0 ? certificateFault::expired : when < 0 ? certificateFault::notYetValid : 0u;
    }
    return faults;
}

unsigned policyFault(DWORD error) {
    switch (static_cast<HRESULT>(error)) {
    case CERT_E_UNTRUSTEDROOT:
    case CERT_E_CHAINING:
    case CERT_E_UNTRUSTEDCA:
    case TRUST_E_CERT_SIGNATURE:
        return certificateFault::unknownAuthority;
    case CERT_E_CN_NO_MATCH:
        return certificateFault::otherHost;
    case CERT_E_WRONG_USAGE:
    case CERT_E_PURPOSE:
        return certificateFault::notAServers;
    case CERT_E_REVOKED:
    case CRYPT_E_REVOKED:
        return certificateFault::revoked;
    default:
        return 0;
    }
}

std::string rejectionOf(PCCERT_CONTEXT certificate, const std::string &host, const std::string &pem) {
    const Store authorities = pem.empty() ? nullptr : storeOf(pem);
    const ChainEngine engine = authorities ? engineOf(authorities.get()) : nullptr;
    if (!pem.empty() && !engine)
        return causesAndRemedies(certificateFault::unknownAuthority);
    const Chain chain = chainOf(certificate, engine.get());
    const std::vector<BYTE> address = addressBytes(host);
    const std::wstring name = toAsciiName(host);
    const DWORD error = policyError(*chain, name, address.empty() ? 0 : ignoreName);
    unsigned faults = trustFaults(chain->TrustStatus.dwErrorStatus) | timeFaults(*chain) | policyFault(error);
    const bool named =
        address.empty() ? policyFault(policyError(*chain, name, ignoreUnknownAuthority | ignoreUsage | ignoreDate)) !=
                              certificateFault::otherHost
                        : isForAddress(*certificate->pCertInfo, address);
    if (!named)
        faults |= certificateFault::otherHost;
    if (faults != 0)
        return causesAndRemedies(faults);
    if (error == 0 && chain->TrustStatus.dwErrorStatus == CERT_TRUST_NO_ERROR)
        return {};
    std::array<char, 64> codes{};
    std::snprintf(codes.data(), codes.size(), " (Windows error 0x%08lx, trust status 0x%08lx)", error,
                  chain->TrustStatus.dwErrorStatus);
    return causesAndRemedies(0) + codes.data();
}

/// certificateRejection(), waiting for whatever Windows waits for.
std::string checkNow(PCCERT_CONTEXT certificate, const std::string &host, const std::string &authorities) {
    try {
        return rejectionOf(certificate, host, authorities);
    } catch (const std::exception &error) {
        return std::string("Windows cannot check it: ") + error.what();
    }
}

AbandonedCalls abandonedChecks;

} // namespace

bool holdsCertificates(const std::string &pem) { return storeOf(pem) != nullptr; }

std::string certificateRejection(Certificate certificate, const std::string &host, const std::string &authorities,
                                 const std::string &server, const Deadline &deadline, Interrupt &interrupt) {
    if (!authorities.empty())
        return checkNow(certificate.get(), host, authorities);
    AbandonableCall<std::string> check(abandonedChecks);
    const std::string unstarted =
        check.start([certificate = std::shared_ptr<const CERT_CONTEXT>(std::move(certificate)), host] {
            return checkNow(certificate.get(), host, {});
        });
    if (!unstarted.empty())
        throw SessionFailure(SessionEnd::HandshakeFailed,
                             "cannot check the certificate of " + server + ": " + unstarted);
    auto rejection = check.wait(deadline, interrupt);
    if (!rejection)
        throw SessionFailure(SessionEnd::HandshakeFailed, "Windows did not check the certificate of " + server +
                                                              " in time; try again, or pass tls.ca");
    return std::move(*rejection);
}

} // namespace rtcroom::embedded
