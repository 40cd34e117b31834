#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace rtcroom::embedded {

/// The top level of an MP4 file (ISO/IEC 14496-12, 4.2) that may end anywhere.
struct Mp4Layout {
    /// A whole moov.
    bool hasIndex = false;
    /// It is, or will be, followed by fragments.
    bool fragmented = false;
    /// Whole moof boxes whose mdat has at least begun.
    int64_t fragments = 0;
    /// The last mdat is not all there.
    bool tornData = false;
    /// No table counts more units than the file has bytes, and each track has an ID. FFmpeg's demuxer would be busy for
    /// minutes: with a table that it believes, and with each fragment beside a track of no ID or a negative one.
    bool credible = true;
    /// Bytes up to the end of the last box of use. Beyond the file's own where data is torn: as long as that would be,
    /// but by 16 MB at most.
    int64_t end = 0;
};

/// Fills `out` from `position`; the bytes that were there. Throws what a reader of files throws.
using ReadAt = std::function<int64_t(int64_t position, std::span<uint8_t> out)>;

/// None when it does not begin as an MP4 file.
std::optional<Mp4Layout> readMp4Layout(const ReadAt &readAt, int64_t size);

} // namespace rtcroom::embedded
