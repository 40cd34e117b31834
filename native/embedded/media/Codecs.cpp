#include "embedded/media/Codecs.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

/// What an FFmpeg needs for it, for people.
const char *decoderOf(CodecId codec) {
    switch (codec) {
    case CodecId::H264:
        return "its H.264 decoder";
    case CodecId::Hevc:
        return "its HEVC decoder";
    case CodecId::Av1:
        return "libdav1d or libaom";
    case CodecId::Vp9:
        return "its VP9 decoder";
    case CodecId::Aac:
        return "its AAC decoder";
    case CodecId::Opus:
        return "its Opus decoder";
    }
    return "";
}

} // namespace

const char *codecName(CodecId codec) {
    switch (codec) {
    case CodecId::H264:
        return "H.264";
    case CodecId::Hevc:
        return "HEVC";
    case CodecId::Av1:
        return "AV1";
    case CodecId::Vp9:
        return "VP9";
    case CodecId::Aac:
        return "AAC";
    case CodecId::Opus:
        return "Opus";
    }
    return "";
}

std::string withArticle(CodecId codec) { return std::string(codec == CodecId::Vp9 ? "A " : "An ") + codecName(codec); }

MediaKind kindOf(CodecId codec) {
    return codec == CodecId::Aac || codec == CodecId::Opus ? MediaKind::Audio : MediaKind::Video;
}

AVCodecID ffmpegCodec(CodecId codec) {
    switch (codec) {
    case CodecId::H264:
        return AV_CODEC_ID_H264;
    case CodecId::Hevc:
        return AV_CODEC_ID_HEVC;
    case CodecId::Av1:
        return AV_CODEC_ID_AV1;
    case CodecId::Vp9:
        return AV_CODEC_ID_VP9;
    case CodecId::Aac:
        return AV_CODEC_ID_AAC;
    case CodecId::Opus:
        return AV_CODEC_ID_OPUS;
    }
    return AV_CODEC_ID_NONE;
}

CodecId codecOf(engine::VideoCodec codec) {
    switch (codec) {
    case engine::VideoCodec::H265:
        return CodecId::Hevc;
    case engine::VideoCodec::Av1:
        return CodecId::Av1;
    default:
        return CodecId::H264;
    }
}

CodecId codecOf(engine::AudioCodec codec) { return codec == engine::AudioCodec::Opus ? CodecId::Opus : CodecId::Aac; }

const AVCodec *findDecoder(CodecId codec) {
    if (codec != CodecId::Av1)
        return avcodec_find_decoder(ffmpegCodec(codec));
    // FFmpeg's own "av1" only drives hardware.
    for (const char *name : {"libdav1d", "libaom-av1"})
        if (const AVCodec *found = avcodec_find_decoder_by_name(name))
            return found;
    return nullptr;
}

std::vector<const char *> encoderNames(CodecId codec) {
    switch (codec) {
    case CodecId::H264:
        return {"libx264", "libopenh264"};
    case CodecId::Hevc:
        return {"libx265"};
    case CodecId::Av1:
        return {"libaom-av1"};
    case CodecId::Aac:
        return {"aac"};
    case CodecId::Opus:
        return {"libopus"};
    case CodecId::Vp9:
        break;
    }
    return {};
}

std::vector<const char *> hardwareEncoderNames(CodecId codec) {
    switch (codec) {
    case CodecId::H264:
        return {"h264_nvenc", "h264_qsv", "h264_amf", "h264_vaapi", "h264_videotoolbox", "h264_mf"};
    case CodecId::Hevc:
        return {"hevc_nvenc", "hevc_qsv", "hevc_amf", "hevc_vaapi", "hevc_videotoolbox", "hevc_mf"};
    default:
        return {};
    }
}

const char *encoderUnsupported(std::string_view name, engine::System system) {
    using enum engine::System;
    const bool windows = system == Windows;
    const bool mac = system == Mac;
    if (name.ends_with("_vaapi") && (windows || mac))
        return "VAAPI is an interface of Linux";
    if (name.ends_with("_videotoolbox") && !mac)
        return "VideoToolbox is a part of macOS";
    if (name.ends_with("_mf") && !windows)
        return "Media Foundation is a part of Windows";
    if ((name.ends_with("_nvenc") || name.ends_with("_qsv") || name.ends_with("_amf")) && mac)
        return "there is no driver of it for macOS";
    return nullptr;
}

void requireEncoder(CodecId codec, const EncoderLookup &find) {
    std::string names;
    for (const char *name : encoderNames(codec)) {
        if (find(name))
            return;
        names += names.empty() ? name : std::string(" or ") + name;
    }
    throw EngineException(ErrorCode::Unsupported, std::string("this FFmpeg has no ") + codecName(codec) +
                                                      " encoder; install one that has " + names +
                                                      " (rtcroom doctor tells), or push another codec");
}

DecoderMissing::DecoderMissing(CodecId codec)
    : EngineException(ErrorCode::DecodeFailed, std::string("The stream is ") + codecName(codec) +
                                                   ", and this FFmpeg cannot decode it; install one that has " +
                                                   decoderOf(codec) + ", or have another codec pushed"),
      codec_(codec) {}

} // namespace rtcroom::embedded
