#pragma once

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace rtcroom::test {

/// A PulseAudio server of its own, without hardware: the loudspeakers "One" and "Two" (null sinks, which keep the
/// time), and the microphone "Micro", which hears what is played in the loudspeaker "Mouth". SDL uses it while the
/// object lives.
class PulseServer {
  public:
    PulseServer() {
        std::string pattern = (std::filesystem::temp_directory_path() / "rtcroom-pulse-XXXXXX").string();
        if (!mkdtemp(pattern.data()))
            throw std::runtime_error("no folder for PulseAudio");
        folder_ = pattern;
        start();
    }
    ~PulseServer() {
        unsetenv("PULSE_SERVER");
        unsetenv("SDL_AUDIODRIVER");
        stop();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    PulseServer(const PulseServer &) = delete;
    PulseServer &operator=(const PulseServer &) = delete;

    void start() {
        const std::string socket = (folder_ / "native").string();
        std::filesystem::remove(socket);
        pid_ = spawn({"pulseaudio",
                      "-n",
                      "--daemonize=no",
                      "--use-pid-file=no",
                      "--exit-idle-time=-1",
                      "--realtime=no",
                      "--high-priority=no",
                      "--log-target=null",
                      "-L",
                      "module-native-protocol-unix socket=" + socket + " auth-anonymous=1",
                      "-L",
                      nullSink("One"),
                      "-L",
                      nullSink("Two"),
                      "-L",
                      nullSink("Mouth"),
                      "-L",
                      "module-remap-source master=Mouth.monitor source_name=Micro "
                      "source_properties=device.description=Micro",
                      "-L",
                      "module-always-sink"});
        setenv("PULSE_SERVER", ("unix:" + socket).c_str(), 1);
        setenv("SDL_AUDIODRIVER", "pulseaudio", 1);
        for (int i = 0; i < 500; ++i) {
            if (std::filesystem::exists(socket) && control({"info"}) == 0) {
                control({"set-default-sink", "One"});
                control({"set-default-source", "Micro"});
                return;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        throw std::runtime_error("PulseAudio does not start; apt-get install pulseaudio pulseaudio-utils");
    }
    void stop() {
        if (pid_ <= 0)
            return;
        ::kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    /// It hangs, until resume().
    void pause() const { ::kill(pid_, SIGSTOP); }
    void resume() const { ::kill(pid_, SIGCONT); }
    void plug(const std::string &name) const {
        demand({"load-module", "module-null-sink", "sink_name=" + name, "norewinds=1",
                "sink_properties=device.description=" + name});
    }
    void plugMicrophone() const {
        demand({"load-module", "module-remap-source", "master=Mouth.monitor", "source_name=Micro",
                "source_properties=device.description=Micro"});
        demand({"set-default-source", "Micro"});
    }
    /// All null sinks, or another module.
    void unplugAll(const std::string &module = "module-null-sink") const { demand({"unload-module", module}); }
    /// pactl's exit code.
    int control(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "pactl");
        int status = 0;
        waitpid(spawn(arguments), &status, 0);
        return status;
    }

  private:
    void demand(const std::vector<std::string> &arguments) const {
        if (control(arguments) != 0)
            throw std::runtime_error("pactl " + arguments.front() + " failed");
    }
    /// Without rewinds it does not sleep for 2 s when nothing plays, which whoever begins to play would wait for.
    static std::string nullSink(const std::string &name) {
        return "module-null-sink sink_name=" + name +
               " norewinds=1 rate=48000 sink_properties=device.description=" + name;
    }
    pid_t spawn(const std::vector<std::string> &arguments) const {
        std::vector<char *> argv;
        for (const std::string &argument : arguments)
            argv.push_back(const_cast<char *>(argument.c_str()));
        argv.push_back(nullptr);
        const std::string home = folder_.string();
        const pid_t pid = fork();
        if (pid != 0)
            return pid;
        // It ends with a test program that crashes, and keeps none of its pipes open.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (const char *name : {"HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"})
            setenv(name, home.c_str(), 1);
        const int nothing = open("/dev/null", O_RDWR);
        for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            dup2(nothing, stream);
        execvp(argv[0], argv.data());
        _exit(127);
    }

    std::filesystem::path folder_;
    pid_t pid_ = -1;
};

} // namespace rtcroom::test
