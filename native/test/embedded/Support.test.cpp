#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "embedded/EmbeddedEngine.h"
#include "embedded/Support.h"

using namespace rtcroom;
using embedded::SupportRow;
using engine::System;

namespace {

std::set<std::string> missing(System system, const std::string &part) {
    std::set<std::string> names;
    for (const SupportRow &row : embedded::supportMatrix())
        if (row.part == part && row.missing[static_cast<size_t>(system)])
            names.insert(row.name);
    return names;
}

std::set<std::string> of(const std::vector<std::string> &names) { return {names.begin(), names.end()}; }

} // namespace

TEST_CASE("Linux has every method and every source; Windows and macOS lack what has a reason") {
    using Names = std::set<std::string>;
    for (const char *part : {"pusher", "player", "video source", "audio source"})
        CHECK(missing(System::Linux, part).empty());
    CHECK(missing(System::Mac, "player") == Names{"setRenderFrame", "showDebugView", "updateRenderFrame"});
    CHECK(missing(System::Mac, "video source") == Names{"screen"});
    CHECK(missing(System::Windows, "player").empty());
    CHECK(missing(System::Windows, "pusher") ==
          Names{"closeSystemVoiceInput", "enableAudioPreprocess", "openSystemVoiceInput", "setSystemVoiceInputVolume"});
    CHECK(missing(System::Mac, "hardware encoder").contains("h264_vaapi"));
    CHECK_FALSE(missing(System::Mac, "hardware encoder").contains("h264_videotoolbox"));
    CHECK(missing(System::Windows, "hardware encoder") ==
          Names{"h264_vaapi", "h264_videotoolbox", "hevc_vaapi", "hevc_videotoolbox"});
    for (const SupportRow &row : embedded::supportMatrix())
        for (const char *reason : row.missing)
            CHECK((!reason || std::string(reason).size() > 10));
}

TEST_CASE("what a system lacks by the table is no capability, and the other methods are") {
    const engine::Capabilities here = embedded::createEmbeddedEngine()->capabilities();
    const auto whole = [](const std::string &part) {
        std::set<std::string> names;
        for (const SupportRow &row : embedded::supportMatrix())
            if (row.part == part && !row.missing[static_cast<size_t>(engine::thisSystem)])
                names.insert(row.name);
        return names;
    };
    CHECK(of(here.playerMethods) == whole("player"));
    CHECK(of(here.videoSources) == whole("video source"));
    CHECK(of(here.audioSources) == whole("audio source"));
    // By the machine as well.
    std::set<std::string> methods = of(here.pusherMethods);
    methods.insert("enableAudioPreprocess");
    CHECK(methods == whole("pusher"));
    for (const std::string &name : here.hardwareEncoders)
        CHECK(whole("hardware encoder").contains(name));
}
