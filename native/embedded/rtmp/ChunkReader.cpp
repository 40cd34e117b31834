#include "embedded/rtmp/ChunkReader.h"

#include <algorithm>
#include <cstring>

#include "embedded/media/ByteOrder.h"
#include "embedded/net/ProtocolError.h"

namespace rtcroom::embedded {

namespace {

constexpr size_t bufferSize = 64 * 1024;
constexpr size_t maxPending = 32 * 1024 * 1024;
constexpr size_t maxStreams = 64;
// A message's announced length is not believed beyond this before its bytes come.
constexpr uint32_t maxReserve = 256 * 1024;
constexpr uint32_t extendedMark = 0xffffff;
constexpr size_t headerSizes[] = {11, 7, 3, 0};

} // namespace

ChunkReader::ChunkReader() : buffer_(bufferSize) {}

std::span<uint8_t> ChunkReader::writable() {
    if (begin_ == end_)
        begin_ = end_ = 0;
    else if (end_ == buffer_.size()) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, available());
        end_ -= begin_;
        begin_ = 0;
    }
    return std::span(buffer_).subspan(end_);
}

bool ChunkReader::next(Message &out) {
    for (;;) {
        if (!current_ && !readHeader())
            return false;
        ChunkStream &stream = *current_;
        const size_t count = std::min<size_t>(stream.chunkLeft, available());
        if (count > 0) {
            pendingBytes_ += count;
            if (pendingBytes_ > maxPending)
                throw ProtocolError("too many unfinished RTMP messages");
            if (isMedia(static_cast<MessageType>(stream.type)))
                mediaBytes_ += count;
            const uint8_t *from = buffer_.data() + begin_;
            stream.body.insert(stream.body.end(), from, from + count);
            begin_ += count;
            stream.chunkLeft -= static_cast<uint32_t>(count);
        }
        if (stream.chunkLeft > 0)
            return false;
        current_ = nullptr;
        if (finish(stream, out))
            return true;
    }
}

bool ChunkReader::readHeader() {
    const uint8_t *at = buffer_.data() + begin_;
    const size_t have = available();
    if (have < 1)
        return false;
    const unsigned format = at[0] >> 6;
    uint32_t id = at[0] & 0x3f;
    const size_t basic = id == 0 ? 2 : id == 1 ? 3 : 1;
    if (have < basic)
        return false;
    if (id == 0)
        id = 64u + at[1];
    else if (id == 1)
        id = 64u + at[1] + 256u * at[2];

    const auto known = streams_.find(id);
    if (format != 0 && (known == streams_.end() || !known->second.known))
        throw ProtocolError("an RTMP chunk refers to a header that never came");
    size_t size = basic + headerSizes[format];
    if (have < size)
        return false;
    const uint8_t *header = at + basic;
    const bool extended = format == 3 ? known->second.extended : readBigEndian(header, 3) == extendedMark;
    if (extended && have < size + 4)
        return false;
    const auto extendedTime = extended ? static_cast<uint32_t>(readBigEndian(at + size, 4)) : 0;

    if (known == streams_.end() && streams_.size() >= maxStreams)
        throw ProtocolError("too many RTMP chunk streams");
    ChunkStream &stream = known == streams_.end() ? streams_[id] : known->second;
    if (format != 3) {
        // A new header in the midst of a message: its sender gave the rest up.
        dropPartial(stream);
        stream.extended = extended;
        stream.delta = extended ? extendedTime : static_cast<uint32_t>(readBigEndian(header, 3));
        if (format <= 1) {
            stream.length = static_cast<uint32_t>(readBigEndian(header + 3, 3));
            stream.type = header[6];
        }
        if (format == 0)
            stream.streamId = header[7] | static_cast<uint32_t>(header[8]) << 8 |
                              static_cast<uint32_t>(header[9]) << 16 | static_cast<uint32_t>(header[10]) << 24;
        stream.timestamp = format == 0 ? stream.delta : stream.timestamp + stream.delta;
        stream.known = true;
        size += extended ? 4 : 0;
        beginMessage(stream);
    } else if (!stream.inMessage) {
        if (extended)
            stream.delta = extendedTime;
        stream.timestamp += stream.delta;
        size += extended ? 4 : 0;
        beginMessage(stream);
    } else if (extended && extendedTime == stream.delta) {
        // Some senders leave it out of the chunks that go on with a message; payload seldom looks like it.
        size += 4;
    }
    begin_ += size;
    stream.chunkLeft = std::min(chunkSize_, stream.length - static_cast<uint32_t>(stream.body.size()));
    current_ = &stream;
    return true;
}

void ChunkReader::beginMessage(ChunkStream &stream) {
    stream.inMessage = true;
    stream.body.reserve(std::min(stream.length, maxReserve));
}

void ChunkReader::dropPartial(ChunkStream &stream) {
    pendingBytes_ -= stream.body.size();
    // With its memory: a peer may give up large messages on many chunk streams.
    Bytes().swap(stream.body);
    stream.inMessage = false;
}

bool ChunkReader::finish(ChunkStream &stream, Message &out) {
    if (stream.body.size() < stream.length)
        return false;
    pendingBytes_ -= stream.body.size();
    stream.inMessage = false;
    out.type = static_cast<MessageType>(stream.type);
    out.timestamp = stream.timestamp;
    out.streamId = stream.streamId;
    out.body = std::move(stream.body);
    stream.body = {};
    obey(out);
    return true;
}

void ChunkReader::obey(const Message &message) {
    if (message.body.size() < 4)
        return;
    const auto value = static_cast<uint32_t>(readBigEndian(message.body.data(), 4));
    if (message.type == MessageType::SetChunkSize) {
        if (value == 0 || value > 0x7fffffff)
            throw ProtocolError("an RTMP chunk size is out of range");
        chunkSize_ = value;
    } else if (message.type == MessageType::Abort) {
        if (const auto found = streams_.find(value); found != streams_.end())
            dropPartial(found->second);
    }
}

} // namespace rtcroom::embedded
