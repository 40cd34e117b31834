#pragma once

#include <string>

namespace rtcroom::embedded {

/// Replaces a fragmented MP4 by a plain one with its index in front, through a temporary file beside it and a rename.
/// False when that did not work (no space, for instance); the fragmented file is then as it was. Takes the time of
/// copying the file about three times.
bool makePlainMp4(const std::string &path);

} // namespace rtcroom::embedded
