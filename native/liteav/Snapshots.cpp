#include "liteav/Snapshots.h"

#include <utility>

#include "embedded/media/PictureFile.h"
#include "liteav/Convert.h"
#include "liteav/abi/SdkThread.h"

namespace rtcroom::liteav {

using engine::Error;
using engine::ErrorCode;
namespace snapshotCode = embedded::snapshotCode;

std::vector<uint8_t> copyPicture(const char *bgra, int length, int width, int height) {
    if (bgra == nullptr || width <= 0 || height <= 0 || width > MAX_SIDE || height > MAX_SIDE)
        return {};
    const int64_t size = int64_t{4} * width * height;
    if (length < size)
        return {};
    const auto *bytes = reinterpret_cast<const uint8_t *>(bgra);
    return {bytes, bytes + size};
}

bool Snapshots::take(const std::string &path, engine::Completion done, const std::function<void()> &ask) {
    auto error = errorOf([&] {
        // Before the SDK is asked: its picture would be the next one's.
        if (waiting_.size() >= maxWaiting)
            throw engine::EngineException(ErrorCode::SnapshotFailed,
                                          "Too many snapshots wait for a picture; wait for their results",
                                          snapshotCode::failed);
        ask();
    });
    if (error) {
        end(path, std::move(done), std::move(error));
        return false;
    }
    waiting_.push_back({path, std::move(done), std::chrono::steady_clock::now()});
    return true;
}

std::optional<Snapshots::Waiting> Snapshots::takeOldest() {
    if (waiting_.empty())
        return std::nullopt;
    Waiting oldest = std::move(waiting_.front());
    waiting_.pop_front();
    return oldest;
}

void Snapshots::complete(const std::vector<uint8_t> &bgra, int width, int height) {
    auto oldest = takeOldest();
    if (!oldest)
        return;
    std::optional<Error> error;
    if (bgra.empty())
        error = Error{ErrorCode::SnapshotFailed, "the LiteAV SDK gave no picture", snapshotCode::failed};
    else
        error = errorOf([&] { embedded::writePicture(bgra.data(), width, height, oldest->path); });
    end(oldest->path, std::move(oldest->done), std::move(error));
}

void Snapshots::expire() {
    while (!waiting_.empty() && std::chrono::steady_clock::now() - waiting_.front().since >= patience) {
        auto oldest = takeOldest();
        end(oldest->path, std::move(oldest->done),
            Error{ErrorCode::SnapshotFailed, "the LiteAV SDK gave no picture within 5 s", snapshotCode::failed});
    }
}

void Snapshots::abort(const std::string &reason) {
    while (auto oldest = takeOldest())
        end(oldest->path, std::move(oldest->done), Error{ErrorCode::Aborted, reason, snapshotCode::failed});
}

void Snapshots::end(const std::string &path, engine::Completion done, std::optional<Error> error) {
    report_(path, error);
    if (done)
        done(std::move(error));
}

} // namespace rtcroom::liteav
