#include "engine/Error.h"

namespace rtcroom::engine {

const char *errorCodeName(ErrorCode code) {
    switch (code) {
    case ErrorCode::InvalidArgument:
        return "ERR_RTC_INVALID_ARGUMENT";
    case ErrorCode::InvalidState:
        return "ERR_RTC_INVALID_STATE";
    case ErrorCode::Unsupported:
        return "ERR_RTC_UNSUPPORTED";
    case ErrorCode::InvalidUrl:
        return "ERR_RTC_INVALID_URL";
    case ErrorCode::DnsFailed:
        return "ERR_RTC_DNS_FAILED";
    case ErrorCode::ConnectFailed:
        return "ERR_RTC_CONNECT_FAILED";
    case ErrorCode::HandshakeFailed:
        return "ERR_RTC_HANDSHAKE_FAILED";
    case ErrorCode::CertificateRejected:
        return "ERR_RTC_CERTIFICATE_REJECTED";
    case ErrorCode::ProxyRefused:
        return "ERR_RTC_PROXY_REFUSED";
    case ErrorCode::NetworkChanged:
        return "ERR_RTC_NETWORK_CHANGED";
    case ErrorCode::ServerDisconnected:
        return "ERR_RTC_SERVER_DISCONNECTED";
    case ErrorCode::PublishRefused:
        return "ERR_RTC_PUBLISH_REFUSED";
    case ErrorCode::PlayRefused:
        return "ERR_RTC_PLAY_REFUSED";
    case ErrorCode::StreamNotFound:
        return "ERR_RTC_STREAM_NOT_FOUND";
    case ErrorCode::Timeout:
        return "ERR_RTC_TIMEOUT";
    case ErrorCode::Aborted:
        return "ERR_RTC_ABORTED";
    case ErrorCode::Closed:
        return "ERR_RTC_CLOSED";
    case ErrorCode::FileOpenFailed:
        return "ERR_RTC_FILE_OPEN_FAILED";
    case ErrorCode::NotMedia:
        return "ERR_RTC_NOT_MEDIA";
    case ErrorCode::EncodeFailed:
        return "ERR_RTC_ENCODE_FAILED";
    case ErrorCode::DecodeFailed:
        return "ERR_RTC_DECODE_FAILED";
    case ErrorCode::SnapshotFailed:
        return "ERR_RTC_SNAPSHOT_FAILED";
    case ErrorCode::RecordFailed:
        return "ERR_RTC_RECORD_FAILED";
    case ErrorCode::SdkNotFound:
        return "ERR_RTC_SDK_NOT_FOUND";
    case ErrorCode::SdkWrongArchitecture:
        return "ERR_RTC_SDK_WRONG_ARCHITECTURE";
    case ErrorCode::SdkCorrupt:
        return "ERR_RTC_SDK_CORRUPT";
    case ErrorCode::SdkDependencyMissing:
        return "ERR_RTC_SDK_DEPENDENCY_MISSING";
    case ErrorCode::SdkIncompatible:
        return "ERR_RTC_SDK_INCOMPATIBLE";
    case ErrorCode::SdkFailed:
        return "ERR_RTC_SDK_FAILED";
    case ErrorCode::LicenceRefused:
        return "ERR_RTC_LICENCE_REFUSED";
    case ErrorCode::WindowFailed:
        return "ERR_RTC_WINDOW_FAILED";
    case ErrorCode::DeviceNotFound:
        return "ERR_RTC_DEVICE_NOT_FOUND";
    case ErrorCode::DeviceOccupied:
        return "ERR_RTC_DEVICE_OCCUPIED";
    case ErrorCode::DeviceFailed:
        return "ERR_RTC_DEVICE_FAILED";
    case ErrorCode::Internal:
        return "ERR_RTC_INTERNAL";
    }
    return "ERR_RTC_INTERNAL";
}

bool isRetryable(ErrorCode code) {
    switch (code) {
    case ErrorCode::DnsFailed:
    case ErrorCode::ConnectFailed:
    case ErrorCode::HandshakeFailed:
    case ErrorCode::NetworkChanged:
    case ErrorCode::ServerDisconnected:
    case ErrorCode::StreamNotFound:
    case ErrorCode::Timeout:
    case ErrorCode::DeviceOccupied:
        return true;
    default:
        return false;
    }
}

void requireRange(const char *what, int64_t value, int64_t min, int64_t max) {
    if (value < min || value > max)
        throw EngineException(ErrorCode::InvalidArgument, std::string(what) + " must be " + std::to_string(min) +
                                                              " to " + std::to_string(max) + ", not " +
                                                              std::to_string(value));
}

} // namespace rtcroom::engine
