#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// The client's side of RTMP's simple handshake (RTMP 1.0, 5.2): send hello(), receive into wanted() until it is
/// complete(), send reply().
class Handshake {
  public:
    static constexpr size_t blockSize = 1536;

    Handshake();
    /// C0 and C1.
    const Bytes &hello() const { return hello_; }
    /// What is still missing of S0, S1 and S2.
    std::span<uint8_t> wanted() { return std::span(answer_).subspan(have_); }
    /// Throws ProtocolError as soon as the answer is not that of an RTMP server.
    void commit(size_t bytes);
    bool complete() const { return have_ == answer_.size(); }
    /// C2.
    Bytes reply() const;

  private:
    Bytes hello_;
    std::array<uint8_t, 1 + 2 * blockSize> answer_{};
    size_t have_ = 0;
};

} // namespace rtcroom::embedded
