#include "engine/Options.h"

#include <map>

#include "engine/Error.h"

namespace rtcroom::engine {

Size resolutionSize(int txeVideoResolution) {
    static const std::map<int, Size> SIZES{
        {1, {320, 240}},     {2, {480, 360}},     {3, {640, 480}},   {4, {960, 720}},   {5, {1280, 960}},
        {50, {240, 320}},    {51, {360, 480}},    {52, {480, 640}},  {53, {720, 960}},  {54, {960, 1280}},
        {101, {320, 180}},   {102, {480, 272}},   {103, {640, 360}}, {104, {960, 540}}, {105, {1280, 720}},
        {106, {1920, 1080}}, {201, {180, 320}},   {202, {272, 480}}, {203, {360, 640}}, {204, {540, 960}},
        {205, {720, 1280}},  {206, {1080, 1920}},
    };
    const auto found = SIZES.find(txeVideoResolution);
    if (found == SIZES.end())
        throw EngineException(ErrorCode::InvalidArgument, "no TXEVideoResolution has the value " +
                                                              std::to_string(txeVideoResolution) +
                                                              "; see VideoResolution for the values");
    return found->second;
}

QualityParams qualityParams(VideoQualityPreset preset, VideoRatio ratio) {
    // The SDK documents a 16:9 class a preset; 4:3 takes the enum's size of the nearest height, 9:16 turns it round.
    struct Row {
        Size wide;
        Size fourThree;
        int kbps;
        int min;
        int max;
        AutoAdjustStrategy strategy;
    };
    static const std::map<VideoQualityPreset, Row> ROWS{
        {VideoQualityPreset::Standard, {{640, 360}, {480, 360}, 800, 400, 800, AutoAdjustStrategy::LivePush}},
        {VideoQualityPreset::High, {{960, 540}, {640, 480}, 1200, 1200, 1200, AutoAdjustStrategy::None}},
        {VideoQualityPreset::Super, {{1280, 720}, {960, 720}, 1500, 1500, 1500, AutoAdjustStrategy::None}},
        {VideoQualityPreset::LinkMicMain, {{960, 540}, {640, 480}, 1200, 600, 1200, AutoAdjustStrategy::LivePush}},
        {VideoQualityPreset::LinkMicSub, {{480, 272}, {480, 360}, 350, 350, 350, AutoAdjustStrategy::None}},
        {VideoQualityPreset::RealtimeVideoChat,
         {{480, 272}, {480, 360}, 350, 350, 350, AutoAdjustStrategy::RealtimeVideoChat}},
        {VideoQualityPreset::StillImage, {{1280, 720}, {1280, 960}, 400, 400, 400, AutoAdjustStrategy::None}},
    };
    const auto found = ROWS.find(preset);
    if (found == ROWS.end())
        throw EngineException(ErrorCode::InvalidArgument, "no quality preset has the value " +
                                                              std::to_string(static_cast<int>(preset)) +
                                                              "; 1 to 7 exist");
    const Row &row = found->second;
    Size size = row.wide;
    switch (ratio) {
    case VideoRatio::R16x9:
        break;
    case VideoRatio::R4x3:
        size = row.fourThree;
        break;
    case VideoRatio::R9x16:
        size = {row.wide.height, row.wide.width};
        break;
    default:
        throw EngineException(ErrorCode::InvalidArgument, "no video ratio has the value " +
                                                              std::to_string(static_cast<int>(ratio)) +
                                                              "; 0 is 4:3, 1 is 16:9, 2 is 9:16");
    }
    return {size, row.kbps, row.min, row.max, row.strategy};
}

void checkThumbnail(Size most) {
    const auto fits = [](int side) { return side >= 16 && side <= 1024; };
    if (most != Size{} && (!fits(most.width) || !fits(most.height)))
        throw EngineException(ErrorCode::InvalidArgument, "a thumbnail's width and height may be 16 to 1024");
}

void checkOutput(const OutputVideoOptions &options) {
    const auto fits = [](int side) { return side == 0 || (side >= 2 && side <= 8192); };
    if (!fits(options.width) || !fits(options.height))
        throw EngineException(ErrorCode::InvalidArgument,
                              "the width and height of pictures that are handed out may be 2 to 8192; leave them out "
                              "for the stream's own");
    // Written so that NaN is refused.
    if (options.fps != 0 && !(options.fps >= 0.1 && options.fps <= 120))
        throw EngineException(ErrorCode::InvalidArgument,
                              "fps of pictures that are handed out may be 0.1 to 120; leave it out for all of them");
}

void checkOutput(const OutputAudioOptions &options) {
    if (options.sampleRate != 0 && (options.sampleRate < 8000 || options.sampleRate > 48000))
        throw EngineException(ErrorCode::InvalidArgument, "the sampleRate of sound that is handed out may be 8000 to "
                                                          "48000; leave it out for the stream's own");
    if (options.channels < 0 || options.channels > 2)
        throw EngineException(ErrorCode::InvalidArgument, "the channels of sound that is handed out may be 1 or 2; "
                                                          "leave them out for the stream's own");
}

void checkMessage(const std::string &text) {
    constexpr size_t maxBytes = 4096;
    if (text.empty() || text.size() > maxBytes)
        throw EngineException(ErrorCode::InvalidArgument, "a message must have 1 to " + std::to_string(maxBytes) +
                                                              " bytes, not " + std::to_string(text.size()));
}

} // namespace rtcroom::engine
