#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "embedded/record/Recorder.h"

namespace rtcroom::embedded {

/// What of one stream can be recorded: its units pass through here, and the recording that goes on, if one does, gets
/// them. A recording that starts in the middle is told the configurations first.
///
/// push() and discontinuity() are for the stream's threads and never wait for the disk; start() and finish() are for
/// one thread at a time.
class StreamRecording {
  public:
    void push(const EncodedPacket &packet);
    /// The stream was cut and made anew; it tells its configurations again.
    void discontinuity();
    /// The stream ended, and with it what its configurations meant. A recording goes on.
    void forgetConfigs();

    /// Opens the file. Throws RecordFailed, and InvalidState while another recording goes on.
    void start(const Recorder::Options &options, Recorder::Callbacks callbacks);
    /// See Recorder::finish. Throws InvalidState when no recording goes on.
    void finish(Recorder::Finish how);
    /// The same with Finish::Quick, at the end of it all: nothing is thrown, and what failed is told with the file.
    void end();
    /// False too when the recording ended by itself.
    bool active() const;
    /// Of the stream as it is: none, one or two.
    std::vector<EncodedPacket> configs() const;

  private:
    std::shared_ptr<Recorder> take();

    mutable std::mutex mutex_;
    std::shared_ptr<Recorder> recorder_;
    std::optional<EncodedPacket> videoConfig_;
    std::optional<EncodedPacket> audioConfig_;
};

} // namespace rtcroom::embedded
