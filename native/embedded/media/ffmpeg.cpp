#include "embedded/media/ffmpeg.h"

namespace rtcroom::embedded {

std::string avErrorText(int code) {
    char text[AV_ERROR_MAX_STRING_SIZE] = {};
    av_strerror(code, text, sizeof text);
    return text;
}

} // namespace rtcroom::embedded
