#include "embedded/capture/ImageVideoSource.h"

#include <utility>

#include "embedded/capture/I420Frame.h"
#include "embedded/capture/MediaInput.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

[[noreturn]] void refuse(const std::string &path, const std::string &why) {
    throw EngineException(ErrorCode::NotMedia,
                          shownName(path) + " " + why + "; give a picture that FFmpeg reads, as PNG, JPEG or WebP");
}

FramePtr firstPicture(const std::string &path, const std::atomic<bool> &abort) {
    MediaInput input(path, abort);
    if (!input.has(MediaKind::Video))
        refuse(path, "has no picture");
    AVCodecContext &decoder = input.decoder(MediaKind::Video);
    FramePtr picture = makeEmptyFrame();
    const PacketPtr packet(av_packet_alloc());
    if (!packet)
        throw EngineException(ErrorCode::Internal, "no memory for a packet");
    for (bool more = true; more;) {
        const auto kind = input.read(*packet);
        more = kind.has_value();
        // Without a packet the decoder gives what it still holds.
        if (!more || kind == MediaKind::Video)
            avcodec_send_packet(&decoder, more ? packet.get() : nullptr);
        av_packet_unref(packet.get());
        if (avcodec_receive_frame(&decoder, picture.get()) >= 0)
            return picture;
    }
    if (abort)
        throw EngineException(ErrorCode::Aborted, "opening " + shownName(path) + " was stopped");
    refuse(path, "cannot be decoded");
}

} // namespace

ImageVideoSource::ImageVideoSource(const std::string &path, const std::atomic<bool> &abort)
    : picture_(firstPicture(path, abort)) {
    // What the pipeline asks for later must not fail there.
    fitter_.fit(*picture_, {64, 64});
}

void ImageVideoSource::setRunning(bool running) {
    const std::lock_guard lock(mutex_);
    if (running && arrived_)
        arrived_();
}

void ImageVideoSource::onArrival(std::function<void()> arrived) {
    const std::lock_guard lock(mutex_);
    arrived_ = std::move(arrived);
    if (arrived_)
        arrived_();
}

CaptureResult ImageVideoSource::capture(int64_t dueUs, int64_t, engine::Size size, bool, CapturedPicture &out) {
    out = {fitter_.fit(*picture_, size), dueUs};
    return CaptureResult::Picture;
}

} // namespace rtcroom::embedded
