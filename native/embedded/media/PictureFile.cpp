#include "embedded/media/PictureFile.h"

#include <algorithm>
#include <cctype>
#include <new>

#include "embedded/media/OutputFile.h"
#include "embedded/media/Scaler.h"

namespace rtcroom::embedded {

namespace {

using engine::EngineException;
using engine::Error;
using engine::ErrorCode;
using namespace snapshotCode;

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
    // Known before the effort of encoding; the rename makes it certain.
    checkPicturePath(path);
    const AVCodecID id = codecOf(path);
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

engine::Error snapshotError(int nativeCode, std::string message) {
    return {ErrorCode::SnapshotFailed, std::move(message), nativeCode};
}

void checkPictureEnding(const std::string &path) { codecOf(path); }

void checkPicturePath(const std::string &path) {
    checkPictureEnding(path);
    if (path.find('\0') != std::string::npos)
        throw EngineException(snapshotError(badPath, "A snapshot's path must not hold a zero byte"));
    if (pathExists(path))
        failWriting(fileExists, std::make_error_code(std::errc::file_exists));
}

void writePicture(const uint8_t *bgra, int width, int height, const std::string &path) {
    const FramePtr frame(av_frame_alloc());
    if (!frame)
        throw std::bad_alloc();
    frame->format = AV_PIX_FMT_BGR0;
    frame->width = width;
    frame->height = height;
    frame->color_range = AVCOL_RANGE_JPEG;
    // swscale reads past the last row's end by less than a vector: a buffer of its own has the room.
    if (av_frame_get_buffer(frame.get(), 0) < 0)
        throw std::bad_alloc();
    av_image_copy_plane(frame->data[0], frame->linesize[0], bgra, width * 4, width * 4, height);
    writePicture(*frame, path);
}

} // namespace rtcroom::embedded
