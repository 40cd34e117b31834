#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::test {

/// A directory that goes away with its owner.
class TemporaryDirectory {
  public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory &) = delete;
    TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;
    std::string operator/(const std::string &name) const { return (path_ / name).string(); }
    const std::filesystem::path &path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// Runs a shell command; throws when it fails. Returns what it printed.
std::string runCommand(const std::string &command);

/// What `ffmpeg <arguments> clip.flv` makes, as a receiver hands it on: configurations first.
/// Codecs that its FLV does not know need "mp4".
std::vector<embedded::EncodedPacket> makeClip(const std::string &ffmpegArguments, const std::string &container = "flv");

/// One colour or pattern of lavfi, H.264 without reordering, a key frame a second, AAC of a sine.
std::vector<embedded::EncodedPacket> makeLiveClip(const std::string &videoSource, double seconds,
                                                  const std::string &videoOptions = "");

/// `ffprobe`'s values of a file, as "key=value" lines.
struct Probe {
    std::string text;
    /// The last value of the key; empty when there is none.
    std::string operator[](const std::string &key) const;
    double number(const std::string &key) const;
};
/// `stream`: "v", "a" or "" for the container. Decodes and counts frames.
Probe probe(const std::string &path, const std::string &stream);

size_t countUnits(const std::vector<embedded::EncodedPacket> &packets, embedded::MediaKind kind);

} // namespace rtcroom::test
