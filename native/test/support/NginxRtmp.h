#pragma once

#include <arpa/inet.h>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace rtcroom::test {

/// A port of 127.0.0.1 that was free a moment ago.
inline int freePort() {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(fd, reinterpret_cast<sockaddr *>(&address), length) != 0 ||
        getsockname(fd, reinterpret_cast<sockaddr *>(&address), &length) != 0)
        throw std::runtime_error("no free port");
    close(fd);
    return ntohs(address.sin_port);
}

inline bool canConnect(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool ok = connect(fd, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
    close(fd);
    return ok;
}

/// Debian's nginx with libnginx-mod-rtmp, on a free port, in a folder of its own. Ended with the object.
class NginxRtmp {
  public:
    NginxRtmp() : port_(freePort()) {
        std::string pattern = (std::filesystem::temp_directory_path() / "rtcroom-nginx-XXXXXX").string();
        if (!mkdtemp(pattern.data()))
            throw std::runtime_error("no temporary folder");
        folder_ = pattern;
        // The worker may run as another user than the folder's owner.
        std::filesystem::permissions(folder_, std::filesystem::perms::all);
        std::ofstream(folder_ / "nginx.conf")
            << "load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;\n"
            << "daemon off; master_process off; pid " << (folder_ / "pid").string() << ";\nerror_log "
            << (folder_ / "error.log").string() << " error;\nevents { worker_connections 256; }\n"
            << "rtmp { server { listen 127.0.0.1:" << port_ << "; chunk_size 4096; application live { live on; } } }\n";
        start();
    }
    ~NginxRtmp() {
        stop();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    NginxRtmp(const NginxRtmp &) = delete;
    NginxRtmp &operator=(const NginxRtmp &) = delete;

    void start() {
        pid_ = fork();
        if (pid_ == 0) {
            execl("/usr/sbin/nginx", "nginx", "-c", (folder_ / "nginx.conf").c_str(), "-p", folder_.c_str(), "-e",
                  (folder_ / "error.log").c_str(), nullptr);
            _exit(127);
        }
        for (int i = 0; i < 500; ++i) {
            if (canConnect(port_))
                return;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        throw std::runtime_error("nginx with the RTMP module did not start; install nginx-light and libnginx-mod-rtmp");
    }
    void stop() {
        if (pid_ <= 0)
            return;
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }
    int port() const { return port_; }
    std::string url(const std::string &stream) const {
        return "rtmp://127.0.0.1:" + std::to_string(port_) + "/live/" + stream;
    }

  private:
    int port_;
    pid_t pid_ = 0;
    std::filesystem::path folder_;
};

} // namespace rtcroom::test
