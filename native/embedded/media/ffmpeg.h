#pragma once

// FFmpeg's C headers and owners for its objects.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <string>

namespace rtcroom::embedded {

struct AvDeleter {
    void operator()(AVFrame *p) const { av_frame_free(&p); }
    void operator()(AVPacket *p) const { av_packet_free(&p); }
    void operator()(AVCodecContext *p) const { avcodec_free_context(&p); }
    void operator()(SwsContext *p) const { sws_freeContext(p); }
    void operator()(SwrContext *p) const { swr_free(&p); }
};

template <typename T> using AvPtr = std::unique_ptr<T, AvDeleter>;
using FramePtr = AvPtr<AVFrame>;
using PacketPtr = AvPtr<AVPacket>;
using CodecPtr = AvPtr<AVCodecContext>;
using SwsPtr = AvPtr<SwsContext>;
using SwrPtr = AvPtr<SwrContext>;

/// FFmpeg's text for a negative return value.
std::string avErrorText(int code);

} // namespace rtcroom::embedded
