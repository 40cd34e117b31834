#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>

#include "embedded/media/EncodedPacket.h"
#include "embedded/media/H264Sps.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// One picture of the application's H.264.
struct H264Unit {
    /// As EncodedPacket has it: the NAL units as they came, without delimiters, filler and what the configuration
    /// holds.
    Bytes data{};
    /// An IDR picture.
    bool keyFrame = false;
    /// Others may refer to it.
    bool reference = true;
    /// Not to be decoded: its parameter sets hold from the next key frame on.
    bool premature = false;
    /// An AVCDecoderConfigurationRecord, the same object until it changes at a key frame; none before the first.
    std::shared_ptr<const Bytes> config{};
    engine::Size size{};
};

/// Takes H.264 in Annex B apart, a picture a call. Parameter sets and SEI may come in calls of their own before their
/// picture. Copies are cheap: work on one, and keep it when nothing was refused.
class H264Intake {
  public:
    /// Of a call. A picture of 8K at any quality that is streamed is a part of it.
    static constexpr size_t maxBytes = 8 << 20;

    /// None when no picture is in it. Throws EngineException: InvalidArgument for what is malformed, InvalidState for a
    /// picture whose parameter sets have not come. It is then of no further use.
    std::optional<H264Unit> take(std::span<const uint8_t> annexB);

  private:
    struct SequenceSet {
        H264Sps says;
        std::shared_ptr<const Bytes> nal;
    };
    struct PictureSet {
        uint32_t spsId = 0;
        std::shared_ptr<const Bytes> nal;
    };
    class Call;

    void configure(uint32_t ppsId);

    std::map<uint32_t, SequenceSet> sps_;
    std::map<uint32_t, PictureSet> pps_;
    /// NAL units that came before their picture.
    std::shared_ptr<const Bytes> pending_;
    std::shared_ptr<const Bytes> config_;
    engine::Size size_;
    /// What config_ was made of.
    uint32_t activeSpsId_ = 0;
    std::shared_ptr<const Bytes> activeSps_;
    std::map<uint32_t, std::shared_ptr<const Bytes>> told_;
};

} // namespace rtcroom::embedded
