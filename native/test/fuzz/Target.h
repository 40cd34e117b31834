#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <span>
#include <string>

namespace rtcroom::fuzz {

using Input = std::span<const uint8_t>;

/// What must hold for every input; ends the program where it does not.
inline void expect(bool holds, const char *what) {
    if (holds)
        return;
    std::fprintf(stderr, "fuzz target: it does not hold that %s\n", what);
    std::abort();
}

/// Takes an input apart; where it is at its end there are zeros and empty rows.
class Parts {
  public:
    explicit Parts(Input input) : left_(input) {}
    bool empty() const { return left_.empty(); }
    Input bytes(size_t count) {
        const Input taken = left_.first(std::min(count, left_.size()));
        left_ = left_.subspan(taken.size());
        return taken;
    }
    uint64_t number(size_t bytesWanted) {
        uint64_t value = 0;
        for (const uint8_t byte : bytes(bytesWanted))
            value = value << 8 | byte;
        return value;
    }
    Input rest() { return bytes(left_.size()); }

  private:
    Input left_;
};

/// The targets of the program, by name; for the replay of the corpora.
inline std::map<std::string, std::function<void(Input)>> &targets() {
    static std::map<std::string, std::function<void(Input)>> all;
    return all;
}

struct Registered {
    Registered(const char *name, void (*run)(Input)) { targets()[name] = run; }
};

} // namespace rtcroom::fuzz

#ifdef RTCROOM_FUZZER
#define RTCROOM_FUZZ_TARGET_ENTRY(name)                                                                                \
    extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {                                          \
        name(rtcroom::fuzz::Input(data, size));                                                                        \
        return 0;                                                                                                      \
    }
#else
#define RTCROOM_FUZZ_TARGET_ENTRY(name) static const rtcroom::fuzz::Registered registered(#name, name);
#endif

/// Defines the target that its file is named after: a program of libFuzzer, or in the C++ tests what replays the
/// corpus.
#define RTCROOM_FUZZ_TARGET(name, parameter)                                                                           \
    static void name(rtcroom::fuzz::Input parameter);                                                                  \
    RTCROOM_FUZZ_TARGET_ENTRY(name)                                                                                    \
    static void name(rtcroom::fuzz::Input parameter)
