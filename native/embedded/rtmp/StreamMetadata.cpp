#include "embedded/rtmp/StreamMetadata.h"

#include "embedded/rtmp/Amf0.h"
#include "embedded/rtmp/FlvFormat.h"
#include "embedded/rtmp/FourCc.h"

namespace rtcroom::embedded {

namespace {

uint32_t codecNumber(CodecId codec) {
    if (codec == CodecId::H264)
        return flv::avcCodec;
    return codec == CodecId::Aac ? flv::aacFormat : fourCcOf(codec).number();
}

} // namespace

Bytes metadataBody(const std::optional<VideoFormat> &video, const std::optional<AudioFormat> &audio) {
    Amf0Writer out;
    out.string("@setDataFrame").string("onMetaData");
    const bool hasSize = video && video->width > 0;
    const bool hasRate = video && video->framesPerSecond > 0;
    out.ecmaArray((video ? 1u : 0u) + (hasSize ? 2u : 0u) + (hasRate ? 1u : 0u) + (audio ? 4u : 0u) + 1u);
    if (video) {
        if (hasSize) {
            out.property("width").number(video->width);
            out.property("height").number(video->height);
        }
        out.property("videocodecid").number(codecNumber(video->codec));
        if (hasRate)
            out.property("framerate").number(video->framesPerSecond);
    }
    if (audio) {
        out.property("audiocodecid").number(codecNumber(audio->codec));
        out.property("audiosamplerate").number(audio->sampleRate);
        out.property("audiosamplesize").number(16);
        out.property("stereo").boolean(audio->channels == 2);
    }
    out.property("encoder").string("liteav-rtcroom");
    return out.end().take();
}

} // namespace rtcroom::embedded
