#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

namespace rtcroom::engine {

/// What went wrong, as the application sees it. The string form (`errorCodeName`) is the public, stable one.
enum class ErrorCode {
    InvalidArgument,
    InvalidState,
    Unsupported,
    InvalidUrl,
    DnsFailed,
    ConnectFailed,
    HandshakeFailed,
    ServerDisconnected,
    PublishRefused,
    PlayRefused,
    StreamNotFound,
    Timeout,
    Aborted,
    Closed,
    FileOpenFailed,
    NotMedia,
    EncodeFailed,
    DecodeFailed,
    SnapshotFailed,
    RecordFailed,
    SdkNotFound,
    SdkWrongArchitecture,
    SdkCorrupt,
    SdkDependencyMissing,
    SdkIncompatible, // lacks exports, or a revision that is not known
    SdkFailed,       // its factory or a call of it failed without a nearer reason
    LicenceRefused,
    WindowFailed, // no display, no such window, or it cannot be drawn into
    Internal,
    CertificateRejected,
    ProxyRefused,
    NetworkChanged,
    DeviceNotFound,
    DeviceOccupied,
    DeviceFailed,
};

/// `ERR_RTC_…`, the `code` of the JavaScript error.
const char *errorCodeName(ErrorCode code);

/// True when the same call may succeed later without a change by the caller (a network fault, not a refusal).
bool isRetryable(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::Internal;
    /// Names the cause and, where there is one, the remedy. Never holds a URL's query or a stream key.
    std::string message;
    /// The SDK's own number where it has one (-1307, a snapshot's -3 …), else 0.
    int nativeCode = 0;
};

/// Thrown by calls that fail at once (bad argument, wrong state, not supported).
class EngineException : public std::runtime_error {
  public:
    explicit EngineException(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
    EngineException(ErrorCode code, const std::string &message, int nativeCode = 0)
        : EngineException(Error{code, message, nativeCode}) {}
    const Error &error() const { return error_; }

  private:
    Error error_;
};

/// Throws EngineException(InvalidArgument), which names `what`, outside `min` to `max`.
void requireRange(const char *what, int64_t value, int64_t min, int64_t max);

/// Ends an asynchronous call: no value is success. Called exactly once, on an engine thread; at the latest while the
/// object closes, then with `ErrorCode::Aborted`.
using Completion = std::function<void(std::optional<Error>)>;

} // namespace rtcroom::engine
