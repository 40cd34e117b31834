#include "embedded/capture/StillPicture.h"

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

} // namespace

FramePtr readStillPicture(const std::string &path, const std::atomic<bool> &abort) {
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

} // namespace rtcroom::embedded
