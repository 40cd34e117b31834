#include "embedded/encode/EncoderOptions.h"

#include <initializer_list>

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

struct Option {
    const char *name;
    const char *value;
};

/// A constant bitrate, a picture out for each one in, key frames when they are asked for, a stream that every player
/// takes. By the end of the encoder's name; nobody has run any of these yet.
void setHardware(AVCodecContext &context, std::string_view encoder) {
    const bool h264 = encoder.starts_with("h264");
    const auto set = [&](std::initializer_list<Option> options) {
        for (const Option &option : options)
            av_opt_set(context.priv_data, option.name, option.value, 0);
    };
    if (encoder.ends_with("_nvenc")) {
        set({{"preset", "p1"},
             {"tune", "ull"},
             {"rc", "cbr"},
             {"zerolatency", "1"},
             {"delay", "0"},
             {"forced-idr", "1"}});
        set({{"profile", h264 ? "baseline" : "main"}});
    } else if (encoder.ends_with("_qsv")) {
        set({{"preset", "veryfast"}, {"async_depth", "1"}, {"look_ahead", "0"}, {"forced_idr", "1"}});
        set({{"profile", h264 ? "baseline" : "main"}});
    } else if (encoder.ends_with("_amf")) {
        set({{"usage", "ultralowlatency"}, {"quality", "speed"}, {"rc", "cbr"}, {"frame_skipping", "0"}});
        set({{"profile", h264 ? "constrained_baseline" : "main"}});
    } else if (encoder.ends_with("_vaapi")) {
        set({{"rc_mode", "CBR"}, {"async_depth", "1"}, {"profile", h264 ? "constrained_baseline" : "main"}});
    } else if (encoder.ends_with("_videotoolbox")) {
        set({{"realtime", "1"}, {"allow_sw", "0"}, {"profile", h264 ? "baseline" : "main"}});
    } else if (encoder.ends_with("_mf")) {
        set({{"rate_control", "cbr"}, {"scenario", "display_remoting"}, {"hw_encoding", "1"}});
    }
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
    else
        setHardware(context, encoder);
}

} // namespace rtcroom::embedded
