#include "embedded/playout/Snapshot.h"

#include <algorithm>
#include <cctype>
#include <new>

#include "embedded/media/OutputFile.h"
#include "embedded/playout/FrameConverter.h"

namespace rtcroom::embedded {

namespace {

using engine::EngineException;
using engine::Error;
using engine::ErrorCode;

// The SDK's return codes of captureVideoSnapShot.
constexpr int failed = -1;
constexpr int badPath = -2;
constexpr int fileExists = -3;
constexpr int notPlaying = -4;

Error snapshotError(int nativeCode, std::string message) {
    return {ErrorCode::SnapshotFailed, std::move(message), nativeCode};
}

AVCodecID codecOf(const std::string &path) {
    const size_t dot = path.find_last_of("./\\");
    std::string ending = dot == std::string::npos || path[dot] != '.' ? "" : path.substr(dot + 1);
    std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
    if (ending == "png")
        return AV_CODEC_ID_PNG;
    if (ending == "jpg" || ending == "jpeg")
        return AV_CODEC_ID_MJPEG;
    throw EngineException(snapshotError(badPath, "A snapshot's path must end in .png, .jpg or .jpeg"));
}

FramePtr convertFor(const AVFrame &frame, AVPixelFormat to) {
    FramePtr picture(av_frame_alloc());
    if (!picture)
        throw std::bad_alloc();
    picture->format = to;
    picture->width = frame.width;
    picture->height = frame.height;
    picture->color_range = AVCOL_RANGE_JPEG;
    // JPEG files are BT.601 by definition (JFIF).
    const AVPixelFormat plain = to == AV_PIX_FMT_YUVJ420P ? AV_PIX_FMT_YUV420P : to;
    const SwsPtr scaler =
        makeScaler(frame, plain, true, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, SWS_CS_ITU601);
    if (!scaler || av_frame_get_buffer(picture.get(), 0) < 0)
        throw EngineException(snapshotError(failed, "The picture cannot be converted for a snapshot: out of memory or "
                                                    "an unusual pixel format"));
    sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, picture->data, picture->linesize);
    return picture;
}

PacketPtr encode(const AVFrame &frame, AVCodecID id) {
    const AVCodec *codec = avcodec_find_encoder(id);
    CodecPtr context(codec ? avcodec_alloc_context3(codec) : nullptr);
    PacketPtr packet(av_packet_alloc());
    if (!context || !packet)
        throw EngineException(
            snapshotError(failed, "FFmpeg has no encoder for this kind of picture; use the other ending"));
    context->width = frame.width;
    context->height = frame.height;
    context->pix_fmt = static_cast<AVPixelFormat>(frame.format);
    context->time_base = {1, 1000};
    context->color_range = AVCOL_RANGE_JPEG;
    context->thread_count = 1;
    if (id == AV_CODEC_ID_PNG) {
        // Level 1 of zlib: several times as fast as the default for a few per cent of size.
        context->compression_level = 1;
    } else {
        context->flags |= AV_CODEC_FLAG_QSCALE;
        // 2 is the mjpeg encoder's best quality.
        context->global_quality = 2 * FF_QP2LAMBDA;
    }
    FramePtr input(av_frame_clone(&frame));
    if (!input)
        throw std::bad_alloc();
    input->quality = context->global_quality;
    input->pts = 0;
    int result = avcodec_open2(context.get(), codec, nullptr);
    if (result >= 0)
        result = avcodec_send_frame(context.get(), input.get());
    if (result >= 0)
        result = avcodec_send_frame(context.get(), nullptr);
    if (result >= 0)
        result = avcodec_receive_packet(context.get(), packet.get());
    if (result < 0)
        throw EngineException(
            snapshotError(failed, "The picture cannot be encoded (" + avErrorText(result) + "); use the other ending"));
    return packet;
}

[[noreturn]] void failWriting(int nativeCode, std::error_code reason) {
    throw EngineException(
        snapshotError(nativeCode, "The snapshot cannot be written: " + reason.message() + "; " + fileRemedy(reason)));
}

bool isFullDisk(std::error_code error) {
    return error == std::errc::no_space_on_device || error == std::errc::io_error ||
           error == std::errc::file_too_large || error == std::errc::too_many_files_open;
}

} // namespace

void writePicture(const AVFrame &frame, const std::string &path) {
    const AVCodecID id = codecOf(path);
    if (path.find('\0') != std::string::npos)
        throw EngineException(snapshotError(badPath, "A snapshot's path must not hold a zero byte"));
    // Known before the effort of encoding; the rename makes it certain.
    if (pathExists(path))
        failWriting(fileExists, std::make_error_code(std::errc::file_exists));
    const std::string temporary = temporaryPathBeside(path);
    OutputFile file;
    if (const std::error_code error = file.create(temporary))
        failWriting(isFullDisk(error) ? failed : badPath, error);
    struct Remover {
        const std::string &path;
        ~Remover() { removeFile(path); }
    } const remover{temporary};
    std::error_code error;
    const FramePtr converted = convertFor(frame, id == AV_CODEC_ID_PNG ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_YUVJ420P);
    const PacketPtr packet = encode(*converted, id);
    error = file.write(packet->data, static_cast<size_t>(packet->size));
    if (!error)
        error = file.close();
    if (error)
        failWriting(failed, error);
    error = renameWithoutReplacing(temporary, path);
    if (error == std::errc::file_exists)
        failWriting(fileExists, error);
    if (error)
        failWriting(isFullDisk(error) ? failed : badPath, error);
}

SnapshotWorker::SnapshotWorker() : thread_([this] { run(); }) {}

SnapshotWorker::~SnapshotWorker() {
    setPlaying(false);
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void SnapshotWorker::setPlaying(bool playing) {
    std::unique_lock lock(mutex_);
    playing_ = playing;
    if (playing)
        return;
    if (last_)
        av_frame_unref(last_.get());
    for (Request &request : waiting_) {
        request.refusal = Error{ErrorCode::Aborted, "Playing ended before a picture came for the snapshot", failed};
        ready_.push_back(std::move(request));
    }
    waiting_.clear();
    changed_.notify_all();
    idle_.wait(lock, [this] { return ready_.empty() && !serving_; });
}

void SnapshotWorker::offer(AVFrame &frame) {
    const std::lock_guard lock(mutex_);
    if (!playing_ || !last_)
        return;
    av_frame_unref(last_.get());
    av_frame_move_ref(last_.get(), &frame);
    lastAt_ = Clock::now();
    if (waiting_.empty())
        return;
    for (Request &request : waiting_) {
        request.picture.reset(av_frame_clone(last_.get()));
        ready_.push_back(std::move(request));
    }
    waiting_.clear();
    changed_.notify_all();
}

void SnapshotWorker::take(const std::string &path, engine::Completion done) {
    const std::lock_guard lock(mutex_);
    Request request{path, std::move(done), Clock::now() + patience, std::nullopt, nullptr};
    try {
        codecOf(path);
    } catch (const EngineException &error) {
        request.refusal = error.error();
    }
    if (request.refusal) {
        ready_.push_back(std::move(request));
    } else if (!playing_) {
        request.refusal = snapshotError(notPlaying, "Nothing is playing; call startPlay first");
        ready_.push_back(std::move(request));
    } else if (waiting_.size() + ready_.size() >= maxWaiting) {
        request.refusal = snapshotError(failed, "Too many snapshots wait for a picture; wait for their results");
        ready_.push_back(std::move(request));
    } else if (last_ && last_->width > 0 && Clock::now() - lastAt_ <= freshness) {
        request.picture.reset(av_frame_clone(last_.get()));
        ready_.push_back(std::move(request));
    } else {
        waiting_.push_back(std::move(request));
    }
    changed_.notify_all();
}

void SnapshotWorker::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        // One patience for all: the oldest waits in front.
        if (!waiting_.empty() && Clock::now() >= waiting_.front().deadline) {
            waiting_.front().refusal = snapshotError(
                failed, "No picture was decoded within 5 s; check that the stream has video and is not paused");
            ready_.push_back(std::move(waiting_.front()));
            waiting_.pop_front();
        }
        if (!ready_.empty()) {
            Request request = std::move(ready_.front());
            ready_.pop_front();
            serving_ = true;
            lock.unlock();
            serve(std::move(request));
            lock.lock();
            serving_ = false;
            continue;
        }
        idle_.notify_all();
        if (ending_)
            return;
        if (waiting_.empty())
            changed_.wait(lock);
        else
            changed_.wait_until(lock, waiting_.front().deadline);
    }
}

void SnapshotWorker::serve(Request request) {
    std::optional<Error> result = std::move(request.refusal);
    if (!result) {
        try {
            if (!request.picture)
                throw std::bad_alloc();
            writePicture(*request.picture, request.path);
        } catch (const EngineException &error) {
            result = error.error();
        } catch (const std::exception &error) {
            result = snapshotError(failed, std::string("The snapshot failed: ") + error.what());
        }
    }
    request.done(std::move(result));
}

} // namespace rtcroom::embedded
