#include "embedded/capture/MixedAudioSource.h"

#include <algorithm>
#include <utility>

namespace rtcroom::embedded {

MixedAudioSource::MixedAudioSource(std::vector<std::shared_ptr<AudioSource>> sources) {
    for (std::shared_ptr<AudioSource> &source : sources)
        parts_.push_back({.source = std::move(source)});
}

void MixedAudioSource::setRunning(bool running) {
    for (Part &part : parts_)
        part.source->setRunning(running);
}

void MixedAudioSource::onArrival(std::function<void()> arrived) {
    for (Part &part : parts_)
        part.source->onArrival(arrived);
}

int64_t MixedAudioSource::patienceUs() const {
    int64_t longest = 0;
    for (const Part &part : parts_)
        longest = std::max(longest, part.source->patienceUs());
    return longest;
}

ReadResult MixedAudioSource::read(int64_t startUs, std::span<float> out, bool final) {
    if (std::exchange(startUs_, startUs) != startUs)
        for (Part &part : parts_)
            part.ready = false;
    bool missing = false;
    for (Part &part : parts_) {
        if (part.ready)
            continue;
        part.block.resize(out.size());
        const ReadResult result = part.source->read(startUs, part.block, final);
        part.ready = result != ReadResult::NotYet;
        part.ended = result == ReadResult::Ended;
        missing = missing || !part.ready;
    }
    if (missing)
        return ReadResult::NotYet;
    std::ranges::fill(out, 0.0F);
    for (const Part &part : parts_)
        for (size_t i = 0; i < out.size(); ++i)
            out[i] += part.block[i];
    // Two loud sounds together may be louder than there is.
    for (float &sample : out)
        sample = std::clamp(sample, -1.0F, 1.0F);
    return std::ranges::all_of(parts_, &Part::ended) ? ReadResult::Ended : ReadResult::Ready;
}

} // namespace rtcroom::embedded
