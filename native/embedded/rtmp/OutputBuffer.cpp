#include "embedded/rtmp/OutputBuffer.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace rtcroom::embedded {

namespace {

constexpr size_t maxFrontParts = 64;

} // namespace

void OutputBuffer::appendCopy(std::span<const uint8_t> bytes) {
    assert(bytes.size() <= maxInline);
    Part &part = parts_.emplace_back();
    part.size = bytes.size();
    std::ranges::copy(bytes, part.bytes.begin());
    size_ += part.size;
}

void OutputBuffer::appendSlice(std::shared_ptr<const Bytes> owner, size_t offset, size_t size) {
    if (size == 0)
        return;
    Part &part = parts_.emplace_back();
    part.owner = std::move(owner);
    part.offset = offset;
    part.size = size;
    size_ += size;
}

std::span<const SendPart> OutputBuffer::front() {
    front_.clear();
    const size_t end = std::min(parts_.size(), head_ + maxFrontParts);
    for (size_t i = head_; i < end; ++i)
        front_.push_back(sendPart(parts_[i].data(), parts_[i].size));
    return front_;
}

void OutputBuffer::consume(size_t bytes) {
    assert(bytes <= size_);
    size_ -= bytes;
    while (bytes > 0) {
        Part &part = parts_[head_];
        const size_t taken = std::min(bytes, part.size);
        part.offset += taken;
        part.size -= taken;
        bytes -= taken;
        if (part.size == 0) {
            part.owner.reset();
            ++head_;
        }
    }
    if (size_ == 0) {
        clear();
    } else if (head_ >= maxFrontParts && head_ * 2 > parts_.size()) {
        parts_.erase(parts_.begin(), parts_.begin() + static_cast<std::ptrdiff_t>(head_));
        head_ = 0;
    }
}

void OutputBuffer::clear() {
    parts_.clear();
    head_ = 0;
    size_ = 0;
}

} // namespace rtcroom::embedded
