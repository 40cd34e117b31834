// Two hosts and a bad network between them, without a kernel module: the near end is an interface of the network that
// this program is started in, the far end one of a network of its own, which lives as long as this program and what is
// started in it (nsenter --net=/proc/<pid>/ns/net). Linux, with the right to make both (root).
//
//   link_emulator <number>     addresses 198.18.<number>.1 (near) and .2 (far), 0 to 255
//
// Prints {"near":…,"far":…}, then twenty times a second what each direction did. Reads lines:
//   up|down delay=20 jitter=5 loss=0.01 reorder=0 rate=600 queue=500      what is left out stays
//   up|down stall=1000
//   near host=3          the near interface's address becomes 198.18.<number>.3; .2 answers that as well
//   near connected=0     takes the near interface down, 1 brings it up again
// "up" is from near to far. Ends with its input.

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string>

#include "Link.h"

using rtcroom::test::Link;
using Clock = Link::Clock;

namespace {

constexpr auto reportInterval = std::chrono::milliseconds(50);

int demand(int result, const std::string &what) {
    if (result < 0)
        throw std::runtime_error(what + ": " + std::strerror(errno));
    return result;
}

void setAddress(int socket, ifreq &request, unsigned long operation, const std::string &text, const char *what) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    inet_pton(AF_INET, text.c_str(), &address.sin_addr);
    std::memcpy(&request.ifr_addr, &address, sizeof address);
    demand(ioctl(socket, operation, &request), what);
}

void bringUp(int socket, ifreq &request, bool up = true) {
    request.ifr_flags = up ? IFF_UP | IFF_RUNNING : 0;
    demand(ioctl(socket, SIOCSIFFLAGS, &request), "an interface cannot be brought up or down");
}

void setOwnAddress(int socket, ifreq &request, const std::string &own) {
    setAddress(socket, request, SIOCSIFADDR, own, "an address cannot be set");
    setAddress(socket, request, SIOCSIFNETMASK, "255.255.255.248", "a netmask cannot be set");
}

/// In the network that the program is in now.
int makeInterface(const std::string &name, const std::string &own) {
    const int device = demand(open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), "/dev/net/tun");
    ifreq request{};
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    demand(ioctl(device, TUNSETIFF, &request), "an interface cannot be made");
    const int socket = demand(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
    setOwnAddress(socket, request, own);
    bringUp(socket, request);
    close(socket);
    return device;
}

void bringLoopbackUp() {
    const int socket = demand(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    bringUp(socket, request);
    close(socket);
}

class Emulator {
  public:
    explicit Emulator(const std::string &number) {
        const std::string name = "rtclink" + number;
        network_ = "198.18." + number;
        near_ = makeInterface(name, network_ + ".1");
        nearControl_ = demand(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
        name.copy(nearRequest_.ifr_name, IFNAMSIZ - 1);
        demand(unshare(CLONE_NEWNET), "a network cannot be made");
        bringLoopbackUp();
        far_ = makeInterface(name, network_ + ".2");
        std::printf("{\"near\":\"%s.1\",\"far\":\"%s.2\"}\n", network_.c_str(), network_.c_str());
        std::fflush(stdout);
    }

    void run() {
        auto report = Clock::now();
        while (!ended_) {
            const auto now = Clock::now();
            if (now >= report) {
                tell();
                report = now + reportInterval;
            }
            wait(std::min({report, up_.next().value_or(report), down_.next().value_or(report)}));
            carry(near_, far_, up_);
            carry(far_, near_, down_);
        }
    }

  private:
    void wait(Clock::time_point until) {
        pollfd sources[] = {{near_, POLLIN, 0}, {far_, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
        const auto left = std::max(Clock::duration::zero(), until - Clock::now());
        const timespec timeout{std::chrono::duration_cast<std::chrono::seconds>(left).count(),
                               (left % std::chrono::seconds(1)).count()};
        if (ppoll(sources, 3, &timeout, nullptr) > 0 && sources[2].revents != 0)
            readCommands();
    }

    static void carry(int from, int to, Link &link) {
        uint8_t buffer[65536];
        for (;;) {
            const ssize_t size = read(from, buffer, sizeof buffer);
            if (size <= 0)
                break;
            link.push({buffer, buffer + size}, Clock::now());
        }
        link.run(Clock::now(), [to](const Link::Packet &packet) {
            // A full interface drops, as any does.
            [[maybe_unused]] const ssize_t written = write(to, packet.data(), packet.size());
        });
    }

    void readCommands() {
        char buffer[4096];
        const ssize_t size = read(STDIN_FILENO, buffer, sizeof buffer);
        if (size <= 0) {
            ended_ = true;
            return;
        }
        input_.append(buffer, static_cast<size_t>(size));
        for (size_t end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
            command(input_.substr(0, end));
            input_.erase(0, end + 1);
        }
    }

    void command(const std::string &line) {
        std::istringstream words(line);
        std::string word;
        words >> word;
        if (word == "near") {
            while (words >> word)
                changeNear(word);
            return;
        }
        if (word != "up" && word != "down")
            throw std::runtime_error("a line must begin with up, down or near: " + line);
        Link &link = word == "up" ? up_ : down_;
        Link::Settings settings = link.settings();
        while (words >> word) {
            const size_t sign = word.find('=');
            if (sign == std::string::npos)
                throw std::runtime_error("name=value is expected: " + line);
            const std::string name = word.substr(0, sign);
            const double value = std::stod(word.substr(sign + 1));
            if (name == "stall")
                link.stallUntil(Clock::now() + std::chrono::milliseconds(static_cast<int64_t>(value)));
            else
                setting(settings, name) = value;
        }
        link.set(settings);
    }

    void changeNear(const std::string &word) {
        const std::string host = "host=";
        if (word.starts_with(host))
            setOwnAddress(nearControl_, nearRequest_, network_ + "." + word.substr(host.size()));
        else if (word == "connected=0" || word == "connected=1")
            bringUp(nearControl_, nearRequest_, word.ends_with('1'));
        else
            throw std::runtime_error("near has no " + word);
    }

    static double &setting(Link::Settings &settings, const std::string &name) {
        if (name == "delay")
            return settings.delayMs;
        if (name == "jitter")
            return settings.jitterMs;
        if (name == "loss")
            return settings.loss;
        if (name == "reorder")
            return settings.reorder;
        if (name == "rate")
            return settings.rateKbps;
        if (name == "queue")
            return settings.queueMs;
        throw std::runtime_error("there is no setting " + name);
    }

    void tell() const {
        const auto one = [](const Link &link) {
            const Link::Stats stats = link.stats();
            char text[160];
            std::snprintf(text, sizeof text, R"({"sentBytes":%llu,"lost":%llu,"dropped":%llu,"queueMs":%.1f})",
                          static_cast<unsigned long long>(stats.sentBytes),
                          static_cast<unsigned long long>(stats.lostPackets),
                          static_cast<unsigned long long>(stats.droppedPackets), stats.queueMs);
            return std::string(text);
        };
        // As near as it gets to the clock of the decoded pictures.
        const auto sinceEpoch = std::chrono::system_clock::now().time_since_epoch();
        const auto us = std::chrono::duration_cast<std::chrono::microseconds>(sinceEpoch).count();
        std::printf("{\"atUs\":%lld,\"up\":%s,\"down\":%s}\n", static_cast<long long>(us), one(up_).c_str(),
                    one(down_).c_str());
        std::fflush(stdout);
    }

    std::string network_;
    int near_ = -1;
    // A socket stays in the network that it was made in.
    int nearControl_ = -1;
    ifreq nearRequest_{};
    int far_ = -1;
    Link up_;
    Link down_;
    std::string input_;
    bool ended_ = false;
};

} // namespace

int main(int count, char **words) {
    if (count != 2) {
        std::fprintf(stderr, "usage: link_emulator <number>\n");
        return 2;
    }
    std::signal(SIGPIPE, SIG_IGN);
    // Not to outlive a killed test.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
        Emulator(words[1]).run();
    } catch (const std::exception &error) {
        std::fprintf(stderr, "link_emulator: %s\n", error.what());
        return 1;
    }
    return 0;
}
