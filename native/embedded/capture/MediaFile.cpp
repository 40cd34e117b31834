#include "embedded/capture/MediaFile.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "embedded/capture/I420Frame.h"
#include "engine/Error.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

constexpr size_t PICTURES_AHEAD = 4;
constexpr double SOUND_AHEAD_S = 0.4;
// Of compressed data that waits because the file's other kind lies far behind it.
constexpr size_t MAX_BACKLOG_BYTES = size_t{64} << 20;
// Sound that lies nearer to the end of what is there follows it: containers round times, some by ms.
constexpr double ROUNDED_S = 0.003;
// So does, up to this, the sound of a file whose times jump to and fro, rather than with a click at each jump.
constexpr double UNSTEADY_S = 0.04;
constexpr int STEADY_FRAMES = 8;
constexpr int64_t VERY_LATE_US = 500'000;
constexpr auto STALE_CHECK = std::chrono::milliseconds(50);

} // namespace

MediaFile::MediaFile(std::string path, bool loop, MediaKind kind, int sampleRate, int channels,
                     std::shared_ptr<std::atomic<bool>> abort)
    : path_(std::move(path)), sampleRate_(sampleRate), channels_(static_cast<size_t>(channels)),
      abort_(std::move(abort)), input_(path_, *abort_), decoded_(makeEmptyFrame()), resampler_(sampleRate, channels),
      sound_(channels), loop_(loop) {
    if (!input_.has(kind))
        throw EngineException(ErrorCode::NotMedia, kind == MediaKind::Video
                                                       ? "the file has no pictures that can be decoded; use it for "
                                                         "sound only, or give another"
                                                       : "the file has no sound that can be decoded; use it for "
                                                         "pictures only, or give another");
    lane(kind).used = true;
    prime(kind);
}

MediaFile::~MediaFile() {
    *abort_ = true;
    {
        const std::lock_guard lock(mutex_);
        wanted_.notify_all();
    }
    if (reader_.joinable())
        reader_.join();
}

void MediaFile::prime(MediaKind kind) {
    while (lane(kind).framesInLap == 0) {
        if (*abort_)
            throw EngineException(ErrorCode::Aborted, "opening the file was stopped");
        if (lane(kind).lapDone)
            throw EngineException(ErrorCode::NotMedia,
                                  "nothing in the file can be decoded; it may be cut off or damaged");
        step(kind);
    }
}

bool MediaFile::inUse(MediaKind kind) const {
    const std::lock_guard lock(mutex_);
    return lane(kind).used;
}

void MediaFile::use(MediaKind kind, bool used) {
    const std::lock_guard lock(mutex_);
    lane(kind).used = used;
    lane(kind).wholeLap = !begun_;
    if (!used && kind == MediaKind::Video)
        pictures_.clear();
    wanted_.notify_all();
}

void MediaFile::setLoop(bool loop) {
    const std::lock_guard lock(mutex_);
    loop_ = loop;
}

void MediaFile::setRunning(bool running) {
    const std::lock_guard lock(mutex_);
    if (running == running_)
        return;
    running_ = running;
    const int64_t now = engine::clockMicros();
    if (!running) {
        haltedUs_ = now;
        return;
    }
    originUs_ = begun_ ? originUs_ + (now - haltedUs_) : now;
    if (!std::exchange(begun_, true))
        reader_ = std::thread([this] { readLoop(); });
    wanted_.notify_all();
}

void MediaFile::onArrival(std::function<void()> arrived) {
    const std::lock_guard lock(arrivalMutex_);
    arrived_ = std::move(arrived);
}

void MediaFile::notifyArrival() {
    const std::lock_guard lock(arrivalMutex_);
    if (arrived_)
        arrived_();
}

int64_t MediaFile::fileTime(int64_t clockUs) const { return clockUs - originUs_; }

int64_t MediaFile::toSample(int64_t fileUs) const {
    return std::llround(static_cast<double>(fileUs) * sampleRate_ / 1e6);
}

CaptureResult MediaFile::pictureAt(int64_t clockUs, int64_t toleranceUs, FramePtr &current, int64_t &currentUs) {
    const std::lock_guard lock(mutex_);
    const int64_t due = fileTime(clockUs) + toleranceUs;
    bool newer = false;
    while (!pictures_.empty() && pictures_.front().fileUs <= due) {
        currentUs = originUs_ + pictures_.front().fileUs;
        current = std::move(pictures_.front().frame);
        pictures_.pop_front();
        newer = true;
    }
    if (newer) {
        wanted_.notify_all();
        return CaptureResult::Picture;
    }
    const Lane &video = lane(MediaKind::Video);
    return video.ended && pictures_.empty() && due >= video.endedAtUs ? CaptureResult::Ended : CaptureResult::Nothing;
}

ReadResult MediaFile::soundAt(int64_t startUs, std::span<float> out, bool final) {
    const std::lock_guard lock(mutex_);
    const auto count = static_cast<int64_t>(out.size() / channels_);
    int64_t first = toSample(fileTime(startUs));
    // Block starts are rounded to µs; do not let that repeat or lose a sample.
    if (std::llabs(first - sound_.begin()) <= 2)
        first = sound_.begin();
    const bool complete = sound_.copy(first, out);
    const bool ended = lane(MediaKind::Audio).ended;
    if (!complete && !final && !ended)
        return ReadResult::NotYet;
    const bool past = first >= sound_.end();
    sound_.discardBefore(first + count);
    wanted_.notify_all();
    return ended && past ? ReadResult::Ended : ReadResult::Ready;
}

bool MediaFile::wants(MediaKind kind) const {
    const Lane &each = lane(kind);
    if (!each.used || each.lapDone || each.ended)
        return false;
    return kind == MediaKind::Video ? pictures_.size() < PICTURES_AHEAD
                                    : static_cast<double>(sound_.samples()) < SOUND_AHEAD_S * sampleRate_;
}

// Pictures that nobody takes (the video is paused) must not hold up the reading.
void MediaFile::dropStale() {
    if (!running_)
        return;
    const int64_t now = fileTime(engine::clockMicros());
    while (pictures_.size() >= 2 && pictures_[1].fileUs < now - VERY_LATE_US / 2)
        pictures_.pop_front();
}

void MediaFile::readLoop() {
    std::unique_lock lock(mutex_);
    while (!*abort_) {
        dropStale();
        bool worked = false;
        for (const MediaKind kind : {MediaKind::Audio, MediaKind::Video}) {
            if (!lane(kind).used) {
                lane(kind).packets.clear();
                lane(kind).packetBytes = 0;
            }
            if (*abort_ || !wants(kind))
                continue;
            lock.unlock();
            step(kind);
            lock.lock();
            worked = true;
        }
        if (!worked && !*abort_ && lapOver()) {
            lock.unlock();
            nextLap();
            lock.lock();
        } else if (!worked && !*abort_)
            wanted_.wait_for(lock, STALE_CHECK);
    }
}

void MediaFile::step(MediaKind kind) {
    AVCodecContext &decoder = input_.decoder(kind);
    const int result = avcodec_receive_frame(&decoder, decoded_.get());
    if (result == 0) {
        kind == MediaKind::Video ? deliverPicture() : deliverSound();
        av_frame_unref(decoded_.get());
        return;
    }
    Lane &own = lane(kind);
    if (result == AVERROR_EOF || (own.draining && result != AVERROR(EAGAIN))) {
        finishLap(kind);
    } else if (!own.packets.empty()) {
        // A damaged packet is passed over: the decoder goes on with the next.
        const PacketPtr packet = std::move(own.packets.front());
        own.packets.pop_front();
        own.packetBytes -= static_cast<size_t>(packet->size);
        avcodec_send_packet(&decoder, packet.get());
    } else if (!inputEnded_) {
        readPacket();
    } else if (!std::exchange(own.draining, true)) {
        avcodec_send_packet(&decoder, nullptr);
    } else {
        finishLap(kind);
    }
}

void MediaFile::readPacket() {
    PacketPtr packet(av_packet_alloc());
    if (!packet)
        throw EngineException(ErrorCode::Internal, "no memory for a packet");
    const std::optional<MediaKind> kind = input_.read(*packet);
    if (!kind) {
        inputEnded_ = true;
        return;
    }
    Lane &own = lane(*kind);
    {
        // Before the start the other kind may still be asked for.
        const std::lock_guard lock(mutex_);
        if (begun_ && !own.used)
            return;
    }
    own.packetBytes += static_cast<size_t>(packet->size);
    own.packets.push_back(std::move(packet));
    while (own.packetBytes > MAX_BACKLOG_BYTES && own.packets.size() > 1) {
        own.packetBytes -= static_cast<size_t>(own.packets.front()->size);
        own.packets.pop_front();
    }
}

void MediaFile::deliverPicture() {
    Lane &own = lane(MediaKind::Video);
    const int64_t time = input_.timeUs(MediaKind::Video, *decoded_).value_or(own.endUs);
    own.endUs = std::max(own.endUs, time + input_.pictureDurationUs());
    ++own.framesInLap;
    FramePtr frame = makeEmptyFrame();
    av_frame_move_ref(frame.get(), decoded_.get());
    const std::lock_guard lock(mutex_);
    const int64_t fileUs = lapStartUs_ + time;
    const bool late = running_ && fileUs < fileTime(engine::clockMicros()) - VERY_LATE_US;
    input_.decoder(MediaKind::Video).skip_frame = late ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
    if (own.used)
        pictures_.push_back({std::move(frame), fileUs});
}

void MediaFile::deliverSound() {
    Lane &own = lane(MediaKind::Audio);
    const int64_t time = input_.timeUs(MediaKind::Audio, *decoded_).value_or(own.endUs);
    const int rate = decoded_->sample_rate;
    if (rate <= 0)
        return;
    const bool first = own.framesInLap++ == 0;
    const bool believed = first || isBelieved(time - own.endUs);
    own.endUs = std::max(own.endUs, time + int64_t{1'000'000} * decoded_->nb_samples / rate);
    int64_t position = toSample(lapStartUs_ + time) - resampler_.delay();
    std::span<const float> sound;
    try {
        sound = resampler_.convert(static_cast<AVSampleFormat>(decoded_->format), rate, decoded_->ch_layout,
                                   decoded_->extended_data, decoded_->nb_samples);
    } catch (const EngineException &) {
        return; // a frame of a format that cannot be: as damaged as one that is not decoded
    }
    {
        const std::lock_guard lock(mutex_);
        if (!own.used)
            return;
        const double near = (believed ? ROUNDED_S : UNSTEADY_S) * sampleRate_;
        if (!first && static_cast<double>(std::llabs(position - sound_.end())) < near)
            position = sound_.end();
        sound_.append(position, sound, 2 * int64_t{sampleRate_});
    }
    notifyArrival();
}

// A step of steady times is a hole, or an overlap.
bool MediaFile::isBelieved(int64_t stepUs) {
    const bool was = steadyFrames_ >= STEADY_FRAMES;
    const bool steady = static_cast<double>(std::llabs(stepUs)) < ROUNDED_S * 1e6;
    steadyFrames_ = steady ? std::min(steadyFrames_, STEADY_FRAMES - 1) + 1 : 0;
    return was || steadyFrames_ == STEADY_FRAMES;
}

void MediaFile::finishLap(MediaKind kind) {
    const std::lock_guard lock(mutex_);
    Lane &own = lane(kind);
    own.lapDone = true;
    // A lap that gave nothing would go round without end.
    if (!loop_ || (own.framesInLap == 0 && own.wholeLap)) {
        own.ended = true;
        own.endedAtUs = lapStartUs_ + own.endUs;
    }
}

bool MediaFile::lapOver() const {
    bool goesOn = false;
    for (const Lane &each : lanes_) {
        if (each.used && !each.lapDone)
            return false;
        goesOn = goesOn || (each.used && !each.ended);
    }
    return goesOn;
}

void MediaFile::nextLap() {
    const bool possible = input_.rewind();
    const std::lock_guard lock(mutex_);
    int64_t lengthUs = 10'000;
    for (const Lane &each : lanes_)
        if (each.used)
            lengthUs = std::max(lengthUs, each.endUs);
    for (Lane &each : lanes_) {
        if (!possible && !each.ended) {
            each.ended = true;
            each.endedAtUs = lapStartUs_ + each.endUs;
        }
        each.lapDone = false;
        each.draining = false;
        each.framesInLap = 0;
        each.wholeLap = true;
        each.endUs = 0;
        each.packets.clear();
        each.packetBytes = 0;
    }
    lapStartUs_ += lengthUs;
    resampler_.reset();
    inputEnded_ = false;
}

} // namespace rtcroom::embedded
