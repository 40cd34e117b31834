#pragma once

#include "abi/V2Pusher.h"
#include "runtime/Actor.h"
#include "runtime/Call.h"
#include "v2/DeviceManager.h"
#include "v2/Effects.h"

namespace standin {

class PusherObject final : public liteav::V2TXLivePusher, private ActorHandler {
  public:
    explicit PusherObject(int mode);
    /// Waits for the threads.
    ~PusherObject() override;
    bool isOwnThread() const { return actor_.isOwnThread(); }
    void end();

    /// Makes one callback, by the name of the observer's method, on the calling thread. a, b and text are its arguments
    /// as far as it has them; statistics count up from a. False without an observer or for an unknown name.
    bool fire(const char *callback, int a, int b, const char *text);

    void setObserver(liteav::V2TXLivePusherObserver *observer) override;
    int32_t setRenderView(void *view) override;
    int32_t setRenderMirror(liteav::V2TXLiveMirrorType mirrorType) override;
    int32_t setEncoderMirror(bool mirror) override;
    int32_t setRenderRotation(liteav::V2TXLiveRotation rotation) override;
    int32_t setRenderFillMode(liteav::V2TXLiveFillMode mode) override;
    int32_t startCamera(const char *cameraId) override;
    int32_t stopCamera() override;
    int32_t startMicrophone() override;
    int32_t stopMicrophone() override;
    int32_t startVirtualCamera(liteav::V2TXLiveImage *image) override;
    int32_t stopVirtualCamera() override;
    int32_t pauseAudio() override;
    int32_t resumeAudio() override;
    int32_t pauseVideo() override;
    int32_t resumeVideo() override;
    int32_t startPush(const char *url) override;
    int32_t stopPush() override;
    int32_t isPushing() override;
    int32_t setAudioQuality(liteav::V2TXLiveAudioQuality quality) override;
    int32_t setVideoQuality(const liteav::V2TXLiveVideoEncoderParam &param) override;
    liteav::ITXAudioEffectManager *getAudioEffectManager() override;
    liteav::ITXDeviceManager *getDeviceManager() override;
    void setBeautyStyle(liteav::V2TXLiveBeautyStyle style, uint32_t beauty, uint32_t whiteness,
                        uint32_t ruddiness) override;
    int32_t snapshot() override;
    int32_t setWatermark(const char *path, float x, float y, float scale) override;
    int32_t enableVolumeEvaluation(int32_t intervalMs) override;
    int32_t enableCustomVideoProcess(bool enable, liteav::V2TXLivePixelFormat format,
                                     liteav::V2TXLiveBufferType type) override;
    int32_t enableCustomVideoCapture(bool enable) override;
    int32_t enableCustomVideoRender(bool enable, liteav::V2TXLivePixelFormat format,
                                    liteav::V2TXLiveBufferType type) override;
    int32_t enableCustomAudioCapture(bool enable) override;
    int32_t sendCustomVideoFrame(liteav::V2TXLiveVideoFrame *frame) override;
    int32_t sendCustomAudioFrame(liteav::V2TXLiveAudioFrame *frame) override;
    int32_t sendSeiMessage(int payloadType, const uint8_t *data, uint32_t size) override;
    int32_t startScreenCapture() override;
    int32_t stopScreenCapture() override;
    int32_t startSystemAudioLoopback(const char *path) override;
    int32_t stopSystemAudioLoopback() override;
    liteav::IV2TXLiveScreenCaptureSourceList *getScreenCaptureSources(const liteav::V2TXLiveSize &thumb,
                                                                      const liteav::V2TXLiveSize &icon) override;
    int32_t setScreenCaptureSource(const liteav::V2TXLiveScreenCaptureSourceInfo &source,
                                   const liteav::V2TXLiveRect &rect,
                                   const liteav::V2TXLiveScreenCaptureProperty &property) override;
    void showDebugView(bool show) override;
    int32_t setProperty(const char *key, const void *value) override;
#if STANDIN_REVISION >= 3
    void setSystemAudioLoopbackVolume(uint32_t volume) override;
#endif
#if STANDIN_REVISION >= 4
    liteav::ITXBeautyManager *getBeautyManager() override;
    void enableSharpnessEnhancement(bool enable) override;
    void setLUTColorFilter(liteav::V2TXLiveImage *image) override;
    void setLUTColorFilterStrength(float strength) override;
    const char *getProperty(const char *key) override;
    int32_t setMixTranscodingConfig(liteav::V2TXLiveTranscodingConfig *config) override;
    int startLocalRecording(const liteav::V2TXLiveLocalRecordingParams &params) override;
    void stopLocalRecording() override;
#endif

  private:
    /// What the pictures come from; one at a time.
    enum class Source { None, Camera, Image, Screen, Custom };
    static constexpr size_t LONGEST_URL = 2048;
    static constexpr size_t LONGEST_PATH = 1024;

    void perform(Deed deed, int a, int b) override;
    void storm(uint32_t dice) override;
    void connected(bool again);
    void frame();
    void paint();
    void record(Deed deed);
    /// Begins the deeds that repeat, where they are needed and not yet running. The lock is held.
    void keepGoing();
    bool framesNeeded() const { return (render_ || process_) && source_ != Source::None; }
    int32_t begin(Call &call, Source source);
    int32_t finish(Call &call, Source source);
    int32_t enableFormat(Call &call, bool enable, int format, int type, int &target);
    liteav::V2TXLivePusherObserver *observer();

    /// Deed::Disconnected of stopPush, which has ended the push itself.
    static constexpr int OF_A_STOP = 1;

    const int mode_;
    DeviceManager devices_;
    AudioEffects effects_;
#if STANDIN_REVISION >= 4
    Beauty beauty_;
#endif
    SrwLock lock_{};
    liteav::V2TXLivePusherObserver *observer_ = nullptr;
    liteav::V2TXLivePusherObserver *lastObserver_ = nullptr; // for late callbacks in hostile mode
    HWND view_ = nullptr;
    int mirror_ = 0;
    int rotation_ = 0;
    int fill_ = 0;
    Source source_ = Source::None;
    bool microphone_ = false;
    bool customAudio_ = false;
    bool screenSourceSet_ = false;
    bool pushing_ = false;
    bool connected_ = false;
    bool recording_ = false;
    bool painting_ = false;
    bool framing_ = false;
    int render_ = 0;  // V2TXLivePixelFormat, 0 off
    int process_ = 0; // as above
    int volumeIntervalMs_ = 0;
    int recordIntervalMs_ = -1;
    uint32_t recordStartMs_ = 0;
    uint32_t frameStartMs_ = 0;
    uint32_t frameCount_ = 0;
    int videoFrames_ = 0; // custom ones, taken
    int audioFrames_ = 0;
    liteav::V2TXLiveVideoEncoderParam quality_;
    char url_[LONGEST_URL] = {};
    char recordPath_[LONGEST_PATH] = {};
    Actor actor_; // last: its threads use the rest
};

/// Width and height of a V2TXLiveVideoResolution, landscape; 0 × 0 for an unknown one.
void resolutionSize(int resolution, int &width, int &height);

} // namespace standin
