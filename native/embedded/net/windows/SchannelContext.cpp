#include "embedded/net/windows/SchannelContext.h"

#include <algorithm>
#include <array>
#include <memory>
#include <system_error>

namespace rtcroom::embedded {

namespace {

constexpr DWORD wantedProtocols = SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT;
constexpr DWORD credentialFlags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS | SCH_USE_STRONG_CRYPTO;
constexpr ULONG contextFlags = ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONFIDENTIALITY |
                               ISC_REQ_EXTENDED_ERROR | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM |
                               ISC_REQ_MANUAL_CRED_VALIDATION | ISC_REQ_USE_SUPPLIED_CREDS;

void check(SECURITY_STATUS status, const char *what) {
    if (status != SEC_E_OK)
        throw std::system_error(static_cast<int>(status), std::system_category(), what);
}

SECURITY_STATUS acquire(CredHandle &out, void *wanted) {
    static wchar_t provider[] = UNISP_NAME_W;
    TimeStamp ignored{};
    return AcquireCredentialsHandleW(nullptr, provider, SECPKG_CRED_OUTBOUND, nullptr, wanted, nullptr, nullptr, &out,
                                     &ignored);
}

SECURITY_STATUS acquireNew(CredHandle &out) {
    static wchar_t rsa[] = L"RSA";
    CRYPTO_SETTINGS notEphemeral{};
    notEphemeral.eAlgorithmUsage = TlsParametersCngAlgUsageKeyExchange;
    notEphemeral.strCngAlgId = {sizeof rsa - sizeof rsa[0], sizeof rsa, rsa};
    TLS_PARAMETERS parameters{};
    parameters.grbitDisabledProtocols = ~wantedProtocols;
    parameters.cDisabledCrypto = 1;
    parameters.pDisabledCrypto = &notEphemeral;
    SCH_CREDENTIALS wanted{};
    wanted.dwVersion = SCH_CREDENTIALS_VERSION;
    wanted.dwFlags = credentialFlags;
    wanted.cTlsParameters = 1;
    wanted.pTlsParameters = &parameters;
    return acquire(out, &wanted);
}

/// Of Windows 10 before 1809 and of wine 8. It cannot leave out a key exchange alone; the caller looks at what came.
SECURITY_STATUS acquireOld(CredHandle &out, DWORD protocols) {
    SCHANNEL_CRED wanted{};
    wanted.dwVersion = SCHANNEL_CRED_VERSION;
    wanted.grbitEnabledProtocols = protocols;
    wanted.dwFlags = credentialFlags;
    return acquire(out, &wanted);
}

struct ContextBufferDeleter {
    void operator()(void *each) const { FreeContextBuffer(each); }
};

} // namespace

SchannelContext::SchannelContext(std::wstring name) : name_(std::move(name)) {
    SecInvalidateHandle(&credentials_);
    SecInvalidateHandle(&context_);
    if (acquireNew(credentials_) == SEC_E_OK || acquireOld(credentials_, wantedProtocols) == SEC_E_OK)
        return;
    check(acquireOld(credentials_, SP_PROT_TLS1_2_CLIENT), "TLS credentials");
}

SchannelContext::~SchannelContext() {
    if (SecIsValidHandle(&context_))
        DeleteSecurityContext(&context_);
    FreeCredentialsHandle(&credentials_);
}

SchannelContext::Step SchannelContext::step(std::span<const uint8_t> input) {
    // Schannel writes to it.
    std::vector<uint8_t> bytes(input.begin(), input.end());
    std::array<SecBuffer, 2> in{};
    in[0] = {static_cast<ULONG>(bytes.size()), SECBUFFER_TOKEN, bytes.data()};
    in[1] = {0, SECBUFFER_EMPTY, nullptr};
    SecBufferDesc inputs{SECBUFFER_VERSION, static_cast<ULONG>(in.size()), in.data()};
    SecBuffer out{0, SECBUFFER_TOKEN, nullptr};
    SecBufferDesc outputs{SECBUFFER_VERSION, 1, &out};
    const bool first = !SecIsValidHandle(&context_);
    ULONG attributes = 0;
    Step step;
    step.status = InitializeSecurityContextW(
        &credentials_, first ? nullptr : &context_, name_.empty() ? nullptr : name_.data(), contextFlags, 0, 0,
        bytes.empty() ? nullptr : &inputs, 0, &context_, &outputs, &attributes, nullptr);
    const std::unique_ptr<void, ContextBufferDeleter> owner(out.pvBuffer);
    if (out.pvBuffer && out.cbBuffer > 0) {
        const auto *begin = static_cast<const uint8_t *>(out.pvBuffer);
        step.output.assign(begin, begin + out.cbBuffer);
    }
    if (in[1].BufferType == SECBUFFER_EXTRA)
        step.unused = std::min<size_t>(in[1].cbBuffer, bytes.size());
    return step;
}

std::vector<uint8_t> SchannelContext::shutDown() {
    DWORD kind = SCHANNEL_SHUTDOWN;
    SecBuffer buffer{sizeof kind, SECBUFFER_TOKEN, &kind};
    SecBufferDesc control{SECBUFFER_VERSION, 1, &buffer};
    if (ApplyControlToken(&context_, &control) != SEC_E_OK)
        return {};
    return step({}).output;
}

void SchannelContext::query(unsigned long which, void *out) {
    check(QueryContextAttributesW(&context_, which, out), "a TLS connection's attributes");
}

} // namespace rtcroom::embedded
