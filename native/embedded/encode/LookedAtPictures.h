#pragma once

#include <functional>
#include <optional>

#include "embedded/media/EncodedPacket.h"
#include "embedded/media/UnwatchedGop.h"
#include "embedded/media/VideoDecoder.h"

namespace rtcroom::embedded {

/// The pictures of a stream that passes by, decoded while somebody looks at them and kept as they are meanwhile. Of one
/// thread.
class LookedAtPictures {
  public:
    struct Hooks {
        /// Whether somebody looks now.
        std::function<bool()> watched;
        /// Gets each picture then, its pts in ms.
        VideoDecoder::Sink show;
        /// Ends a decoding that goes on for long.
        std::function<bool()> stopped;
    };
    explicit LookedAtPictures(Hooks hooks);

    /// Every packet in its order. `afterLoss`: one before it is missing. A picture that cannot be decoded is not shown,
    /// nor are those that follow it up to the next key frame.
    void pass(const EncodedPacket &packet, bool afterLoss);
    void forget();

  private:
    void decode(const EncodedPacket &packet);
    void catchUp();

    const Hooks hooks_;
    const VideoDecoder::Sink show_;
    VideoDecoder decoder_;
    UnwatchedGop unwatched_;
    bool awaitsKeyFrame_ = true;
};

} // namespace rtcroom::embedded
