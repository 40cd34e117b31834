#include "embedded/record/Recorder.h"

#include <utility>

#include "embedded/media/OutputFile.h"
#include "embedded/record/PlainMp4.h"

namespace rtcroom::embedded {

namespace {

using engine::EngineException;
using engine::Error;
using engine::ErrorCode;

/// Sound comes this much after the picture of its time at most; what is later belongs to the next file all the same.
constexpr int64_t seamMs = 150;
/// Names that may be taken by other recordings.
constexpr int maxTakenNames = 1000;

/// A slice may be so much shorter: key frames do not come to the millisecond, and the next may be a GOP away.
constexpr int64_t earlyMs = 100;
constexpr uint64_t maxSliceSeconds = 86'400;

/// Units are written together, since to wake for each takes more CPU. Half a fragment: files grow hardly later.
constexpr std::chrono::milliseconds gatherMs{RecordFile::fragmentMs / 2};
constexpr size_t gatherBytes = 1024 * 1024;

/// `a.mp4` and 2 give `a-2.mp4`.
std::string numbered(const std::string &path, int number) {
    const size_t nameAt = path.find_last_of("/\\") + 1; // npos + 1 is 0
    const size_t dot = path.rfind('.');
    const size_t end = dot == std::string::npos || dot <= nameAt ? path.size() : dot;
    return path.substr(0, end) + "-" + std::to_string(number) + path.substr(end);
}

} // namespace

int64_t checkedSliceSeconds(uint64_t seconds) {
    if (seconds > maxSliceSeconds)
        throw EngineException(ErrorCode::InvalidArgument, "a slice may have 1 to " + std::to_string(maxSliceSeconds) +
                                                              " seconds, or 0 for one file, not " +
                                                              std::to_string(seconds));
    return static_cast<int64_t>(seconds);
}

Recorder::Recorder(Options options, Callbacks callbacks)
    : options_(std::move(options)), callbacks_(std::move(callbacks)),
      file_(std::make_unique<RecordFile>(options_.path)), thread_([this] { run(); }) {}

Recorder::~Recorder() {
    try {
        finish(Finish::Quick);
    } catch (const EngineException &) {
        // The owner let go without asking for the result.
    }
}

void Recorder::push(EncodedPacket packet) { enqueue({false, std::move(packet)}); }

void Recorder::discontinuity() { enqueue({true, {}}); }

void Recorder::enqueue(Item item) {
    const size_t size = item.packet.data ? item.packet.data->size() : 0;
    bool wanted = false;
    {
        const std::lock_guard lock(mutex_);
        if (failed_ || overrun_ || finishing_)
            return;
        const size_t before = queuedBytes_;
        wanted = queue_.empty();
        if (before + size > maxQueuedBytes) {
            overrun_ = true;
        } else {
            queuedBytes_ += size;
            queue_.push_back(std::move(item));
        }
        wanted = wanted || overrun_ || (before < gatherBytes && queuedBytes_ >= gatherBytes);
    }
    if (wanted)
        changed_.notify_one();
}

void Recorder::finish(Finish how) {
    {
        const std::lock_guard lock(mutex_);
        if (!finishing_)
            finishing_ = how;
    }
    changed_.notify_one();
    if (!thread_.joinable())
        return;
    thread_.join();
    if (finishError_)
        throw EngineException(*finishError_);
}

void Recorder::run() {
    try {
        std::unique_lock lock(mutex_);
        for (;;) {
            const auto due = [this] { return !queue_.empty() || overrun_ || finishing_; };
            changed_.wait_for(lock, std::chrono::milliseconds(RecordFile::fragmentMs), due);
            if (!queue_.empty())
                changed_.wait_for(lock, gatherMs,
                                  [this] { return overrun_ || finishing_ || queuedBytes_ >= gatherBytes; });
            const std::deque<Item> items = std::exchange(queue_, {});
            queuedBytes_ = 0;
            const bool overrun = overrun_;
            const std::optional<Finish> last = finishing_;
            lock.unlock();
            for (const Item &item : items)
                handle(item);
            if (items.empty() && seam_)
                nextFile();
            if (items.empty())
                file_->idle();
            reportProgress();
            if (overrun)
                throw EngineException(ErrorCode::RecordFailed, "The disk is too slow for the recording; what was "
                                                               "written is kept, record to a faster disk");
            if (last) {
                if (seam_)
                    nextFile();
                completeFile(*last);
                return;
            }
            lock.lock();
        }
    } catch (const EngineException &error) {
        failWith(error.error());
    } catch (const std::exception &error) {
        failWith({ErrorCode::RecordFailed, std::string("The recording failed: ") + error.what()});
    }
}

void Recorder::handle(const Item &item) {
    if (item.discontinuity) {
        if (seam_)
            nextFile();
        file_->discontinuity();
        return;
    }
    const EncodedPacket &packet = item.packet;
    if (!packet.data || packet.data->empty())
        return;
    if (packet.isConfig)
        (packet.kind == MediaKind::Video ? videoConfig_ : audioConfig_) = packet;
    if (seam_)
        waitAtSeam(packet);
    else if (packet.isConfig)
        file_->config(packet);
    else
        handleUnit(packet);
}

void Recorder::handleUnit(const EncodedPacket &unit) {
    if (file_->fits(unit) && !sliceIsFull(unit)) {
        file_->write(unit);
        return;
    }
    seam_ = Seam{unit.dtsMs, {unit}};
    if (unit.kind == MediaKind::Audio || !file_->hasAudio())
        nextFile();
}

bool Recorder::sliceIsFull(const EncodedPacket &unit) const {
    if (options_.sliceSeconds <= 0 || !file_->begun())
        return false;
    const bool mayBegin = unit.kind == MediaKind::Video ? unit.keyFrame : !file_->hasVideo();
    return mayBegin && file_->durationMs() + earlyMs >= options_.sliceSeconds * 1000;
}

void Recorder::waitAtSeam(const EncodedPacket &packet) {
    const int64_t afterMs = packet.dtsMs - seam_->atMs;
    if (packet.kind == MediaKind::Audio && !packet.isConfig && afterMs < 0 && afterMs > -RecordTimeline::stepBackMs) {
        file_->write(packet);
        return;
    }
    seam_->packets.push_back(packet);
    if (!packet.isConfig && (packet.kind == MediaKind::Audio || afterMs < 0 || afterMs >= seamMs))
        nextFile();
}

void Recorder::nextFile() {
    const Seam seam = std::move(*seam_);
    seam_.reset();
    completeFile(Finish::Plain);
    // It is no part of what fails from here on.
    file_.reset();
    file_ = openNext();
    toldMs_ = 0;
    for (const auto &config : {videoConfig_, audioConfig_})
        if (config)
            file_->config(*config);
    for (const EncodedPacket &packet : seam.packets)
        packet.isConfig ? file_->config(packet) : file_->write(packet);
}

std::unique_ptr<RecordFile> Recorder::openNext() {
    for (int taken = 0;; ++taken) {
        const std::string path = numbered(options_.path, ++fileNumber_);
        try {
            return std::make_unique<RecordFile>(path);
        } catch (const EngineException &) {
            if (taken == maxTakenNames || !pathExists(path))
                throw;
        }
    }
}

void Recorder::completeFile(Finish how) {
    // A next file in which nothing came takes nothing from those before it.
    if (!file_->complete() && fileNumber_ == 1)
        throw EngineException(ErrorCode::RecordFailed, "No key frame or sound came while recording, so there is no "
                                                       "file; record while the stream plays");
    if (!file_->begun())
        return;
    if (how == Finish::Plain || file_->size() <= quickPlainBytes)
        makePlainMp4(file_->path());
    callbacks_.onFile(file_->path(), std::nullopt);
}

void Recorder::reportProgress() {
    if (!callbacks_.onProgress || file_->durationMs() < toldMs_ + progressMs)
        return;
    toldMs_ = file_->durationMs() / progressMs * progressMs;
    callbacks_.onProgress(file_->path(), toldMs_);
}

void Recorder::failWith(const Error &error) {
    {
        const std::lock_guard lock(mutex_);
        failed_ = true;
        queue_.clear();
        queuedBytes_ = 0;
        // Whoever waits in finish() hears of it there as well.
        if (finishing_)
            finishError_ = error;
    }
    const std::string path = file_ ? file_->path() : numbered(options_.path, fileNumber_);
    if (file_ && file_->keepWhatIsThere() && file_->size() <= quickPlainBytes)
        makePlainMp4(path);
    callbacks_.onFile(path, error);
}

} // namespace rtcroom::embedded
