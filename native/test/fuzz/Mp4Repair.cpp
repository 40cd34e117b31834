#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>
#include <vector>

#include "Target.h"
#include "embedded/media/ffmpeg.h"
#include "embedded/record/RecordingRepair.h"

using namespace rtcroom;
namespace fs = std::filesystem;

namespace {

/// In memory where the system has such a place, since each repair waits for the disk.
class Folder {
  public:
    Folder() {
        const fs::path memory("/dev/shm");
        const fs::path base = fs::is_directory(memory) ? memory : fs::temp_directory_path();
        path_ = base / ("rtcroom-fuzz-" + std::to_string(getpid()));
        fs::create_directories(path_);
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    fs::path file() const { return path_ / "a.mp4"; }
    auto files() const { return std::distance(fs::directory_iterator(path_), {}); }

  private:
    fs::path path_;
};

std::vector<uint8_t> bytesOf(const fs::path &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

RTCROOM_FUZZ_TARGET(Mp4Repair, input) {
    static const Folder folder;
    av_log_set_level(AV_LOG_QUIET);
    std::ofstream(folder.file(), std::ios::binary | std::ios::trunc)
        .write(reinterpret_cast<const char *>(input.data()), static_cast<std::streamsize>(input.size()));
    try {
        const auto first = embedded::repairRecording(folder.file().string());
        if (first.repaired)
            fuzz::expect(!embedded::repairRecording(folder.file().string()).repaired, "a repaired file is plain");
        else
            fuzz::expect(std::ranges::equal(bytesOf(folder.file()), input), "a plain file is not touched");
    } catch (const engine::EngineException &error) {
        fuzz::expect(error.error().code == engine::ErrorCode::NotMedia, "what cannot be repaired is no recording");
        fuzz::expect(std::ranges::equal(bytesOf(folder.file()), input), "what cannot be repaired is not touched");
    }
    fuzz::expect(folder.files() == 1, "no temporary file stays");
}
