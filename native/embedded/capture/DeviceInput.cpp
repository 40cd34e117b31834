#include "embedded/capture/DeviceInput.h"

#include <cerrno>
#include <chrono>

#include "embedded/capture/DeviceLibrary.h"
#include "engine/Error.h"
#include "engine/Frame.h"

extern "C" {
#include <libavutil/time.h>
}

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

/// A picture's own time is believed when it is not further back than this.
constexpr int64_t MAX_AGE_US = 1'000'000;

[[noreturn]] void failOpening(const std::string &name, int code) {
    switch (code) {
    case AVERROR(EBUSY):
        throw EngineException(ErrorCode::DeviceOccupied,
                              name + " is in use by another program; close that program, or choose another one");
    case AVERROR(ENOENT):
    case AVERROR(ENODEV):
    case AVERROR(ENXIO):
        throw EngineException(ErrorCode::DeviceNotFound, name + " is not there; is it plugged in?");
    case AVERROR(EACCES):
    case AVERROR(EPERM):
        throw EngineException(ErrorCode::DeviceFailed, name + " may not be used by this user; on Linux add the user to "
                                                              "the group 'video', elsewhere allow it in the system's "
                                                              "settings");
    default:
        throw EngineException(ErrorCode::DeviceFailed, name + " cannot be opened: " + avErrorText(code) +
                                                           "; it may be in use by another program");
    }
}

/// False without memory for it.
bool own(AVFrame &picture) {
    AVFrame *copy = av_frame_alloc();
    if (copy) {
        copy->format = picture.format;
        copy->width = picture.width;
        copy->height = picture.height;
    }
    if (!copy || av_frame_get_buffer(copy, 0) < 0 || av_frame_copy(copy, &picture) < 0 ||
        av_frame_copy_props(copy, &picture) < 0) {
        av_frame_free(&copy);
        return false;
    }
    av_frame_unref(&picture);
    av_frame_move_ref(&picture, copy);
    av_frame_free(&copy);
    return true;
}

} // namespace

int AvDevice::interrupted(void *abort) {
    return static_cast<const std::atomic<bool> *>(abort)->load(std::memory_order_relaxed);
}

AvDevice::AvDevice(const DeviceAddress &address, std::shared_ptr<std::atomic<bool>> abort)
    : name_(address.name), onDemand_(address.onDemand), abort_(std::move(abort)), packet_(av_packet_alloc()) {
    deviceLibrary();
    const AVInputFormat *kind = av_find_input_format(address.format.c_str());
    if (!kind)
        throw EngineException(ErrorCode::Unsupported, "FFmpeg's libavdevice on this machine was built without " +
                                                          address.format + "; install one that has it");
    AVFormatContext *context = avformat_alloc_context();
    if (!context || !packet_)
        throw EngineException(ErrorCode::Internal, "no memory to open a device");
    context->interrupt_callback = {interrupted, abort_.get()};
    // A read that waits for a camera which has stopped would hold up a stop.
    context->flags |= AVFMT_FLAG_NONBLOCK;
    AVDictionary *options = nullptr;
    for (const auto &[key, value] : address.options)
        av_dict_set(&options, key.c_str(), value.c_str(), 0);
    int result = avformat_open_input(&context, address.url.c_str(), kind, &options);
    av_dict_free(&options);
    format_.reset(context);
    if (*abort_)
        throw EngineException(ErrorCode::Aborted, "opening " + name_ + " was stopped");
    if (result < 0)
        failOpening(name_, result);
    // Its streams are complete without a look at its pictures, which would be old then.
    const AVCodec *codec = nullptr;
    stream_ = av_find_best_stream(format_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    if (stream_ < 0 || !codec)
        failOpening(name_, stream_ < 0 ? stream_ : AVERROR_DECODER_NOT_FOUND);
    decoder_.reset(avcodec_alloc_context3(codec));
    if (!decoder_ || avcodec_parameters_to_context(decoder_.get(), format_->streams[stream_]->codecpar) < 0)
        throw EngineException(ErrorCode::Internal, "no memory for a decoder");
    decoder_->thread_count = 1;
    decoder_->flags |= AV_CODEC_FLAG_LOW_DELAY;
    result = avcodec_open2(decoder_.get(), codec, nullptr);
    if (result < 0)
        failOpening(name_, result);
}

AvDevice::~AvDevice() = default;

DeviceInput::Reading AvDevice::readPacket() {
    if (failed_)
        return Reading::Gone;
    const int result = av_read_frame(format_.get(), packet_.get());
    if (result == AVERROR(EAGAIN))
        return Reading::Nothing;
    if (result < 0) {
        failed_ = result;
        return Reading::Gone;
    }
    if (packet_->stream_index == stream_)
        return Reading::Picture;
    av_packet_unref(packet_.get());
    return Reading::Nothing;
}

DeviceInput::Reading AvDevice::read(AVFrame &picture, int64_t &captureUs) {
    const Reading reading = readPacket();
    if (reading != Reading::Picture)
        return reading;
    const int64_t age = ageUs(packet_->pts);
    captureUs = engine::clockMicros() - age;
    // A camera's damaged picture is one that did not come.
    const bool sent = avcodec_send_packet(decoder_.get(), packet_.get()) >= 0;
    av_packet_unref(packet_.get());
    if (!sent || avcodec_receive_frame(decoder_.get(), &picture) < 0)
        return Reading::Nothing;
    // Raw pictures lie in memory of the camera's driver, which goes with the device.
    if (!onDemand_ && decoder_->codec_id == AV_CODEC_ID_RAWVIDEO)
        return own(picture) ? Reading::Picture : Reading::Nothing;
    return Reading::Picture;
}

DeviceInput::Reading AvDevice::skip() {
    const Reading reading = readPacket();
    av_packet_unref(packet_.get());
    return reading;
}

// Devices stamp their pictures with the monotonic clock (V4L2), the wall clock (screens) or one of their own.
int64_t AvDevice::ageUs(int64_t pts) const {
    if (pts == AV_NOPTS_VALUE)
        return 0;
    const int64_t us = av_rescale_q(pts, format_->streams[stream_]->time_base, AVRational{1, 1'000'000});
    const int64_t monotonic =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
            .count();
    for (const int64_t now : {monotonic, av_gettime()})
        if (us <= now && now - us < MAX_AGE_US)
            return now - us;
    return 0;
}

std::string AvDevice::whyGone() const { return name_ + " gives no pictures any more (" + avErrorText(failed_) + ")"; }

} // namespace rtcroom::embedded
