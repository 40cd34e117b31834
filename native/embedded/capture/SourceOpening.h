#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace rtcroom::embedded {

/// Of a kind of source that the embedded engine does not have.
[[noreturn]] void throwUnsupportedSource();

/// What is being opened for one pusher and may block, on a file system or a device, and what ends it from another
/// thread. One at a time; the calls that end it are of any thread.
class SourceOpening {
  public:
    /// A source of pictures is being opened, which interruptVideo() ends, for as long as this lives.
    class Video {
      public:
        /// @param stops videoStops() when it was asked for
        Video(SourceOpening &opening, std::optional<uint64_t> stops);
        ~Video();
        Video(const Video &) = delete;
        Video &operator=(const Video &) = delete;
        /// Before it began.
        bool stopped() const { return stopped_; }

      private:
        /// Whether interruptVideo() was called since there were `stops`.
        bool mark(bool opening, std::optional<uint64_t> stops = {});

        SourceOpening &opening_;
        const bool stopped_;
    };

    /// What `open` opens; it is given the flag that ends it.
    template <typename Open> auto run(Open &&open) {
        const Running running(*this);
        return open(running.abort);
    }

    /// Ends what is being opened, and what follows at once.
    void interrupt();
    /// As interrupt, of pictures alone, also where it was asked for and has not begun.
    void interruptVideo();
    uint64_t videoStops() const;
    /// Whether anything is being opened.
    bool busy() const;

  private:
    struct Running {
        explicit Running(SourceOpening &opening);
        ~Running();
        Running(const Running &) = delete;
        Running &operator=(const Running &) = delete;

        SourceOpening &opening;
        const std::shared_ptr<std::atomic<bool>> abort = std::make_shared<std::atomic<bool>>(false);
    };

    mutable std::mutex mutex_;
    /// Of what is being opened.
    std::shared_ptr<std::atomic<bool>> abort_;
    /// Nothing is opened any more.
    bool ended_ = false;
    bool openingVideo_ = false;
    bool stoppedVideo_ = false;
    uint64_t videoStops_ = 0;
};

} // namespace rtcroom::embedded
