#include "embedded/encode/EncoderOptions.h"

namespace rtcroom::embedded {

namespace {

void setX264(AVCodecContext &context) {
    av_opt_set(context.priv_data, "preset", "ultrafast", 0);
    av_opt_set(context.priv_data, "tune", "zerolatency", 0);
    // Every player takes it, WeChat's and hardware ones included.
    av_opt_set(context.priv_data, "profile", "baseline", 0);
    av_opt_set_int(context.priv_data, "forced-idr", 1, 0);
}

void setOpenH264(AVCodecContext &context) {
    av_opt_set(context.priv_data, "profile", "constrained_baseline", 0);
    // It holds a quality and no bitrate otherwise.
    av_opt_set(context.priv_data, "rc_mode", "bitrate", 0);
}

void setX265(AVCodecContext &context) {
    av_opt_set(context.priv_data, "preset", "ultrafast", 0);
    av_opt_set(context.priv_data, "tune", "zerolatency", 0);
    av_opt_set(context.priv_data, "profile", "main", 0);
    av_opt_set_int(context.priv_data, "forced-idr", 1, 0);
    // No pool: it would take a thread a core. Key frames close their GOP, and come only when they are asked for. It
    // writes to stderr otherwise.
    av_opt_set(context.priv_data, "x265-params", "pools=none:open-gop=0:scenecut=0:info=0:log-level=none", 0);
}

void setAom(AVCodecContext &context) {
    av_opt_set(context.priv_data, "usage", "realtime", 0);
    av_opt_set_int(context.priv_data, "cpu-used", 8, 0);
    av_opt_set_int(context.priv_data, "lag-in-frames", 0, 0);
    // Cyclic refresh: what it is for in real time.
    av_opt_set_int(context.priv_data, "aq-mode", 3, 0);
    // The lowest rate the same as the highest: constant.
    context.rc_min_rate = context.rc_max_rate;
}

} // namespace

void setLiveOptions(AVCodecContext &context, std::string_view encoder) {
    context.max_b_frames = 0;
    context.thread_count = 1;
    context.slices = 1;
    context.flags |= AV_CODEC_FLAG_LOW_DELAY;
    if (encoder == "libx264")
        setX264(context);
    else if (encoder == "libopenh264")
        setOpenH264(context);
    else if (encoder == "libx265")
        setX265(context);
    else if (encoder == "libaom-av1")
        setAom(context);
}

} // namespace rtcroom::embedded
