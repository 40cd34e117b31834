#pragma once

#include "runtime/Actor.h"
#include "runtime/Call.h"
#include "tx/Generation.h"

namespace standin {

/// What a player of the two older generations does; the classes with the vendor's layouts call it.
class PlayerCore final : private ActorHandler {
  public:
    /// `owner` is the object that the client has.
    explicit PlayerCore(void *owner);
    /// Waits for the threads.
    ~PlayerCore();
    bool isOwnThread() const { return actor_.isOwnThread(); }

    /// "onEventCallback": event a with EVT_MSG; "onVideoDecodeCallback": a × b px; "onAudioDecodeCallback".
    bool fire(const char *callback, int a, int b, const char *text);

    void setCallback(void *callback, void *userData);
    bool setView(HWND view, const RECT *area);
    bool startPlay(const char *url);
    void stopPlay();
    bool playing();
    void pause(bool paused);
    int snapshot(const wchar_t *path, unsigned size);
    void setLook(int renderMode, int rotation, int mirror); // −1 leaves a value
    /// TXEOutputVideoFormat: 1 none, 2 I420, 3 RGBA or BGRA as the generation has it.
    void setOutput(int format);
    void setMessages(bool on);

  private:
    void perform(Deed deed, int a, int b) override;
    void storm(uint32_t dice) override;
    void event(int id, EventParameters &parameters);
    void event(int id, const char *message);
    void statistics();
    void frame();
    void sound();
    void paint();
    /// The lock is held.
    void keepGoing();
    struct Target {
        void *callback;
        void *userData;
    };
    Target target();

    void *const owner_;
    SrwLock lock_{};
    Target target_{};
    Target lastTarget_{}; // for late callbacks in hostile mode
    HWND view_ = nullptr;
    RECT area_{};
    int renderMode_ = 1;
    int rotation_ = 1;
    int mirror_ = 0;
    int output_ = 1;
    int width_ = 0;
    int height_ = 0;
    bool playing_ = false;
    bool connected_ = false;
    bool paused_ = false;
    bool messages_ = false;
    bool painting_ = false;
    bool framing_ = false;
    bool sounding_ = false;
    uint32_t frameStartMs_ = 0;
    uint32_t frameCount_ = 0;
    uint32_t soundStartMs_ = 0;
    uint32_t soundCount_ = 0;
    char url_[2048] = {};
    char snapshotPath_[3 * 1024] = {};
    Actor actor_; // last: its threads use the rest
};

} // namespace standin
