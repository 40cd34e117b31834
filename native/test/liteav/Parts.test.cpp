#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "Support.h"
#include "engine/Error.h"
#include "liteav/Convert.h"
#include "liteav/LiteavEngine.h"
#include "liteav/Support.h"
#include "liteav/abi/Text.h"
#include "liteav/sdk/Paths.h"
#include "liteav/sdk/PeFile.h"
#include "liteav/v2/Codes.h"

using namespace rtcroom;
using namespace rtcroom::liteav;
using engine::ErrorCode;
using test::codeOf;
namespace fs = std::filesystem;

namespace {

void put(std::vector<uint8_t> &bytes, size_t at, uint64_t value, size_t count) {
    for (size_t i = 0; i < count; ++i)
        bytes[at + i] = static_cast<uint8_t>(value >> (8 * i));
}

/// A small PE32+ library with one section at 0x1000 and the imports in it; `offset` is the section's in the file.
std::vector<uint8_t> makePe(uint16_t machine, const std::vector<std::string> &imports, bool library = true,
                            size_t offset = 0x400) {
    std::vector<uint8_t> bytes(offset + 0x400);
    put(bytes, 0, 0x5A4D, 2);
    put(bytes, 0x3C, 0x80, 4);
    put(bytes, 0x80, 0x4550, 4);
    put(bytes, 0x84, machine, 2);
    put(bytes, 0x86, 1, 2);
    put(bytes, 0x94, 240, 2);
    put(bytes, 0x96, library ? 0x2022 : 0x22, 2);
    put(bytes, 0x98, 0x20B, 2);
    put(bytes, 0x98 + 108, 16, 4);
    put(bytes, 0x98 + 112 + 8, imports.empty() ? 0 : 0x1000, 4);
    const size_t section = 0x98 + 240;
    put(bytes, section + 12, 0x1000, 4);
    put(bytes, section + 16, 0x400, 4);
    put(bytes, section + 20, offset, 4);
    size_t name = offset + (imports.size() + 1) * 20;
    for (size_t i = 0; i < imports.size(); ++i) {
        put(bytes, offset + i * 20 + 12, 0x1000 + name - offset, 4);
        std::memcpy(&bytes[name], imports[i].c_str(), imports[i].size());
        name += imports[i].size() + 1;
    }
    return bytes;
}

struct Folder {
    fs::path path = test::ownPath("liteav test \xE7\x9B\xAE\xE5\xBD\x95 ");
    Folder() { fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }
    std::string write(const std::string &name, const std::vector<uint8_t> &bytes) const {
        std::ofstream(path / name, std::ios::binary)
            .write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        return toUtf8(path / name);
    }
};

bool kernelOnly(const std::string &name) { return name == "kernel32.dll"; }

} // namespace

TEST_CASE("a PE file's machine, kind and imports are read") {
    const PeFile pe = parsePe(makePe(MACHINE_X64, {"KERNEL32.dll", "txffmpeg.dll"}));
    CHECK(pe.machine == MACHINE_X64);
    CHECK(pe.library);
    CHECK(pe.imports == std::vector<std::string>{"KERNEL32.dll", "txffmpeg.dll"});
}

TEST_CASE("every cut and every changed byte of a PE file is read or refused, never followed outside") {
    const auto whole = makePe(MACHINE_X64, {"KERNEL32.dll"});
    for (size_t size = 0; size < whole.size(); ++size) {
        // A buffer of its own, so that a sanitizer sees a read behind it.
        const std::vector<uint8_t> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        CHECK(codeOf([&] { parsePe(cut); }) == ErrorCode::SdkCorrupt);
    }
    for (size_t at = 0; at < 0x480; ++at) {
        auto changed = whole;
        changed[at] = 0xFF;
        const auto code = codeOf([&] { parsePe(changed); });
        CHECK((!code || *code == ErrorCode::SdkCorrupt));
    }
}

TEST_CASE("a library is refused for its machine, its damage and what it lacks; siblings are walked") {
    const Folder folder;
    const auto check = [&](const std::string &path) {
        return codeOf([&] { checkLibrary(path, MACHINE_X64, kernelOnly); });
    };
    const std::string sdk = folder.write("liteav.dll", makePe(MACHINE_X64, {"KERNEL32.dll", "TXFFMPEG.dll"}));
    CHECK(check(sdk) == ErrorCode::SdkDependencyMissing);
    folder.write("txffmpeg.dll", makePe(MACHINE_X64, {"deep.dll"}));
    try {
        checkLibrary(sdk, MACHINE_X64, kernelOnly);
        FAIL("deep.dll is missing");
    } catch (const engine::EngineException &failure) {
        CHECK(failure.error().code == ErrorCode::SdkDependencyMissing);
        CHECK(failure.error().message.find("deep.dll") != std::string::npos);
        CHECK(failure.error().message.find("txffmpeg.dll") != std::string::npos);
    }
    folder.write("deep.dll", makePe(MACHINE_X64, {"liteav.dll"}));
    CHECK(check(sdk) == std::nullopt);
    folder.write("deep.dll", makePe(MACHINE_X86, {}));
    CHECK(check(sdk) == ErrorCode::SdkWrongArchitecture);
    folder.write("deep.dll", std::vector<uint8_t>(100));
    CHECK(check(sdk) == ErrorCode::SdkCorrupt);
    CHECK(check(folder.write("program.dll", makePe(MACHINE_X64, {}, false))) == ErrorCode::SdkCorrupt);
    CHECK(check(toUtf8(folder.path / "none.dll")) == ErrorCode::SdkNotFound);
}

TEST_CASE("of a library's file only what is looked at is read, across the edges of what is read at once") {
    const Folder folder;
    const std::vector<std::string> imports{"KERNEL32.dll", "across-the-edge.dll", "last.dll"};
    const auto bytes = makePe(MACHINE_X64, imports, true, 0x8000 - 0x60);
    const std::string path = folder.write("large.dll", bytes);
    CHECK(readPe(path).imports == imports);
    // A hole behind it: a whole read would take as much memory.
    fs::resize_file(folder.path / "large.dll", uintmax_t{1} << 34);
    CHECK(readPe(path).imports == parsePe(bytes).imports);
    fs::resize_file(folder.path / "large.dll", bytes.size() - 1);
    CHECK(codeOf([&] { readPe(path); }) == ErrorCode::SdkCorrupt);
}

TEST_CASE("one file is the same however it is spelt") {
    const Folder folder;
    const std::string path = folder.write("liteav.dll", {1});
    CHECK(sameFile(path, path));
    CHECK(sameFile(path, toUtf8(folder.path / "." / "liteav.dll")));
    CHECK_FALSE(sameFile(path, folder.write("other.dll", {1})));
    CHECK_FALSE(sameFile(path, toUtf8(folder.path / "none.dll")));
}

TEST_CASE("the SDK is found by option, variable and folder, in this order; what is named must be there") {
    const Folder a;
    const Folder b;
    const std::string inA = a.write("liteav.dll", {1});
    const std::string inB = b.write("liteav.dll", {1});
    CHECK(findLibrary({toUtf8(a.path), toUtf8(b.path), {}}) == inA);
    CHECK(findLibrary({inA, "", {}}) == inA);
    CHECK(findLibrary({"", toUtf8(b.path), {toUtf8(a.path)}}) == inB);
    CHECK(findLibrary({"", "", {"", toUtf8(a.path / "none"), toUtf8(b.path)}}) == inB);
    CHECK(findLibrary({"", "", {}}) == std::nullopt);
    CHECK(codeOf([&] { findLibrary({toUtf8(a.path / "none"), "", {toUtf8(b.path)}}); }) == ErrorCode::SdkNotFound);
    CHECK(codeOf([&] { findLibrary({"", toUtf8(a.path / "none"), {toUtf8(b.path)}}); }) == ErrorCode::SdkNotFound);
}

TEST_CASE("a version tells its revision; what nobody has seen is unknown") {
    using v2::Revision;
    for (const char *version : {"10.0.0", "11.9.1.1"})
        CHECK(revisionOf(version) == Revision::R2);
    CHECK(revisionOf("12.2.0.17000") == Revision::R3);
    CHECK(revisionOf("13.4.2") == Revision::R4);
    for (const char *version : {"", "x", "12", "9.5.1", "12.0.1", "12.3", "12.20", "13.3.9", "13.5", "14.0", "-12.2"})
        CHECK(revisionOf(version) == Revision::Unknown);
}

TEST_CASE("exports tell the generation; a missing one is named") {
    static int dummy = 0;
    static const char *version = "12.2.1";
    const auto symbols = [](std::vector<std::string> names) -> Symbol {
        return [names = std::move(names)](const char *name) -> void * {
            if (std::find(names.begin(), names.end(), name) == names.end())
                return nullptr;
            if (std::string(name) == "getLiteAvSDKVersion")
                return reinterpret_cast<void *>(+[] { return version; });
            return &dummy;
        };
    };
    std::vector<std::string> v2{"createV2TXLivePusher", "releaseV2TXLivePusher", "createV2TXLivePlayer",
                                "releaseV2TXLivePlayer", "getLiteAvSDKVersion"};
    CHECK(readSdk(symbols(v2), false, 8).revision == v2::Revision::R3);
    CHECK(codeOf([&] { readSdk(symbols(v2), true, 4); }) == ErrorCode::SdkIncompatible);
    version = "15.0";
    CHECK(codeOf([&] { readSdk(symbols(v2), false, 8); }) == ErrorCode::SdkIncompatible);
    CHECK(readSdk(symbols(v2), true, 8).revision == v2::Revision::Unknown);
    v2.erase(v2.begin() + 3);
    try {
        readSdk(symbols(v2), true, 8);
        FAIL("an export is missing");
    } catch (const engine::EngineException &failure) {
        CHECK(failure.error().code == ErrorCode::SdkIncompatible);
        CHECK(failure.error().message.find("releaseV2TXLivePlayer") != std::string::npos);
    }
    const Sdk itx = readSdk(symbols({"createTXLivePusher", "destroyTXLivePusher", "createTXLivePlayer",
                                     "destroyTXLivePlayer", "getLiteAvSDKVersion"}),
                            false);
    CHECK(itx.classic->generation == classic::Generation::Interface);
    CHECK(codeOf([&] { readSdk(symbols({"createTXLivePusher"}), false); }) == ErrorCode::SdkIncompatible);
    CHECK(codeOf([&] { readSdk(symbols({}), false); }) == ErrorCode::SdkIncompatible);
    CHECK(codeOf([&] { readSdk(symbols({"??0TXLivePusher@@QAE@XZ"}), false); }) == ErrorCode::SdkIncompatible);
}

TEST_CASE("text of the SDK is valid, bounded and without addresses' secrets") {
    CHECK(sdkText(nullptr) == "");
    CHECK(sdkText("a\xFF\xC3") == "a\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(sdkText("\xED\xA0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(sdkText("\xE6\x8E\xA8\xF0\x9F\x98\x80") == "\xE6\x8E\xA8\xF0\x9F\x98\x80");
    CHECK(sdkText(std::string(9000, 'x').c_str()).size() == 4096);
    CHECK(sdkText("push rtmp://h.example/live/key?txSecret=1 failed, twice") ==
          "push rtmp://h.example/\xE2\x80\xA6 failed, twice");
    CHECK(sdkText("http://user:pass@h?k=1") == "http://h/\xE2\x80\xA6");
    const std::pair<const char *, const char *> secrets[] = {
        {"rtmp://[::1]:1935/live/KEY?txSecret=1", "rtmp://[::1]:1935/…"},
        {"rtmp://h/live/a,b?txSecret=1", "rtmp://h/…"},
        {"rtmp://u:pa,ss@h/live/KEY", "rtmp://h/…"},
        {"rtmp://u:pa/ss@h/live/KEY", "rtmp://…"},
        {"rtmp://u:pass/live", "rtmp://…"},
        {"rtmp://[KEY]/live", "rtmp://…"},
        {"rtmp:///live/KEY", "rtmp://…"},
        {"rtmp://h,KEY rtmp://h:1935 rtmp://", "rtmp://h/… rtmp://h:1935 rtmp://"},
        {"<rtmp://h:1935/(KEY)>, rtmp://g", "<rtmp://h:1935/…>, rtmp://g"},
        {"live/KEY?txSecret=1", "…?txSecret=…"},
        {"bad live/KEY?a=1&txSecret=1 here", "bad …?a=1&txSecret=… here"},
        {"userSig=abc", "userSig=…"},
        {"USERSIG = abc&b=c x", "USERSIG = … x"},
        {"key=\"a b\" licenceKey=1 license_url=2 x", "key=… licenceKey=… license_url=… x"},
        {"password=<KEY> sign=1", "password=… sign=…"},
        {"key=\"open KEY", "key=…"},
        {"fps=15 width = 640", "fps=15 width = 640"},
        {"=", "="},
    };
    for (const auto &[text, shown] : secrets) {
        CAPTURE(text);
        CHECK(sdkText(text) == shown);
    }
    CHECK(toUtf8(toUtf16("\xE6\x8E\xA8 \xF0\x9F\x98\x80 x")) == "\xE6\x8E\xA8 \xF0\x9F\x98\x80 x");
    CHECK(codeOf([] { toUtf16("\xFF"); }) == ErrorCode::InvalidArgument);
}

TEST_CASE("the patience for a silent SDK is all its attempts, and never more than clocks can add") {
    engine::NetworkOptions network;
    network.connectRetryCount = 2;
    network.connectRetryIntervalMs = 10;
    network.connectTimeoutMs = 100;
    network.dataTimeoutMs = 1000;
    CHECK(patienceOf(engine::Side::Push, network).count() == 3 * 100 + 2 * 10);
    CHECK(patienceOf(engine::Side::Play, network).count() == 3 * 1100 + 2 * 10);
    network.connectRetryCount = 1'000'000;
    network.connectRetryIntervalMs = network.connectTimeoutMs = network.dataTimeoutMs = 3'600'000;
    const auto now = std::chrono::steady_clock::now();
    CHECK(now + patienceOf(engine::Side::Play, network) > now + std::chrono::hours(24));
}

TEST_CASE("volumes, attributes and regions are converted or refused") {
    CHECK(volumeToPercent(65535) == 100);
    CHECK(volumeToPercent(32768) == 50);
    CHECK(percentToVolume(volumeToPercent(0)) == 0);
    CHECK(codeOf([] { volumeToPercent(65536); }) == ErrorCode::InvalidArgument);
    CHECK(codeOf([] { volumeToPercent(-1); }) == ErrorCode::InvalidArgument);
    const LivePlayAttribute a = parseLivePlayAttribute(
        R"({"MinAutoAdjustCacheTime": 0.5, "MaxAutoAdjustCacheTime":2,"ConnectRetryCount" : 7 })");
    CHECK(a.minCacheSeconds == 0.5);
    CHECK(a.maxCacheSeconds == 2);
    CHECK(a.retryCount == 7);
    CHECK(parseLivePlayAttribute("{}").hasCache == false);
    for (const char *bad : {"", "[]", "{", R"({"a":1})", R"({"CacheTime":0.1})", R"({"CacheTime":"x"})",
                            R"({"CacheTime":1}x)", R"({"AutoAdjustCacheTime":1})", R"({"CacheTime)"})
        CHECK(codeOf([&] { parseLivePlayAttribute(bad); }) == ErrorCode::InvalidArgument);
    CHECK(codeOf([] { parseLivePlayAttribute(R"({"VideoBlockThreshold":800})"); }) == ErrorCode::Unsupported);
    CHECK(codeOf([] { requireRegion({-1, 0, 2, 2}); }) == ErrorCode::InvalidArgument);
    CHECK(codeOf([] { requireRegion({}); }) == std::nullopt);
}

TEST_CASE("presets, resolutions and strategies become the current SDK's parameter") {
    const auto same = [](const v2::VideoEncoderParam &p, int resolution, int portrait, unsigned fps, unsigned kbps,
                         unsigned minimum) {
        return p.resolution == resolution && p.portrait == portrait && p.fps == fps && p.bitrateKbps == kbps &&
               p.minBitrateKbps == minimum;
    };
    using engine::VideoQualityPreset;
    using engine::VideoRatio;
    v2::EncoderSettings settings;
    settings.setPreset(VideoQualityPreset::Standard, VideoRatio::R16x9);
    CHECK(same(settings.param(), 8, 0, 15, 800, 400));
    settings.setPreset(VideoQualityPreset::Super, VideoRatio::R9x16);
    CHECK(same(settings.param(), 10, 1, 15, 1500, 1500));
    settings.setPreset(VideoQualityPreset::RealtimeVideoChat, VideoRatio::R4x3);
    CHECK(same(settings.param(), 4, 0, 15, 350, 350));
    settings.setPreset(VideoQualityPreset::StillImage, VideoRatio::R16x9);
    CHECK(same(settings.param(), 11, 0, 5, 400, 400));
    CHECK(codeOf([&] { settings.setPreset(static_cast<VideoQualityPreset>(8), VideoRatio::R16x9); }) ==
          ErrorCode::InvalidArgument);
    const std::pair<int, std::pair<int, int>> resolutions[] = {
        {1, {3, 0}},    {2, {4, 0}},   {3, {5, 0}},    {50, {3, 1}},  {51, {4, 1}},
        {52, {5, 1}},   {101, {6, 0}}, {102, {7, 0}},  {103, {8, 0}}, {104, {9, 0}},
        {105, {10, 0}}, {201, {6, 1}}, {205, {10, 1}}, {4, {5, 0}},   {54, {5, 1}},
    };
    for (const auto &[txe, expected] : resolutions) {
        v2::EncoderSettings each;
        each.setResolution(txe);
        CAPTURE(txe);
        CHECK(each.param().resolution == expected.first);
        CHECK(each.param().portrait == expected.second);
        CHECK(each.exactSize().empty() == (txe != 4 && txe != 54));
    }
    v2::EncoderSettings rates;
    rates.setBitrate(800);
    CHECK(rates.param().minBitrateKbps == 400);
    rates.setMinBitrate(900);
    CHECK(rates.param().minBitrateKbps == 800);
    rates.setMaxBitrate(1200);
    CHECK(rates.param().bitrateKbps == 1200);
    rates.setStrategy(engine::AutoAdjustStrategy::None);
    CHECK(rates.param().minBitrateKbps == 1200);
}

TEST_CASE("the current SDK's codes become errors and events that the tables have") {
    using engine::Side;
    const std::pair<int, ErrorCode> starts[] = {
        {-1, ErrorCode::SdkFailed},      {-2, ErrorCode::InvalidUrl},         {-3, ErrorCode::PublishRefused},
        {-4, ErrorCode::Unsupported},    {-5, ErrorCode::LicenceRefused},     {-6, ErrorCode::ConnectFailed},
        {-7, ErrorCode::PublishRefused}, {-8, ErrorCode::ServerDisconnected}, {-2304, ErrorCode::DecodeFailed},
    };
    for (const auto &[code, expected] : starts) {
        CHECK(v2::sdkError(Side::Push, code, "startPush").code == expected);
        CHECK(v2::sdkError(Side::Push, code, "startPush").nativeCode == code);
    }
    CHECK(v2::sdkError(Side::Push, -3, "setMute").code == ErrorCode::InvalidState);
    CHECK(v2::sdkError(Side::Play, -3, "startPlay").code == ErrorCode::PlayRefused);
    for (int code = -8000; code < 4000; ++code)
        for (const Side side : {Side::Push, Side::Play}) {
            CHECK_NOTHROW(engine::eventInfo(side, v2::finalEvent(side, code)));
            CHECK_NOTHROW(engine::eventInfo(side, v2::warningEvent(side, code)));
        }
    CHECK(v2::warningEvent(Side::Push, 1104) == engine::event::PUSH_EVT_START_VIDEO_ENCODER);
    CHECK(v2::warningEvent(Side::Push, -1308) == engine::event::PUSH_ERR_SCREEN_CAPTURE_START_FAIL);
}

TEST_CASE("the matrix is what the engines say they have") {
    // The generations 2018 and interface, then the revisions R2, R3 and R4 of the current one.
    static const std::map<std::string, std::string> EXPECTED{
        {"pusher.startPreview", "11111"},
        {"pusher.stopPreview", "11111"},
        {"pusher.updatePreview", "11111"},
        {"pusher.startAudioCapture", "11111"},
        {"pusher.stopAudioCapture", "11111"},
        {"pusher.startPush", "11111"},
        {"pusher.stopPush", "11111"},
        {"pusher.isPushing", "11111"},
        {"pusher.setVideoQualityParamPreset", "11111"},
        {"pusher.setVideoResolution", "11111"},
        {"pusher.setVideoFPS", "11111"},
        {"pusher.setVideoBitRate", "11111"},
        {"pusher.setVideoBitRateMin", "11111"},
        {"pusher.setVideoBitRateMax", "11111"},
        {"pusher.setAutoAdjustStrategy", "11111"},
        {"pusher.setMute", "11111"},
        {"pusher.setPauseVideo", "11111"},
        {"pusher.sendCustomVideoData", "01111"},
        {"pusher.sendCustomAudioData", "01111"},
        {"pusher.sendMessage", "00111"},
        {"pusher.captureVideoSnapShot", "11111"},
        {"pusher.startLocalRecord", "11001"},
        {"pusher.stopLocalRecord", "11001"},
        {"pusher.setRenderMode", "11111"},
        {"pusher.setRotation", "11111"},
        {"pusher.setRenderYMirror", "11111"},
        {"pusher.setOutputYMirror", "11111"},
        {"pusher.setBeautyStyle", "11111"},
        {"pusher.setWatermark", "00111"},
        {"pusher.setNearestIP", "01000"},
        {"pusher.showDebugView", "01111"},
        {"pusher.enumCameras", "11111"},
        {"pusher.switchCamera", "11111"},
        {"pusher.enumMics", "11111"},
        {"pusher.selectMicDevice", "11111"},
        {"pusher.micVolume", "11111"},
        {"pusher.setMicVolume", "11111"},
        {"pusher.micVolumeIndication", "01111"},
        {"pusher.enableMic", "10111"},
        {"pusher.openMicTest", "11111"},
        {"pusher.closeMicTest", "11111"},
        {"pusher.setAudioCaptureVolume", "01111"},
        {"pusher.getAudioCaptureVolume", "01111"},
        {"pusher.openSystemVoiceInput", "11111"},
        {"pusher.closeSystemVoiceInput", "11111"},
        {"pusher.setSystemVoiceInputVolume", "11011"},
        {"pusher.enableAudioPreprocess", "01000"},
        {"pusher.setAudioChannels", "01111"},
        {"pusher.getScreenCaptureSources", "11111"},
        {"pusher.selectScreenCaptureTarget", "11111"},
        {"pusher.setScreenCaptureParam", "10111"},
        {"pusher.close", "11111"},
        {"player.startPlay", "11111"},
        {"player.stopPlay", "11111"},
        {"player.isPlaying", "11111"},
        {"player.pause", "11111"},
        {"player.resume", "11111"},
        {"player.setMute", "11111"},
        {"player.setOutputVideoFormat", "01111"},
        {"player.setOutputAudio", "01111"},
        {"player.captureVideoSnapShot", "11111"},
        {"player.startLocalRecord", "00001"},
        {"player.stopLocalRecord", "00001"},
        {"player.setRenderFrame", "11111"},
        {"player.updateRenderFrame", "11111"},
        {"player.closeRenderFrame", "11111"},
        {"player.setRenderMode", "11111"},
        {"player.setRotation", "11111"},
        {"player.setRenderYMirror", "11001"},
        {"player.showDebugView", "00111"},
        {"player.setEnableMessage", "01111"},
        {"player.setLivePlayAttribute", "01111"},
        {"player.enumSpeakers", "11111"},
        {"player.selectSpeakerDevice", "11111"},
        {"player.speakerVolume", "11111"},
        {"player.setSpeakerVolume", "11111"},
        {"player.speakerVolumeIndication", "01111"},
        {"player.setAudioPlayoutVolume", "01111"},
        {"player.getAudioPlayoutVolume", "01111"},
        {"player.close", "11111"},
    };
    const auto rows = supportMatrix();
    CHECK(rows.size() == EXPECTED.size());
    for (const MatrixRow &row : rows) {
        std::string columns;
        for (const bool has : {row.tx2018, row.itx, row.v2R2, row.v2R3, row.v2R4})
            columns += has ? '1' : '0';
        CAPTURE(row.method);
        CHECK(EXPECTED.at(row.object + "." + row.method) == columns);
    }
    for (const v2::Revision revision : {v2::Revision::R2, v2::Revision::R3, v2::Revision::R4}) {
        const Support support = supportOf(v2::slotTable(revision));
        for (const MatrixRow &row : rows) {
            CAPTURE(row.method);
            const bool yes = revision == v2::Revision::R2   ? row.v2R2
                             : revision == v2::Revision::R3 ? row.v2R3
                                                            : row.v2R4;
            CHECK((row.object == "pusher" ? support.pusher : support.player).contains(row.method) == yes);
        }
    }
    const Support unknown = supportOf(v2::slotTable(v2::Revision::Unknown));
    CHECK(unknown.pusher.contains("startPush"));
    CHECK_FALSE(unknown.pusher.contains("startPreview"));
    CHECK_FALSE(unknown.player.contains("startPlay"));
}

TEST_CASE("elsewhere than on Windows there is no SDK") {
#ifndef _WIN32
    CHECK(findSdk({}) == std::nullopt);
    CHECK(codeOf([] { createLiteavEngine(engine::EngineOptions{}); }) == ErrorCode::Unsupported);
#endif
}
