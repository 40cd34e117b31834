#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>

#include "embedded/EmbeddedEngine.h"
#include "test/support/RecordingListener.h"
#include "test/support/Xvfb.h"
#include "test/window/Eye.h"

using namespace rtcroom;
using engine::SourceKind;
using test::Outcome;

namespace {

/// Keeps a pusher busy: the opening of its file lasts until letGo().
class Slow {
  public:
    Slow() {
        std::string pattern = (std::filesystem::temp_directory_path() / "rtcroom-slow-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()));
        folder_ = pattern;
        REQUIRE(mkfifo(file().c_str(), 0600) == 0);
    }
    ~Slow() { std::filesystem::remove_all(folder_); }
    Slow(const Slow &) = delete;
    Slow &operator=(const Slow &) = delete;

    std::string file() const { return (folder_ / "sound.wav").string(); }
    void letGo() const { std::ofstream(file()).close(); }

  private:
    std::filesystem::path folder_;
};

} // namespace

TEST_CASE("updatePreview comes after the startPreview or stopPreview before it") {
    const test::Xvfb server;
    const test::Eye eye;
    const uint64_t first = eye.foreign(160, 120);
    const uint64_t second = eye.foreign(160, 120);
    const Slow slow;
    test::RecordingListener listener;
    const auto pusher = embedded::createEmbeddedEngine()->createPusher({}, listener);
    for (const bool starting : {true, false}) {
        CAPTURE(starting);
        Outcome held;
        pusher->startAudioCapture({SourceKind::File, slow.file(), false}, held.completion());
        Outcome before;
        if (starting)
            pusher->startPreview({.windowHandle = first}, before.completion());
        else
            pusher->stopPreview(before.completion());
        pusher->updatePreview(second);
        slow.letGo();
        CHECK(held.code());
        CHECK_FALSE(before.code());
        Outcome after;
        pusher->stopAudioCapture(after.completion());
        CHECK_FALSE(after.code());
        test::settleWindows();
        CHECK(eye.children(first) == 0);
        CHECK(eye.children(second) == 1);
    }
}
