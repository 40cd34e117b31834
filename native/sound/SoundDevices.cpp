#include "sound/SoundDevices.h"

#include <algorithm>
#include <cstdlib>
#include <future>
#include <utility>

#include "sound/SoundSdl.h"

namespace rtcroom::sound {

using engine::EngineException;
using engine::Error;
using engine::ErrorCode;

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds PATIENCE{5000};
/// Of who waits for a list: a call into an engine in a child process waits 5 s.
constexpr milliseconds LISTING{4000};
/// Devices close within some 100 ms, unless the sound server hangs.
constexpr milliseconds ENDING{500};
constexpr auto WATCH = std::chrono::milliseconds(200);
/// How old SDL's list of devices may be while none of them is open.
constexpr milliseconds FRESH{500};
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
    /// Whose sound server did not answer: to end them would wait for that.
    std::vector<std::shared_ptr<SoundDevices>> kept;
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
    if (!devices && !present().kept.empty()) {
        devices = std::move(present().kept.back());
        present().kept.pop_back();
    }
    if (!devices)
        devices = std::shared_ptr<SoundDevices>(new SoundDevices, release);
    present().devices = devices;
    return devices;
}

void SoundDevices::release(SoundDevices *devices) {
    const auto ended = std::make_shared<std::promise<void>>();
    devices->post([devices, ended] {
        devices->stopSystem();
        ended->set_value();
    });
    if (ended->get_future().wait_for(std::min(ENDING, devices->patience())) == std::future_status::ready) {
        delete devices;
        return;
    }
    const std::lock_guard lock(present().mutex);
    present().kept.emplace_back(devices, release);
}

void SoundDevices::post(engine::TaskThread::Task task, milliseconds delay) {
    const auto timed = [this, task = std::move(task)] {
        {
            const std::lock_guard lock(mutex_);
            busySince_ = Clock::now();
        }
        task();
        const std::lock_guard lock(mutex_);
        busySince_.reset();
    };
    thread_.postAfter(delay, timed);
}

milliseconds SoundDevices::patience() const {
    const std::lock_guard lock(mutex_);
    if (!busySince_)
        return PATIENCE;
    const auto busy = std::chrono::duration_cast<milliseconds>(Clock::now() - *busySince_);
    return std::max(PATIENCE - busy, milliseconds(0));
}

Error SoundDevices::lost(const SoundStream &stream, DeviceKind kind, const std::string &name) const {
    const std::string device = std::string("the ") + nameOf(kind) + (name.empty() ? "" : " " + name);
    if (!stream.stopped())
        return {ErrorCode::DeviceFailed, device + " is gone"};
    return {ErrorCode::DeviceFailed, device + " has stood still for 3 s: " + noAnswer().message};
}

Error SoundDevices::noAnswer() const {
    std::string server = "PulseAudio, PipeWire or ALSA";
    const std::lock_guard lock(mutex_);
    if (!driver_.empty())
        server = driver_;
    else if (const char *asked = std::getenv("SDL_AUDIODRIVER"))
        server = asked;
    return {ErrorCode::DeviceFailed, "the sound server (" + server +
                                         ") does not answer: see its log, and start it anew if it is stopped or stuck"};
}

std::vector<engine::Device> SoundDevices::list(DeviceKind kind) {
    soundSdl();
    const auto answer = std::make_shared<std::promise<std::vector<engine::Device>>>();
    std::future<std::vector<engine::Device>> future = answer->get_future();
    post([this, kind, answer] {
        try {
            renewSystem();
            std::vector<engine::Device> devices;
            for (const std::string &name : names(kind))
                devices.push_back({.name = name, .id = name});
            answer->set_value(std::move(devices));
        } catch (...) {
            answer->set_exception(std::current_exception());
        }
    });
    if (future.wait_for(std::min(LISTING, patience())) != std::future_status::ready)
        throw EngineException(noAnswer());
    return future.get();
}

std::unique_ptr<SoundStream> SoundDevices::open(DeviceKind kind, const std::string &name, int channels,
                                                SoundStream::Callback callback) {
    soundSdl();
    auto context = std::make_shared<SoundStream::Context>();
    context->callback = std::move(callback);
    post([this, context, kind, name, channels] { openNow(context, kind, name, channels); });
    return std::unique_ptr<SoundStream>(new SoundStream(shared_from_this(), std::move(context)));
}

void SoundDevices::close(ContextPtr context) {
    post([this, context = std::move(context)] {
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
    startedAt_ = Clock::now();
    if (const char *driver = soundSdl().GetCurrentAudioDriver()) {
        const std::lock_guard lock(mutex_);
        driver_ = driver;
    }
}

// SDL knows nothing of a server that ended and came back, nor of what was plugged in while it began to listen.
void SoundDevices::renewSystem() {
    if (open_.empty() && Clock::now() - startedAt_ > FRESH)
        stopSystem();
    startSystem();
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
        post([this] { watch(); }, WATCH);
}

void SoundDevices::onBlock(void *userdata, unsigned char *data, int bytes) {
    auto &context = *static_cast<SoundStream::Context *>(userdata);
    const std::span<float> block(reinterpret_cast<float *>(data), static_cast<size_t>(bytes) / sizeof(float));
    ++context.blocks;
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
