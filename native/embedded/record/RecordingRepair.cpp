#include "embedded/record/RecordingRepair.h"

#include <filesystem>
#include <optional>
#include <utility>

#include "embedded/media/OutputFile.h"
#include "embedded/media/ffmpeg.h"
#include "embedded/record/PlainMp4.h"

namespace rtcroom::embedded {

namespace {

using engine::EngineException;
using engine::ErrorCode;

void open(InputFile &file, const std::string &path) {
    const std::error_code error = file.open(path);
    if (!error)
        return;
    if (error == std::errc::device_or_resource_busy)
        throw EngineException(ErrorCode::InvalidState,
                              "The recording is being written or repaired; stop it first, which completes it");
    const char *remedy = "check the disk";
    if (error == std::errc::permission_denied || error == std::errc::operation_not_permitted)
        remedy = "give this process the right to read it";
    else if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory ||
             error == std::errc::is_a_directory || error == std::errc::invalid_argument)
        remedy = "give the path of a recording";
    throw EngineException(ErrorCode::FileOpenFailed,
                          "The recording cannot be opened: " + error.message() + "; " + remedy);
}

/// The file itself where the path is a link to it: a rename would replace the link.
std::string linkTarget(const std::string &path) {
    std::error_code error;
    const std::filesystem::path given(std::u8string(path.begin(), path.end()));
    const std::filesystem::path real = std::filesystem::canonical(given, error);
    if (error)
        return path;
    const std::u8string text = real.u8string();
    return {text.begin(), text.end()};
}

void keepPermissions(const std::string &from, const std::string &to) {
    std::error_code ignored;
    const auto toPath = [](const std::string &path) {
        return std::filesystem::path(std::u8string(path.begin(), path.end()));
    };
    const auto permissions = std::filesystem::status(toPath(from), ignored).permissions();
    if (!ignored)
        std::filesystem::permissions(toPath(to), permissions, ignored);
}

[[noreturn]] void refuse(const std::string &reason) { throw EngineException(ErrorCode::NotMedia, reason); }

} // namespace

RepairResult repairRecording(const std::string &given, const std::function<bool(double done)> &onProgress) {
    if (given.empty() || given.find('\0') != std::string::npos)
        throw EngineException(ErrorCode::InvalidArgument, "the path must have characters, and none of them zero");
    const std::string path = linkTarget(given);
    InputFile file;
    open(file, path);
    removeTemporariesOf(path);
    if (file.size() == 0)
        refuse("The file is empty: the process ended before anything was recorded; delete it");
    const auto layout = mp4Layout(file);
    if (!layout)
        refuse("The file is no MP4; give a recording of this library");
    if (!layout->hasIndex)
        refuse(
            "The MP4 has no index, so that nothing in it can be played; a recording of this library has it in front");
    if (!layout->fragmented && !layout->tornData)
        return {false, mp4DurationMs(file, *layout), 0};
    const std::string temporary = temporaryPathBeside(path);
    const PlainMp4 plain = writePlainMp4(file, *layout, temporary, {true, onProgress});
    keepPermissions(path, temporary);
    const int64_t size = file.size();
    file.allowReplacing();
    if (const std::error_code error = renameReplacing(temporary, path)) {
        removeFile(temporary);
        throw EngineException(ErrorCode::RecordFailed,
                              "The recording cannot be replaced: " + error.message() + "; " + fileRemedy(error));
    }
    syncDirectoryOf(path);
    return {true, plain.durationMs, plain.tornBytes + (size > layout->end ? size - layout->end : 0)};
}

// Errors are reported by exceptions; FFmpeg would print to stderr besides.
RecordingRepair::RecordingRepair() { av_log_set_level(AV_LOG_QUIET); }

void RecordingRepair::start(const std::string &path, engine::Completion done) {
    if (started_.exchange(true)) {
        done(engine::Error{ErrorCode::InvalidState, "a repair is of one recording; make another"});
        return;
    }
    running_ = true;
    thread_.post([this, path, done = std::move(done)] {
        std::optional<engine::Error> failure;
        try {
            const RepairResult result = repairRecording(path, [this](double part) {
                progressPercent_ = static_cast<int>(part * 100);
                return !cancelled_;
            });
            const std::lock_guard lock(mutex_);
            result_ = result;
        } catch (const EngineException &error) {
            failure = error.error();
        } catch (const std::exception &error) {
            failure = engine::Error{ErrorCode::RecordFailed, std::string("The repair failed: ") + error.what()};
        }
        running_ = false;
        done(std::move(failure));
    });
}

RepairResult RecordingRepair::result() const {
    const std::lock_guard lock(mutex_);
    return result_;
}

bool RecordingRepair::repaired() const { return result().repaired; }
uint64_t RecordingRepair::durationMs() const { return static_cast<uint64_t>(result().durationMs); }
uint64_t RecordingRepair::lostBytes() const { return static_cast<uint64_t>(result().lostBytes); }

void RecordingRepair::close(engine::Completion done) {
    cancelled_ = true;
    thread_.post([done = std::move(done)] { done(std::nullopt); });
}

} // namespace rtcroom::embedded
