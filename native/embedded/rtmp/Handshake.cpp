#include "embedded/rtmp/Handshake.h"

#include <algorithm>
#include <random>

#include "embedded/net/ProtocolError.h"

namespace rtcroom::embedded {

namespace {

constexpr uint8_t version = 3;

} // namespace

Handshake::Handshake() : hello_(1 + blockSize) {
    hello_[0] = version;
    // Time and version stay 0: zero in the second field tells servers not to expect a digest.
    std::minstd_rand random{std::random_device{}()};
    std::generate(hello_.begin() + 9, hello_.end(), [&random] { return static_cast<uint8_t>(random() >> 8); });
}

void Handshake::commit(size_t bytes) {
    have_ += bytes;
    if (have_ > 0 && answer_[0] != version)
        throw ProtocolError("the answer is not RTMP");
}

Bytes Handshake::reply() const { return {answer_.begin() + 1, answer_.begin() + 1 + blockSize}; }

} // namespace rtcroom::embedded
