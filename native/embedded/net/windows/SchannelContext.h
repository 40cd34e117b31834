#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "embedded/net/windows/SchannelTypes.h"

namespace rtcroom::embedded {

/// A client's side of one TLS connection by Schannel: what the server sent goes in, what is to be sent comes out.
/// Offers TLS 1.2 and, where Windows has it, 1.3, both with ephemeral keys, and no certificate of its own; does not
/// check the server's. Credentials are its own, so that no session of an earlier connection is resumed.
class SchannelContext {
  public:
    /// `name` is sent to the server; none when empty. Throws std::system_error.
    explicit SchannelContext(std::wstring name);
    ~SchannelContext();
    SchannelContext(const SchannelContext &) = delete;
    SchannelContext &operator=(const SchannelContext &) = delete;

    struct Step {
        SECURITY_STATUS status = SEC_E_OK;
        /// Bytes at the end of the input that are for later.
        size_t unused = 0;
        /// To be sent whatever the status; may be an alert.
        std::vector<uint8_t> output;
    };
    /// Goes on with a handshake, or with what came after one; the first has no input.
    Step step(std::span<const uint8_t> input);
    /// The close_notify to be sent; empty when there is none.
    std::vector<uint8_t> shutDown();

    CtxtHandle *handle() noexcept { return &context_; }
    /// One of SECPKG_ATTR_*. Throws std::system_error.
    template <class Attribute> Attribute attribute(unsigned long which) {
        Attribute out{};
        query(which, &out);
        return out;
    }

  private:
    void query(unsigned long which, void *out);

    std::wstring name_;
    CredHandle credentials_;
    CtxtHandle context_;
};

} // namespace rtcroom::embedded
