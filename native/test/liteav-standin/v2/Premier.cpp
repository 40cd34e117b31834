#include "abi/V2Premier.h"

#include "runtime/Call.h"
#include "runtime/Scenario.h"

using namespace liteav;

namespace standin {

/// The version that this build of the DLL states; its exports say which.
const char *sdkVersion();

namespace {

class Premier final : public V2TXLivePremier {
  public:
    Premier() { objects::add(static_cast<V2TXLivePremier *>(this), Kind::Premier); }
    ~Premier() override { objects::remove(static_cast<V2TXLivePremier *>(this)); }

    const char *getSDKVersionStr() override {
        const Call call(this, Kind::Premier, "getSDKVersionStr");
        return call ? sdkVersion() : nullptr;
    }

    void setObserver(V2TXLivePremierObserver *observer) override {
        Call call(this, Kind::Premier, "setObserver");
        call.address(observer);
        if (call && (!observer || call.memory(observer, sizeof(void *))))
            observer_ = observer;
    }

    void setLogConfig(const V2TXLiveLogConfig &config) override {
        Call call(this, Kind::Premier, "setLogConfig");
        if (!call || !call.memory(&config, sizeof config))
            return;
        call.arg(config.logLevel).arg(config.enableObserver).arg(config.enableConsole).arg(config.enableLogFile);
        call.text(config.logPath);
    }

    void setEnvironment(const char *environment) override {
        Call call(this, Kind::Premier, "setEnvironment");
        call.text(environment);
    }

#if STANDIN_PREMIER_LICENCE
    void setLicense(const char *url, const char *key) override {
        Call call(this, Kind::Premier, "setLicense");
        call.text(url);
        call.text(key);
        if (observer_)
            observer_->onLicenceLoaded(licenceRefused() ? -1 : 0, licenceRefused() ? "refused" : "");
    }
#endif

    int setSocks5Proxy(const char *host, unsigned short port, const char *user, const char *password,
                       const V2TXLiveSocks5ProxyConfig *config) override {
        Call call(this, Kind::Premier, "setSocks5Proxy");
        call.text(host);
        call.arg(port);
        call.text(user);
        call.text(password);
        call.address(config);
        return call.result(call && !call.faulty() ? 0 : -2);
    }

    int enableAudioCaptureObserver(bool enable, const V2TXLiveAudioFrameObserverFormat &format) override {
        Call call(this, Kind::Premier, "enableAudioCaptureObserver");
        call.arg(enable);
        if (!call || !call.memory(&format, sizeof format))
            return call.result(-2);
        call.arg(format.sampleRate).arg(format.channel).arg(format.samplesPerCall);
        return call.result(0);
    }

    void setUserId(const char *userId) override {
        Call call(this, Kind::Premier, "setUserId");
        call.text(userId);
    }

#if STANDIN_REVISION >= 3
    int callExperimentalAPI(const char *json) override {
        Call call(this, Kind::Premier, "callExperimentalAPI");
        return call.result(call.text(json) ? 0 : -2);
    }
#endif

  private:
    V2TXLivePremierObserver *observer_ = nullptr;
};

SrwLock lock;
Premier *premier;

} // namespace
} // namespace standin

V2TXLivePremier *V2TXLivePremier::getV2TXLivePremierShareInstance() {
    const standin::Call call("getV2TXLivePremierShareInstance");
    const standin::Lock hold(standin::lock);
    if (!standin::premier)
        standin::premier = new standin::Premier;
    return standin::premier;
}

void V2TXLivePremier::destroyV2TXLivePremierShareInstance() {
    const standin::Call call("destroyV2TXLivePremierShareInstance");
    const standin::Lock hold(standin::lock);
    delete standin::premier;
    standin::premier = nullptr;
}
