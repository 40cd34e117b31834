#include "runtime/Actor.h"

namespace standin {

namespace {
constexpr unsigned long FOREVER = 0xffffffff;
}

Actor::Actor(ActorHandler &handler) : handler_(handler) {
    wake_ = CreateEventW(nullptr, 0, 0, nullptr);
    thread_ = CreateThread(nullptr, 0, runMain, this, 0, &ids_[0]);
    if (!wake_ || !thread_)
        __builtin_trap();
}

Actor::~Actor() {
    end();
    CloseHandle(wake_);
}

void Actor::end() {
    __atomic_store_n(&ending_, true, __ATOMIC_RELEASE);
    SetEvent(wake_);
    if (thread_) {
        WaitForSingleObject(thread_, FOREVER);
        CloseHandle(thread_);
        thread_ = nullptr;
    }
    for (Handle &thread : storm_)
        if (thread) {
            WaitForSingleObject(thread, FOREVER);
            CloseHandle(thread);
            thread = nullptr;
        }
}

void Actor::after(uint32_t delayMs, Deed deed, int a, int b) {
    {
        const Lock hold(lock_);
        if (count_ == MOST_WAITING)
            return;
        // Sorted by time; equal times keep their order.
        const uint32_t due = nowMs() + delayMs;
        int at = count_++;
        for (; at > 0 && static_cast<int32_t>(waiting_[at - 1].dueMs - due) > 0; --at)
            waiting_[at] = waiting_[at - 1];
        waiting_[at] = {due, deed, a, b};
    }
    SetEvent(wake_);
}

void Actor::cancel(Deed deed) {
    const Lock hold(lock_);
    int kept = 0;
    for (int i = 0; i < count_; ++i)
        if (waiting_[i].deed != deed)
            waiting_[kept++] = waiting_[i];
    count_ = kept;
}

bool Actor::isOwnThread() const {
    const unsigned long id = GetCurrentThreadId();
    for (const unsigned long own : ids_)
        if (own == id)
            return true;
    return false;
}

void Actor::startStorm() {
    const Lock hold(lock_);
    for (int i = 0; i < STORM_THREADS; ++i)
        if (!storm_[i] && !ending_)
            storm_[i] = CreateThread(nullptr, 0, runStorm, this, 0, &ids_[1 + i]);
}

unsigned long STANDIN_WINAPI Actor::runMain(void *self) {
    static_cast<Actor *>(self)->loop();
    return 0;
}

unsigned long STANDIN_WINAPI Actor::runStorm(void *self) {
    auto &actor = *static_cast<Actor *>(self);
    uint32_t dice = GetCurrentThreadId() * 2654435761u | 1;
    while (!actor.ending()) {
        dice ^= dice << 13; // xorshift32
        dice ^= dice >> 17;
        dice ^= dice << 5;
        actor.handler_.storm(dice);
        __atomic_fetch_add(&actor.stormCalls_, 1, __ATOMIC_ACQ_REL);
        Sleep(dice >> 8 & 3);
    }
    return 0;
}

bool Actor::takeDue(Waiting &deed, uint32_t &waitMs) {
    const Lock hold(lock_);
    waitMs = FOREVER;
    if (count_ == 0)
        return false;
    const auto left = static_cast<int32_t>(waiting_[0].dueMs - nowMs());
    if (left > 0) {
        waitMs = static_cast<uint32_t>(left);
        return false;
    }
    deed = waiting_[0];
    --count_;
    for (int i = 0; i < count_; ++i)
        waiting_[i] = waiting_[i + 1];
    return true;
}

void Actor::loop() {
    while (!ending()) {
        Waiting deed{};
        uint32_t waitMs = 0;
        if (takeDue(deed, waitMs))
            handler_.perform(deed.deed, deed.a, deed.b);
        else
            WaitForSingleObject(wake_, waitMs);
    }
}

} // namespace standin
