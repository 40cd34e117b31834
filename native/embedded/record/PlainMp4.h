#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "embedded/media/InputFile.h"
#include "embedded/record/Mp4Layout.h"

namespace rtcroom::embedded {

struct PlainMp4 {
    int64_t durationMs = 0;
    /// Units that were written.
    int64_t units = 0;
    /// Bytes of units that are not all there.
    int64_t tornBytes = 0;
};

struct RemuxOptions {
    /// Waits until all is on the disk.
    bool sync = false;
    /// Told with the part that is done, 0 to 1; false ends it.
    std::function<bool(double done)> onProgress{};
};

/// Writes what is in `from` as a plain MP4 with its index in front to `to`, a new file. Throws EngineException:
/// NotMedia for what is no recording or is damaged, RecordFailed when `to` cannot be written, FileOpenFailed when
/// `from` cannot be read, Aborted; then `to` is not there.
PlainMp4 writePlainMp4(const InputFile &from, const Mp4Layout &layout, const std::string &to,
                       const RemuxOptions &options = {});

/// The layout of an open file; none when it is no MP4. Throws FileOpenFailed, and NotMedia when it is not credible.
std::optional<Mp4Layout> mp4Layout(const InputFile &file);

/// ms of a plain MP4, 0 when its index does not tell. Throws NotMedia and FileOpenFailed as writePlainMp4.
int64_t mp4DurationMs(const InputFile &file, const Mp4Layout &layout);

/// Replaces a fragmented MP4 by a plain one, through a temporary file beside it and a rename. False when that did not
/// work (no space, for instance); the fragmented file is then as it was. Takes the time of copying the file about three
/// times.
bool makePlainMp4(const std::string &path);

} // namespace rtcroom::embedded
