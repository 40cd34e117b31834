#pragma once

#include <spawn.h>
#include <string>
#include <unistd.h>

namespace rtcroom::test {

/// A part of a test that is a process of its own, so that it can be killed. A static object makes it known to `main`,
/// which runs it alone when the program is started with `--child <name> <argument>`.
class ChildPart {
  public:
    using Run = void (*)(const std::string &argument);

    ChildPart(const char *name, Run run) : name_(name), run_(run), next_(first()) { first() = this; }

    /// @return the process; -1 when it could not be started
    pid_t start(std::string argument) const {
        std::string program = "/proc/self/exe", option = "--child", name = name_;
        char *arguments[] = {program.data(), option.data(), name.data(), argument.data(), nullptr};
        pid_t child = -1;
        return posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ) == 0 ? child : -1;
    }

    /// @return of the process; 2 when there is no such part
    static int runNamed(const std::string &name, const std::string &argument) {
        for (const ChildPart *part = first(); part; part = part->next_)
            if (name == part->name_) {
                part->run_(argument);
                return 0;
            }
        return 2;
    }

  private:
    static const ChildPart *&first() {
        static const ChildPart *list = nullptr;
        return list;
    }

    const char *name_;
    Run run_;
    const ChildPart *next_;
};

} // namespace rtcroom::test
