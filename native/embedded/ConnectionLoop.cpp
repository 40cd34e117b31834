#include "embedded/ConnectionLoop.h"

#include <chrono>
#include <random>
#include <utility>

#include "embedded/net/NetworkWatch.h"

namespace rtcroom::embedded {

using engine::ErrorCode;
using engine::Side;

ConnectionLoop::ConnectionLoop(Hooks hooks, const engine::NetworkOptions &options)
    : hooks_(std::move(hooks)), retryCount_(options.connectRetryCount),
      retryIntervalMs_(options.connectRetryIntervalMs) {}

ConnectionLoop::~ConnectionLoop() {
    stop();
    join();
}

void ConnectionLoop::start() {
    join();
    {
        const std::lock_guard lock(mutex_);
        stopped_ = false;
        failures_ = 0;
    }
    thread_ = std::thread([this] { loop(); });
}

void ConnectionLoop::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    wake_.notify_all();
}

void ConnectionLoop::join() {
    if (thread_.joinable())
        thread_.join();
}

void ConnectionLoop::noteProgress() {
    const std::lock_guard lock(mutex_);
    failures_ = 0;
}

void ConnectionLoop::setRetries(int count, int intervalMs) {
    {
        const std::lock_guard lock(mutex_);
        retryCount_ = count;
        retryIntervalMs_ = intervalMs;
    }
    wake_.notify_all();
}

void ConnectionLoop::noteNetworkChange() {
    if (hooks_.onNetworkChange)
        hooks_.onNetworkChange();
    {
        const std::lock_guard lock(mutex_);
        networkChanged_ = true;
    }
    wake_.notify_all();
}

void ConnectionLoop::loop() {
    const NetworkWatch watch([this] { noteNetworkChange(); });
    for (;;) {
        const SessionResult result = hooks_.run();
        int attempt = 0;
        bool retrying = false;
        {
            const std::lock_guard lock(mutex_);
            if (stopped_ || result.end == SessionEnd::Stopped)
                return;
            retrying = !isFinal(result.end) && failures_ < retryCount_;
            attempt = ++failures_;
        }
        hooks_.onFault(result, retrying);
        if (!retrying) {
            hooks_.onGiveUp(result);
            return;
        }
        if (!waitBeforeRetry())
            return;
        hooks_.onRetry(attempt);
    }
}

bool ConnectionLoop::waitBeforeRetry() {
    static thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_real_distribution<double> jitter(0.9, 1.1);
    const auto begin = std::chrono::steady_clock::now();
    const double share = jitter(random);
    std::unique_lock lock(mutex_);
    for (;;) {
        networkChanged_ = false;
        lock.unlock();
        const bool again = hooks_.hasNewRoute && hooks_.hasNewRoute();
        lock.lock();
        if (again)
            return !stopped_;
        const int intervalMs = retryIntervalMs_;
        const auto wait = std::chrono::duration<double, std::milli>(intervalMs * share);
        const bool woken = wake_.wait_until(lock, begin + std::chrono::ceil<std::chrono::milliseconds>(wait), [&] {
            return stopped_ || networkChanged_ || retryIntervalMs_ != intervalMs;
        });
        if (stopped_ || !woken)
            return !stopped_;
    }
}

bool isRefusal(SessionEnd end) { return end == SessionEnd::Refused || end == SessionEnd::NameTaken; }

bool isFinal(SessionEnd end) {
    return end == SessionEnd::Stopped || end == SessionEnd::InvalidUrl || end == SessionEnd::Refused ||
           end == SessionEnd::CertificateRejected || end == SessionEnd::ProxyRefused;
}

engine::Error sessionError(const SessionResult &result, Side side) {
    const bool push = side == Side::Push;
    ErrorCode code = ErrorCode::Internal;
    switch (result.end) {
    case SessionEnd::Stopped:
        code = ErrorCode::Aborted;
        break;
    case SessionEnd::InvalidUrl:
        code = ErrorCode::InvalidUrl;
        break;
    case SessionEnd::DnsFailed:
        code = ErrorCode::DnsFailed;
        break;
    case SessionEnd::ConnectFailed:
        code = ErrorCode::ConnectFailed;
        break;
    case SessionEnd::HandshakeFailed:
        code = ErrorCode::HandshakeFailed;
        break;
    case SessionEnd::CertificateRejected:
        code = ErrorCode::CertificateRejected;
        break;
    case SessionEnd::ProxyRefused:
        code = ErrorCode::ProxyRefused;
        break;
    case SessionEnd::Refused:
    case SessionEnd::NameTaken:
        code = push ? ErrorCode::PublishRefused : ErrorCode::PlayRefused;
        break;
    case SessionEnd::StreamNotFound:
    case SessionEnd::StreamEnded:
        code = ErrorCode::StreamNotFound;
        break;
    case SessionEnd::ServerDisconnected:
        code = ErrorCode::ServerDisconnected;
        break;
    case SessionEnd::NoData:
        code = ErrorCode::Timeout;
        break;
    case SessionEnd::NetworkChanged:
        code = ErrorCode::NetworkChanged;
        break;
    }
    const int disconnect = push ? engine::event::PUSH_ERR_NET_DISCONNECT : engine::event::PLAY_ERR_NET_DISCONNECT;
    const int refused = push ? engine::event::PUSH_ERR_SERVER_REFUSED : engine::event::PLAY_ERR_STREAM_REFUSED;
    int native = disconnect;
    if (isRefusal(result.end))
        native = refused;
    else if (result.end == SessionEnd::Stopped || result.end == SessionEnd::InvalidUrl)
        native = 0;
    return {code, result.message, native};
}

int warningOf(SessionEnd end, Side side) {
    switch (end) {
    case SessionEnd::DnsFailed:
        return engine::event::WARNING_DNS_FAIL;
    case SessionEnd::ConnectFailed:
    case SessionEnd::ProxyRefused:
        return engine::event::WARNING_SEVER_CONN_FAIL;
    case SessionEnd::HandshakeFailed:
    case SessionEnd::CertificateRejected:
        return engine::event::WARNING_SHAKE_FAIL;
    case SessionEnd::ServerDisconnected:
    case SessionEnd::NameTaken:
    case SessionEnd::StreamNotFound:
    case SessionEnd::StreamEnded:
        return engine::event::WARNING_SERVER_DISCONNECT;
    case SessionEnd::NoData:
        return side == Side::Push ? engine::event::PUSH_WARNING_SERVER_NO_DATA
                                  : engine::event::PLAY_WARNING_RECV_DATA_LAG;
    default:
        return 0;
    }
}

} // namespace rtcroom::embedded
