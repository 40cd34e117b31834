#include "embedded/media/H264Intake.h"

#include <string>
#include <utility>
#include <vector>

#include "embedded/media/H264Config.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

using engine::EngineException;
using engine::ErrorCode;

// Of a configuration record's 16-bit lengths.
constexpr size_t maxSetBytes = 0xffff;
// All that are known. With them a picture stays below the 16 MB of an RTMP message.
constexpr size_t maxSetsBytes = 1 << 20;
constexpr size_t maxPendingBytes = 64 << 10;
constexpr int maxPixels = 36'000'000;

[[noreturn]] void malformed(const std::string &what) { throw EngineException(ErrorCode::InvalidArgument, what); }

bool same(const std::shared_ptr<const Bytes> &a, const std::shared_ptr<const Bytes> &b) {
    return a == b || (a && b && *a == *b);
}

void requireAnnexB(std::span<const uint8_t> bytes) {
    if (bytes.empty())
        malformed("there are no bytes of H.264");
    if (bytes.size() > H264Intake::maxBytes)
        malformed(std::to_string(bytes.size()) + " bytes of H.264 are too many for a picture; 8 MB are the most");
    size_t zeros = 0;
    while (zeros < bytes.size() && bytes[zeros] == 0)
        ++zeros;
    if (zeros < 2 || zeros == bytes.size() || bytes[zeros] != 1)
        malformed("the bytes do not begin with a start code (00 00 01); give H.264 in Annex B");
}

} // namespace

/// What of a call is not parameter sets.
class H264Intake::Call {
  public:
    explicit Call(H264Intake &intake) : intake_(intake) {}

    void add(std::span<const uint8_t> nal) {
        if ((nal[0] & 0x80) != 0 || nalType(nal) == NalType{0} || nalType(nal) > NalType::LastReserved)
            malformed("a NAL unit's header (" + std::to_string(nal[0]) + ") is not one of H.264");
        switch (nalType(nal)) {
        case NalType::NonIdr:
        case NalType::Idr:
            return addSlice(nal);
        case NalType::Sps:
        case NalType::Pps:
            return addSet(nal);
        case NalType::AccessUnitDelimiter:
            requireNoPicture();
            return;
        case NalType::EndOfSequence:
        case NalType::EndOfStream:
        case NalType::Filler:
            return;
        default:
            if (nalType(nal) >= NalType::DataPartitionA && nalType(nal) <= NalType::DataPartitionC)
                malformed("data partitions of H.264's Extended profile are not taken; use Baseline, Main or High");
            appendLengthPrefixed(rest_, nal);
        }
    }

    bool hasPicture() const { return slices_ > 0; }
    bool keyFrame() const { return keyFrame_; }
    bool reference() const { return reference_; }
    uint32_t ppsId() const { return ppsId_; }
    bool hasSets() const { return sets_; }
    Bytes &rest() { return rest_; }

  private:
    void requireNoPicture() const {
        if (slices_ > 0)
            malformed("there is more than one picture in the call; send each by itself");
    }

    void addSlice(std::span<const uint8_t> nal) {
        const auto head = readSliceHead(nal);
        if (!head)
            malformed("a slice's header is damaged");
        const bool key = nalType(nal) == NalType::Idr;
        if (head->firstMacroblock == 0)
            requireNoPicture();
        else if (slices_ == 0)
            malformed("the picture begins in its middle; send all slices of a picture in one call");
        if (slices_ > 0 && key != keyFrame_)
            malformed("a picture has slices of key frames and of others");
        const auto pps = intake_.pps_.find(head->ppsId);
        if (pps == intake_.pps_.end() || !intake_.sps_.contains(pps->second.spsId))
            throw EngineException(ErrorCode::InvalidState,
                                  "the picture's parameter sets (PPS " + std::to_string(head->ppsId) +
                                      " and its SPS) have not come; send them before it, or with it");
        ppsId_ = head->ppsId;
        keyFrame_ = key;
        reference_ = reference_ || (nal[0] & 0x60) != 0;
        ++slices_;
        appendLengthPrefixed(rest_, nal);
    }

    void addSet(std::span<const uint8_t> nal) {
        if (slices_ > 0)
            malformed("parameter sets come before the slices of their picture");
        if (nal.size() > maxSetBytes)
            malformed("a parameter set of " + std::to_string(nal.size()) + " bytes is none");
        const auto bytes = std::make_shared<const Bytes>(nal.begin(), nal.end());
        if (nalType(nal) == NalType::Sps) {
            const auto head = readH264Sps(nal);
            if (!head)
                malformed("an SPS is damaged");
            if (static_cast<int64_t>(head->width) * head->height > maxPixels)
                malformed("pictures of " + std::to_string(head->width) + "x" + std::to_string(head->height) +
                          " are larger than 8K");
            intake_.sps_[head->id] = {*head, bytes};
        } else {
            const auto head = readPpsHead(nal);
            if (!head)
                malformed("a PPS is damaged");
            intake_.pps_[head->id] = {head->spsId, bytes};
        }
        requireFewSets();
        sets_ = true;
    }

    void requireFewSets() const {
        size_t bytes = 0;
        for (const auto &[id, set] : intake_.sps_)
            bytes += set.nal->size();
        for (const auto &[id, set] : intake_.pps_)
            bytes += set.nal->size();
        if (bytes > maxSetsBytes)
            malformed("the parameter sets of the stream are more than 1 MB");
    }

    H264Intake &intake_;
    Bytes rest_;
    int slices_ = 0;
    uint32_t ppsId_ = 0;
    bool keyFrame_ = false;
    bool reference_ = false;
    bool sets_ = false;
};

std::optional<H264Unit> H264Intake::take(std::span<const uint8_t> annexB) {
    requireAnnexB(annexB);
    Call call(*this);
    for (const auto nal : splitAnnexB(annexB))
        call.add(nal);
    Bytes data = pending_ ? *pending_ : Bytes();
    data.insert(data.end(), call.rest().begin(), call.rest().end());
    if (!call.hasPicture()) {
        if (data.empty() && !call.hasSets())
            malformed("the bytes hold neither a picture nor parameter sets");
        if (data.size() > maxPendingBytes)
            malformed("the NAL units before a picture are more than 64 KB; send the picture");
        pending_ = data.empty() ? nullptr : std::make_shared<const Bytes>(std::move(data));
        return std::nullopt;
    }
    pending_.reset();
    H264Unit unit{.keyFrame = call.keyFrame(), .reference = call.reference()};
    const PictureSet &pps = pps_[call.ppsId()];
    if (unit.keyFrame) {
        configure(call.ppsId());
    } else if (!activeSps_ || pps.spsId != activeSpsId_ || !same(sps_[pps.spsId].nal, activeSps_)) {
        unit.premature = true;
    } else {
        // Picture parameters may change at any picture: these go with it.
        Bytes sets;
        for (const auto &[id, set] : pps_)
            if (set.spsId == activeSpsId_ && !same(told_[id], set.nal)) {
                appendLengthPrefixed(sets, *set.nal);
                told_[id] = set.nal;
            }
        data.insert(data.begin(), sets.begin(), sets.end());
    }
    unit.data = std::move(data);
    unit.config = config_;
    unit.size = size_;
    return unit;
}

void H264Intake::configure(uint32_t ppsId) {
    const uint32_t spsId = pps_[ppsId].spsId;
    const SequenceSet &set = sps_[spsId];
    const std::span<const uint8_t> sps = *set.nal;
    std::vector<std::span<const uint8_t>> sets;
    std::map<uint32_t, std::shared_ptr<const Bytes>> told;
    for (const auto &[id, pps] : pps_)
        // The record counts them in a byte.
        if (pps.spsId == spsId && (id == ppsId || sets.size() < 254)) {
            sets.emplace_back(*pps.nal);
            told[id] = pps.nal;
        }
    auto config = std::make_shared<const Bytes>(avcConfig(std::span(&sps, 1), sets));
    activeSpsId_ = spsId;
    activeSps_ = set.nal;
    told_ = std::move(told);
    if (same(config_, config))
        return;
    size_ = {set.says.width, set.says.height};
    config_ = std::move(config);
}

} // namespace rtcroom::embedded
