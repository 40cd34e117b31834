#include "embedded/net/Connector.h"

#include <algorithm>
#include <cerrno>
#include <optional>

#include "embedded/net/SessionFailure.h"
#include "embedded/net/SocketCalls.h"

namespace rtcroom::embedded {

namespace {

constexpr std::chrono::milliseconds attemptDelay{250};
constexpr size_t atOnce = 8;

std::string causeAndRemedy(int error) {
    switch (error) {
    case ECONNREFUSED:
        return "connection refused; does anything listen on that port?";
    case ENETUNREACH:
    case EHOSTUNREACH:
        return "no route to it; check this machine's network";
    case ETIMEDOUT:
    case 0:
        return "no answer in time; check the address, and firewalls in between";
    case EMFILE:
    case ENFILE:
        return "no file descriptor left; raise the limit of open files";
    default:
        return socketErrorText(error);
    }
}

class Race {
  public:
    Race(const std::vector<SocketAddress> &addresses, AddressChoice choice, const Deadline &deadline,
         Interrupt &interrupt)
        : addresses_(addresses), atOnce_(choice == AddressChoice::Nearest ? atOnce : 1), deadline_(deadline),
          interrupt_(interrupt) {}

    std::optional<Connected> run() {
        for (;;) {
            interrupt_.throwIfStopped();
            while (next_ < addresses_.size() && (attempts_.empty() || nextStart_.passed()))
                startNext();
            if (attempts_.empty())
                return std::nullopt;
            if (deadline_.passed()) {
                error_ = ETIMEDOUT;
                return std::nullopt;
            }
            if (auto winner = waitForOne())
                return winner;
        }
    }
    int error() const { return error_; }

  private:
    struct Attempt {
        Socket socket;
        size_t index;
        /// This machine's address on the way there when it began. A socket tells its own only once it is connected.
        std::string source;
    };

    void startNext() {
        std::string source = NetworkPath::sourceTowards(addresses_[next_]);
        Socket socket = Socket::connecting(addresses_[next_]);
        const int error = socket.error();
        if (error != 0)
            error_ = error;
        else
            attempts_.push_back({std::move(socket), next_, std::move(source)});
        ++next_;
        nextStart_ = error != 0 || next_ < atOnce_ ? Deadline::in({}) : Deadline::in(attemptDelay);
    }

    std::optional<Connected> waitForOne() {
        std::vector<PollEntry> fds{{interrupt_.fd(), POLLIN, 0}};
        for (const Attempt &attempt : attempts_)
            fds.push_back({attempt.socket.fd(), POLLOUT, 0});
        const Deadline end = next_ < addresses_.size() ? deadline_.earlier(nextStart_) : deadline_;
        if (pollSockets(fds, end.pollTimeoutMs()) <= 0)
            return std::nullopt;
        if (fds[0].revents != 0) {
            interrupt_.drain();
            if (interrupt_.takeNetworkChange() && misled()) {
                startAnew();
                return std::nullopt;
            }
        }
        for (size_t i = 0; i < attempts_.size(); ++i) {
            if (fds[i + 1].revents == 0)
                continue;
            Attempt &attempt = attempts_[i];
            const int error = attempt.socket.error();
            if (error == 0)
                return Connected{std::move(attempt.socket), addresses_[attempt.index]};
            error_ = error;
            attempt.socket = {};
            nextStart_ = Deadline::in({});
        }
        std::erase_if(attempts_, [](const Attempt &attempt) { return !attempt.socket; });
        return std::nullopt;
    }

    /// An attempt comes from an address that would not be taken for it now, or there is no way any more: nothing is
    /// known to come back to it.
    bool misled() const {
        return std::ranges::any_of(attempts_, [this](const Attempt &attempt) {
            return NetworkPath::sourceTowards(addresses_[attempt.index]) != attempt.source;
        });
    }

    void startAnew() {
        interrupt_.path().setTargets(addresses_);
        attempts_.clear();
        next_ = 0;
    }

    const std::vector<SocketAddress> &addresses_;
    /// Tried without waiting for each other.
    const size_t atOnce_;
    const Deadline &deadline_;
    Interrupt &interrupt_;
    std::vector<Attempt> attempts_;
    size_t next_ = 0;
    Deadline nextStart_ = Deadline::never();
    int error_ = 0;
};

} // namespace

Connected connectToAny(const std::vector<SocketAddress> &addresses, AddressChoice choice, const std::string &target,
                       const Deadline &deadline, Interrupt &interrupt) {
    Race race(addresses, choice, deadline, interrupt);
    if (auto winner = race.run())
        return std::move(*winner);
    // A refusal before the connection is there has other numbers: this one was accepted first.
    if (race.error() == ECONNRESET)
        throw SessionFailure(SessionEnd::ServerDisconnected, target + " accepted the connection and reset it at once");
    throw SessionFailure(SessionEnd::ConnectFailed,
                         "cannot connect to " + target + ": " + causeAndRemedy(race.error()));
}

} // namespace rtcroom::embedded
