#include "embedded/capture/SourceOpening.h"

#include "engine/Error.h"

namespace rtcroom::embedded {

void throwUnsupportedSource() {
    throw engine::EngineException(engine::ErrorCode::Unsupported,
                                  "the embedded engine does not have that source; see capabilities");
}

SourceOpening::Video::Video(SourceOpening &opening, std::optional<uint64_t> stops)
    : opening_(opening), stopped_(mark(true, stops)) {}

SourceOpening::Video::~Video() { mark(false); }

bool SourceOpening::Video::mark(bool opening, std::optional<uint64_t> stops) {
    const std::lock_guard lock(opening_.mutex_);
    opening_.openingVideo_ = opening;
    opening_.stoppedVideo_ = false;
    return stops && *stops != opening_.videoStops_;
}

SourceOpening::Running::Running(SourceOpening &given) : opening(given) {
    const std::lock_guard lock(opening.mutex_);
    *abort = opening.ended_ || opening.stoppedVideo_;
    opening.abort_ = abort;
}

SourceOpening::Running::~Running() {
    const std::lock_guard lock(opening.mutex_);
    opening.abort_.reset();
}

void SourceOpening::interrupt() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    if (abort_)
        *abort_ = true;
}

void SourceOpening::interruptVideo() {
    const std::lock_guard lock(mutex_);
    ++videoStops_;
    stoppedVideo_ = openingVideo_;
    if (abort_ && openingVideo_)
        *abort_ = true;
}

uint64_t SourceOpening::videoStops() const {
    const std::lock_guard lock(mutex_);
    return videoStops_;
}

bool SourceOpening::busy() const {
    const std::lock_guard lock(mutex_);
    return abort_ != nullptr;
}

} // namespace rtcroom::embedded
