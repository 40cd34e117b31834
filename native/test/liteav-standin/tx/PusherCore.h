#pragma once

#include "runtime/Actor.h"
#include "runtime/Call.h"
#include "tx/Generation.h"

namespace standin {

/// What a pusher of the two older generations does; the classes with the vendor's layouts call it.
class PusherCore final : private ActorHandler {
  public:
    /// `owner` is the object that the client has.
    explicit PusherCore(void *owner);
    /// Waits for the threads.
    ~PusherCore();
    bool isOwnThread() const { return actor_.isOwnThread(); }

    /// "onEventCallback": event a with EVT_MSG; "onVideoCaptureCallback": a × b px; "onAudioCaptureCallback".
    bool fire(const char *callback, int a, int b, const char *text);

    void setCallback(void *callback, void *userData);
    /// Sources as TXEVideoCaptureSrcType: 1 camera, 2 screen, 1001 the client's frames. Null area: the whole window.
    bool startPreview(int source, HWND view, const RECT *area);
    void updatePreview(HWND view, const RECT *area);
    void stopPreview();
    bool startPush(const char *url);
    void stopPush();
    bool pushing();
    int source();
    void setAudio(bool on);
    int snapshot(const wchar_t *path, unsigned size);
    int startRecord(const char *path);
    int stopRecord();
    bool switchCamera(int index);
    void setLook(int renderMode, int rotation, int mirror); // −1 leaves a value
    void setKbps(int kbps);
    void setSize(int width, int height);

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
    int source_ = 0;
    int renderMode_ = 1;
    int rotation_ = 1;
    int mirror_ = 0;
    int kbps_ = 800;
    int width_ = 640;
    int height_ = 360;
    int snapshotCode_ = 0;
    bool audio_ = false;
    bool pushing_ = false;
    bool connected_ = false;
    bool recording_ = false;
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

/// Width and height of a TXEVideoResolution; false for an unknown one.
bool txResolution(int resolution, int &width, int &height);

} // namespace standin
