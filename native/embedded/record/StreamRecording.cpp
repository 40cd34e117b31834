#include "embedded/record/StreamRecording.h"

#include <utility>

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

void StreamRecording::push(const EncodedPacket &packet) {
    // A picture that arrived damaged.
    if (!packet.data || packet.data->empty())
        return;
    const std::lock_guard lock(mutex_);
    if (packet.isConfig)
        (packet.kind == MediaKind::Video ? videoConfig_ : audioConfig_) = packet;
    if (recorder_)
        recorder_->push(packet);
}

void StreamRecording::discontinuity() {
    forgetConfigs();
    const std::lock_guard lock(mutex_);
    if (recorder_)
        recorder_->discontinuity();
}

void StreamRecording::forgetConfigs() {
    const std::lock_guard lock(mutex_);
    videoConfig_.reset();
    audioConfig_.reset();
}

void StreamRecording::start(const Recorder::Options &options, Recorder::Callbacks callbacks) {
    if (active())
        throw EngineException(ErrorCode::InvalidState, "A recording is going on; call stopLocalRecord first");
    // The disk may be slow, for the one that ended by itself too: not under the lock that the stream takes.
    take();
    auto recorder = std::make_shared<Recorder>(options, std::move(callbacks));
    const std::lock_guard lock(mutex_);
    for (const auto &config : {videoConfig_, audioConfig_})
        if (config)
            recorder->push(*config);
    recorder_ = std::move(recorder);
}

void StreamRecording::finish(Recorder::Finish how) {
    const auto recorder = take();
    if (!recorder || recorder->failed())
        throw EngineException(ErrorCode::InvalidState, "No recording is going on; call startLocalRecord first");
    recorder->finish(how);
}

void StreamRecording::end() {
    const auto recorder = take();
    if (!recorder)
        return;
    try {
        recorder->finish(Recorder::Finish::Quick);
    } catch (const EngineException &) {
        // Told with the file.
    }
}

bool StreamRecording::active() const {
    const std::lock_guard lock(mutex_);
    return recorder_ && !recorder_->failed();
}

std::vector<EncodedPacket> StreamRecording::configs() const {
    const std::lock_guard lock(mutex_);
    std::vector<EncodedPacket> out;
    for (const auto &config : {videoConfig_, audioConfig_})
        if (config)
            out.push_back(*config);
    return out;
}

std::shared_ptr<Recorder> StreamRecording::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(recorder_, nullptr);
}

} // namespace rtcroom::embedded
