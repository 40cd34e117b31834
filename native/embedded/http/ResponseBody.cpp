#include "embedded/http/ResponseBody.h"

#include <algorithm>
#include <utility>

#include "embedded/net/AsciiText.h"
#include "embedded/net/ProtocolError.h"

namespace rtcroom::embedded {

namespace {

constexpr size_t maxDigits = 15;
constexpr size_t maxSizeLine = 256;
constexpr size_t maxTrailers = 4096;

} // namespace

ResponseBody::ResponseBody(const ResponseHead &head) : state_(State::UntilClosed) {
    if (head.chunked) {
        state_ = State::ChunkSize;
    } else if (head.contentLength) {
        left_ = *head.contentLength;
        state_ = left_ > 0 ? State::Length : State::Complete;
    }
}

std::span<const uint8_t> ResponseBody::next(std::span<const uint8_t> &bytes) {
    while (!bytes.empty() && state_ != State::Complete) {
        if (state_ == State::UntilClosed)
            return std::exchange(bytes, {});
        if (state_ == State::Length || state_ == State::Chunk) {
            const auto piece = bytes.first(static_cast<size_t>(std::min<uint64_t>(left_, bytes.size())));
            bytes = bytes.subspan(piece.size());
            left_ -= piece.size();
            if (left_ == 0)
                state_ = state_ == State::Length ? State::Complete : State::ChunkEnd;
            return piece;
        }
        takeLineByte(static_cast<char>(bytes.front()));
        bytes = bytes.subspan(1);
    }
    return {};
}

void ResponseBody::takeLineByte(char c) {
    ++lineBytes_;
    if (lineBytes_ > (state_ == State::Trailer ? maxTrailers : maxSizeLine))
        throw ProtocolError("a chunk of the HTTP response has an endless line");
    switch (state_) {
    case State::ChunkSize:
        if (const int digit = hexDigit(c); digit >= 0) {
            if (++digits_ > maxDigits)
                throw ProtocolError("a chunk of the HTTP response is too large");
            left_ = left_ << 4 | static_cast<uint64_t>(digit);
            return;
        }
        if (digits_ == 0 || (c != '\r' && c != '\n' && c != ';' && c != ' ' && c != '\t'))
            throw ProtocolError("a chunk of the HTTP response has no size");
        state_ = State::ChunkExtension;
        [[fallthrough]];
    case State::ChunkExtension:
        if (c != '\n')
            return;
        state_ = left_ > 0 ? State::Chunk : State::Trailer;
        digits_ = lineBytes_ = 0;
        emptyLine_ = true;
        return;
    case State::ChunkEnd:
        if (c == '\n') {
            state_ = State::ChunkSize;
            lineBytes_ = 0;
        } else if (c != '\r' || lineBytes_ > 1) {
            throw ProtocolError("a chunk of the HTTP response is longer than its size");
        }
        return;
    case State::Trailer:
        if (c == '\n') {
            if (emptyLine_)
                state_ = State::Complete;
            emptyLine_ = true;
        } else if (c != '\r') {
            emptyLine_ = false;
        }
        return;
    default:
        return;
    }
}

} // namespace rtcroom::embedded
