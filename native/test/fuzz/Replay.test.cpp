#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "Target.h"

namespace fs = std::filesystem;

TEST_CASE("each fuzz target takes its corpus") {
    const fs::path corpora(RTCROOM_FUZZ_CORPORA);
    size_t folders = 0;
    for (const auto &folder : fs::directory_iterator(corpora)) {
        const std::string name = folder.path().filename().string();
        CAPTURE(name);
        const auto target = rtcroom::fuzz::targets().find(name);
        REQUIRE(target != rtcroom::fuzz::targets().end());
        ++folders;
        size_t files = 0;
        for (const auto &entry : fs::directory_iterator(folder)) {
            const std::string input = entry.path().filename().string();
            CAPTURE(input);
            std::ifstream file(entry.path(), std::ios::binary);
            const std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
            CHECK_NOTHROW(target->second(bytes));
            ++files;
        }
        CHECK(files > 0);
    }
    CHECK(folders == rtcroom::fuzz::targets().size());
}
