#include "embedded/record/Mp4Layout.h"

#include <algorithm>
#include <array>
#include <limits>

#include "embedded/media/ByteOrder.h"

namespace rtcroom::embedded {

namespace {

/// A fragment of 200 ms has less.
constexpr int64_t maxMissing = 16 * 1024 * 1024;
constexpr int maxDepth = 10;
constexpr int64_t shortHeader = 8;
constexpr int64_t longHeader = 16;

constexpr uint32_t fourCc(const char (&name)[5]) {
    return static_cast<uint32_t>(name[0]) << 24 | static_cast<uint32_t>(name[1]) << 16 |
           static_cast<uint32_t>(name[2]) << 8 | static_cast<uint32_t>(name[3]);
}

struct Box {
    uint32_t type = 0;
    int64_t header = shortHeader;
    /// Header and all.
    int64_t size = 0;
};

/// None when no whole header is there, or it is none.
std::optional<Box> readBox(const ReadAt &readAt, int64_t at, int64_t end) {
    std::array<uint8_t, longHeader> head{};
    const int64_t wanted = std::min(end - at, longHeader);
    const int64_t have = wanted < shortHeader ? 0 : readAt(at, std::span(head).first(static_cast<size_t>(wanted)));
    if (have < shortHeader)
        return std::nullopt;
    Box box;
    box.type = static_cast<uint32_t>(readBigEndian(head.data() + 4, 4));
    uint64_t size = readBigEndian(head.data(), 4);
    if (size == 1) {
        if (have < longHeader)
            return std::nullopt;
        size = readBigEndian(head.data() + shortHeader, 8);
        box.header = longHeader;
    } else if (size == 0 && box.type == fourCc("mdat")) {
        size = static_cast<uint64_t>(end - at);
    }
    if (size < static_cast<uint64_t>(box.header) ||
        size > static_cast<uint64_t>(std::numeric_limits<int64_t>::max() - at))
        return std::nullopt;
    box.size = static_cast<int64_t>(size);
    return box;
}

constexpr std::array containers{fourCc("moov"), fourCc("trak"), fourCc("mdia"), fourCc("minf"),
                                fourCc("stbl"), fourCc("edts"), fourCc("dinf"), fourCc("mvex"),
                                fourCc("moof"), fourCc("traf"), fourCc("udta")};

struct Child {
    Box box;
    int64_t at = 0;
};

std::optional<Child> findChild(const ReadAt &readAt, const Box &parent, int64_t at, uint32_t type) {
    const int64_t end = at + parent.size;
    at += parent.header;
    while (const auto box = readBox(readAt, at, end)) {
        if (box->type == type)
            return Child{*box, at};
        at += box->size;
        if (at >= end)
            break;
    }
    return std::nullopt;
}

/// Whether a track has a header with an ID, which is not 0 (8.3.2.3), and in FFmpeg has 31 bits.
bool hasTrackId(const ReadAt &readAt, const Box &track, int64_t at) {
    const auto header = findChild(readAt, track, at, fourCc("tkhd"));
    if (!header)
        return false;
    // Version and flags, then two times, which in version 1 have 8 bytes each.
    std::array<uint8_t, 24> bytes{};
    const int64_t start = header->at + header->box.header;
    const int64_t have = std::min<int64_t>(header->box.size - header->box.header, bytes.size());
    if (readAt(start, std::span(bytes).first(static_cast<size_t>(have))) < have)
        return false;
    const size_t idAt = bytes[0] == 1 ? 20 : 12;
    const uint64_t id = readBigEndian(bytes.data() + idAt, 4);
    return idAt + 4 <= static_cast<size_t>(have) && id > 0 && id <= std::numeric_limits<int32_t>::max();
}

/// Where a box has the count of its units, behind its header; none for a box that counts none.
std::optional<int64_t> countOffset(uint32_t type) {
    if (type == fourCc("trun"))
        return 4;
    if (type == fourCc("stsz") || type == fourCc("stz2"))
        return 8;
    return std::nullopt;
}

/// Whether a box, and all in it, counts `most` units at most, lies in its parent, and is a track with an ID if it is
/// one.
bool isCredible(const ReadAt &readAt, const Box &box, int64_t at, int64_t most, int depth) {
    const int64_t end = at + box.size;
    if (const auto offset = countOffset(box.type)) {
        std::array<uint8_t, 4> count{};
        const int64_t from = at + box.header + *offset;
        return from + 4 > end || readAt(from, count) < 4 ||
               readBigEndian(count.data(), count.size()) <= static_cast<uint64_t>(most);
    }
    if (std::ranges::find(containers, box.type) == containers.end())
        return true;
    if (depth == maxDepth || (box.type == fourCc("trak") && !hasTrackId(readAt, box, at)))
        return false;
    at += box.header;
    while (end - at >= shortHeader) {
        const auto child = readBox(readAt, at, end);
        if (!child || child->size > end - at || !isCredible(readAt, *child, at, most, depth + 1))
            return false;
        at += child->size;
    }
    return true;
}

} // namespace

std::optional<Mp4Layout> readMp4Layout(const ReadAt &readAt, int64_t size) {
    const auto first = readBox(readAt, 0, size);
    if (!first || first->type != fourCc("ftyp"))
        return std::nullopt;
    Mp4Layout layout;
    int64_t at = 0;
    std::optional<int64_t> openFragment;
    while (const auto box = readBox(readAt, at, size)) {
        const int64_t boxEnd = at + box->size;
        const bool whole = boxEnd <= size;
        if (box->type == fourCc("mdat")) {
            layout.fragments += openFragment ? 1 : 0;
            openFragment.reset();
        } else if (whole && box->type == fourCc("moov")) {
            layout.hasIndex = true;
            layout.fragmented = layout.fragmented || findChild(readAt, *box, at, fourCc("mvex")).has_value();
        } else if (whole && box->type == fourCc("moof")) {
            layout.fragmented = true;
            openFragment = at;
        }
        if (whole)
            layout.credible = layout.credible && isCredible(readAt, *box, at, size, 0);
        if (!whole && box->type == fourCc("mdat")) {
            layout.tornData = true;
            at = std::min(boxEnd, size + maxMissing);
        }
        if (!whole)
            break;
        at = boxEnd;
    }
    layout.end = openFragment.value_or(at);
    return layout;
}

} // namespace rtcroom::embedded
