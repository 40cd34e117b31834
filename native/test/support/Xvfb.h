#pragma once

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rtcroom::test {

/// An X server of its own on a free display, in memory; DISPLAY names it while the object lives.
class Xvfb {
  public:
    Xvfb() {
        int display[2];
        if (pipe(display) != 0)
            throw std::runtime_error("no pipe");
        pid_ = fork();
        if (pid_ == 0) {
            close(display[0]);
            // It ends with a test program that crashes, and keeps none of its pipes open.
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            const int nothing = open("/dev/null", O_RDWR);
            dup2(nothing, STDOUT_FILENO);
            dup2(nothing, STDERR_FILENO);
            const std::string number = std::to_string(display[1]);
            execlp("Xvfb", "Xvfb", "-displayfd", number.c_str(), "-screen", "0", "1280x800x24", "-nolisten", "tcp",
                   "-noreset", nullptr);
            _exit(127);
        }
        close(display[1]);
        std::string number;
        // Ends with the line, or with the server.
        for (char digit = 0; read(display[0], &digit, 1) == 1 && digit != '\n';)
            number += digit;
        close(display[0]);
        if (number.empty()) {
            stop();
            throw std::runtime_error("Xvfb does not start; apt-get install xvfb");
        }
        name_ = ":" + number;
        setenv("DISPLAY", name_.c_str(), 1);
    }
    ~Xvfb() {
        unsetenv("DISPLAY");
        stop();
    }
    Xvfb(const Xvfb &) = delete;
    Xvfb &operator=(const Xvfb &) = delete;

    void kill() const { ::kill(pid_, SIGKILL); }

  private:
    void stop() const {
        ::kill(pid_, SIGTERM);
        waitpid(pid_, nullptr, 0);
    }

    pid_t pid_ = -1;
    std::string name_;
};

} // namespace rtcroom::test
