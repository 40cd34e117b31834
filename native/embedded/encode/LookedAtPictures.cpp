#include "embedded/encode/LookedAtPictures.h"

#include <utility>

#include "engine/Error.h"

namespace rtcroom::embedded {

LookedAtPictures::LookedAtPictures(Hooks hooks)
    : hooks_(std::move(hooks)), show_([this](AVFrame &frame) {
          if (hooks_.watched())
              hooks_.show(frame);
      }) {}

void LookedAtPictures::forget() {
    unwatched_.clear();
    decoder_.flush();
    awaitsKeyFrame_ = true;
}

void LookedAtPictures::pass(const EncodedPacket &packet, bool afterLoss) {
    try {
        if (packet.isConfig) {
            forget();
            decoder_.configure(packet.codec, *packet.data, show_);
            return;
        }
        if (afterLoss && !packet.keyFrame)
            forget();
        if (awaitsKeyFrame_ && !packet.keyFrame)
            return;
        awaitsKeyFrame_ = false;
        decode(packet);
    } catch (const engine::EngineException &) {
        forget();
    }
}

void LookedAtPictures::decode(const EncodedPacket &packet) {
    if (packet.keyFrame) {
        unwatched_.clear();
        // Here alone the decoder can stop, and what it holds be left out.
        if (!hooks_.watched()) {
            decoder_.flush();
            unwatched_.begin(packet);
            return;
        }
    }
    if (unwatched_.active()) {
        if (!hooks_.watched() && unwatched_.keep(packet))
            return;
        catchUp();
        if (awaitsKeyFrame_)
            return;
    }
    decoder_.decode(packet, show_);
}

// Only the present picture is shown.
void LookedAtPictures::catchUp() {
    const FramePtr newest{av_frame_alloc()};
    decoder_.flush();
    for (const EncodedPacket &unit : unwatched_.take()) {
        if (hooks_.stopped())
            return forget();
        decoder_.decode(unit, [&](AVFrame &frame) {
            av_frame_unref(newest.get());
            av_frame_move_ref(newest.get(), &frame);
        });
    }
    if (newest->buf[0])
        show_(*newest);
}

} // namespace rtcroom::embedded
