#include "sound/SoundDevices.h"

#include <algorithm>
#include <future>
#include <utility>

#include "sound/SoundSdl.h"

namespace rtcroom::sound {

using engine::EngineException;
using engine::Error;
using engine::ErrorCode;

namespace {

constexpr auto PATIENCE = std::chrono::seconds(5);
constexpr auto WATCH = std::chrono::milliseconds(200);
/// How PulseAudio and PipeWire call what a loudspeaker plays.
constexpr std::string_view MONITOR = "Monitor of ";

bool isMonitor(const std::string &name) { return name.starts_with(MONITOR); }
int isCapture(DeviceKind kind) { return kind == DeviceKind::Speaker ? 0 : 1; }

/// Without the number that SDL gives to one that came back before it noticed that it had gone: "Headset (2)".
std::string_view plainName(std::string_view name) {
    const size_t bracket = name.rfind(" (");
    const bool numbered = name.ends_with(')') && bracket != std::string_view::npos && bracket + 3 < name.size() &&
                          std::ranges::all_of(name.substr(bracket + 2, name.size() - bracket - 3),
                                              [](char c) { return c >= '0' && c <= '9'; });
    return numbered ? name.substr(0, bracket) : name;
}

auto findDevice(std::vector<std::string> &present, std::string_view name) {
    const auto exact = std::ranges::find(present, name);
    if (exact != present.end())
        return exact;
    return std::ranges::find_if(present, [&](const std::string &each) { return plainName(each) == plainName(name); });
}

const char *nameOf(DeviceKind kind) {
    return kind == DeviceKind::Speaker ? "loudspeaker" : kind == DeviceKind::Microphone ? "microphone" : "system sound";
}

} // namespace

struct SoundDevices::Present {
    std::mutex mutex;
    std::weak_ptr<SoundDevices> devices;
    /// Whose sound system did not answer: to end it would wait for that.
    std::shared_ptr<SoundDevices> silent;
    /// Of the thread that uses SDL's sound: one may begin while the one before still ends.
    std::mutex system;
};

SoundDevices::Present &SoundDevices::present() {
    // Never destroyed: devices close after the destructors of statics when a process exits with some open.
    static Present &only = *std::make_unique<Present>().release();
    return only;
}

std::shared_ptr<SoundDevices> SoundDevices::share() {
    const std::lock_guard lock(present().mutex);
    std::shared_ptr<SoundDevices> devices = present().devices.lock();
    if (!devices)
        present().devices = devices = std::make_shared<SoundDevices>(Private{});
    return devices;
}

void SoundDevices::noteAnswer(bool answered) {
    // The caller has it still: it does not end here, under the lock.
    const std::lock_guard lock(present().mutex);
    present().silent = answered ? nullptr : shared_from_this();
}

SoundDevices::~SoundDevices() {
    thread_.post([this] { stopSystem(); });
}

std::vector<engine::Device> SoundDevices::list(DeviceKind kind) {
    soundSdl();
    const auto answer = std::make_shared<std::promise<std::vector<engine::Device>>>();
    std::future<std::vector<engine::Device>> future = answer->get_future();
    thread_.post([this, kind, answer] {
        try {
            startSystem();
            std::vector<engine::Device> devices;
            for (const std::string &name : names(kind))
                devices.push_back({.name = name, .id = name});
            answer->set_value(std::move(devices));
        } catch (...) {
            answer->set_exception(std::current_exception());
        }
    });
    const bool answered = future.wait_for(PATIENCE) == std::future_status::ready;
    noteAnswer(answered);
    if (!answered)
        throw EngineException(ErrorCode::Timeout, "the sound system does not answer; see its own log");
    return future.get();
}

std::unique_ptr<SoundStream> SoundDevices::open(DeviceKind kind, const std::string &name, int channels,
                                                SoundStream::Callback callback) {
    soundSdl();
    auto context = std::make_shared<SoundStream::Context>();
    context->callback = std::move(callback);
    thread_.post([this, context, kind, name, channels] { openNow(context, kind, name, channels); });
    return std::unique_ptr<SoundStream>(new SoundStream(shared_from_this(), std::move(context)));
}

void SoundDevices::close(ContextPtr context) {
    thread_.post([this, context = std::move(context)] {
        context->closed = true;
        if (context->device != 0)
            soundSdl().CloseAudioDevice(context->device);
        context->device = 0;
        std::erase(open_, context);
    });
}

void SoundDevices::startSystem() {
    if (started_)
        return;
    std::unique_lock turn(present().system);
    soundSdl().SetHintWithPriority("SDL_AUDIO_INCLUDE_MONITORS", "1", SDL_HINT_OVERRIDE);
    // By itself and not as SDL's subsystem: the window thread ends all of those with its last window.
    if (soundSdl().AudioInit(nullptr) != 0)
        throw EngineException(ErrorCode::DeviceNotFound,
                              std::string("this machine has no sound system that answers: ") + soundSdl().GetError());
    turn_ = std::move(turn);
    started_ = true;
}

void SoundDevices::stopSystem() {
    if (!std::exchange(started_, false))
        return;
    soundSdl().AudioQuit();
    turn_.unlock();
}

std::string SoundDevices::defaultName(DeviceKind kind) {
    if (!soundSdl().GetDefaultAudioInfo)
        return {};
    const DeviceKind asked = kind == DeviceKind::SystemSound ? DeviceKind::Speaker : kind;
    char *found = nullptr;
    SDL_AudioSpec spec{};
    if (soundSdl().GetDefaultAudioInfo(&found, &spec, isCapture(asked)) != 0 || !found)
        return {};
    const std::string name = found;
    soundSdl().free(found);
    return kind == DeviceKind::SystemSound ? std::string(MONITOR) + name : name;
}

std::vector<std::string> SoundDevices::names(DeviceKind kind) {
    std::vector<std::string> found;
    // Asked for both, since that is when SDL forgets those that have gone.
    soundSdl().GetNumAudioDevices(isCapture(kind) ? 0 : 1);
    const int count = soundSdl().GetNumAudioDevices(isCapture(kind));
    for (int i = 0; i < count; ++i)
        if (const char *name = soundSdl().GetAudioDeviceName(i, isCapture(kind)))
            if (kind == DeviceKind::Speaker || isMonitor(name) == (kind == DeviceKind::SystemSound))
                found.emplace_back(name);
    const auto own = findDevice(found, defaultName(kind));
    if (own != found.end())
        std::rotate(found.begin(), own, own + 1);
    return found;
}

void SoundDevices::openNow(const ContextPtr &context, DeviceKind kind, const std::string &name, int channels) {
    if (context->closed)
        return;
    try {
        startSystem();
        bool opened = tryOpen(*context, kind, name, channels);
        if (!opened && open_.empty()) {
            // Of a sound system that ended and came back SDL knows nothing.
            stopSystem();
            startSystem();
            opened = tryOpen(*context, kind, name, channels);
        }
        if (!opened)
            throw EngineException(openError(kind, name, soundSdl().GetError()));
    } catch (const EngineException &failure) {
        return context->fail(failure.error());
    }
    open_.push_back(context);
    context->become(SoundStream::State::Open);
    soundSdl().PauseAudioDevice(context->device, 0);
    if (!std::exchange(watching_, true))
        watch();
}

bool SoundDevices::tryOpen(SoundStream::Context &context, DeviceKind kind, const std::string &name, int channels) {
    std::vector<std::string> present = names(kind);
    const auto found = name.empty() ? present.begin() : findDevice(present, name);
    if (found == present.end())
        throw EngineException(ErrorCode::DeviceNotFound,
                              name.empty() ? std::string("this machine has no ") + nameOf(kind)
                                           : std::string("the ") + nameOf(kind) + " " + name + " is not there");
    // Nobody's choice is left to the system, which goes over to another when it is unplugged, but for what it would
    // take for a microphone.
    const bool systems = name.empty() && kind == DeviceKind::Speaker;
    SDL_AudioSpec wanted{};
    wanted.freq = DEVICE_RATE;
    wanted.format = AUDIO_F32SYS;
    wanted.channels = static_cast<Uint8>(channels);
    wanted.samples = DEVICE_BLOCK;
    wanted.callback = &SoundDevices::onBlock;
    wanted.userdata = &context;
    context.device =
        soundSdl().OpenAudioDevice(systems ? nullptr : found->c_str(), isCapture(kind), &wanted, nullptr, 0);
    return context.device != 0;
}

void SoundDevices::watch() {
    for (const ContextPtr &context : open_)
        if (soundSdl().GetAudioDeviceStatus(context->device) == SDL_AUDIO_STOPPED)
            context->become(SoundStream::State::Lost);
    for (const int capture : {0, 1})
        soundSdl().GetNumAudioDevices(capture);
    watching_ = !open_.empty();
    if (watching_)
        thread_.postAfter(WATCH, [this] { watch(); });
}

void SoundDevices::onBlock(void *userdata, unsigned char *data, int bytes) {
    auto &context = *static_cast<SoundStream::Context *>(userdata);
    const std::span<float> block(reinterpret_cast<float *>(data), static_cast<size_t>(bytes) / sizeof(float));
    const std::lock_guard lock(context.callbackMutex);
    try {
        if (context.callback)
            return context.callback(block);
    } catch (const std::exception &) {
        // Short of memory: the block is lost, not the process; SDL's C cannot let it through.
    }
    // Of a microphone nobody reads it any more.
    std::ranges::fill(block, 0.0F);
}

Error openError(DeviceKind kind, const std::string &name, const std::string &reason) {
    const std::string what =
        std::string("the ") + nameOf(kind) + (name.empty() ? "" : " " + name) + " cannot be opened: " + reason;
    const auto says = [&reason](std::initializer_list<const char *> words) {
        return std::ranges::any_of(words, [&](const char *word) { return reason.find(word) != std::string::npos; });
    };
    if (says({"busy", "in use"}))
        return {ErrorCode::DeviceOccupied, what + "; another program has it"};
    if (says({"denied", "not permitted"}))
        return {ErrorCode::DeviceFailed, what + "; let this program use it"};
    return {ErrorCode::DeviceFailed, what};
}

std::string deviceName(DeviceKind kind, int index) {
    const std::vector<engine::Device> devices = SoundDevices::share()->list(kind);
    if (index < 0 || static_cast<size_t>(index) >= devices.size())
        throw EngineException(ErrorCode::DeviceNotFound, std::string("there is no ") + nameOf(kind) + " " +
                                                             std::to_string(index) + "; this machine has " +
                                                             std::to_string(devices.size()));
    return devices[static_cast<size_t>(index)].name;
}

} // namespace rtcroom::sound
