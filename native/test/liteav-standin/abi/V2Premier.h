#pragma once

#include "abi/V2Types.h"

namespace liteav {

class V2TXLivePremierObserver {
  public:
    virtual ~V2TXLivePremierObserver() {}
    virtual void onLog(V2TXLiveLogLevel, const char *) {}
#if STANDIN_PREMIER_LICENCE
    virtual void onLicenceLoaded(int, const char *) {}
#endif
    virtual void onCaptureAudioFrame(V2TXLiveAudioFrame *) {}
};

/// STANDIN_PREMIER_LICENCE: the later header of R4, which has setLicense on the desktop.
class V2TXLivePremier {
  protected:
    virtual ~V2TXLivePremier() {}

  public:
    __declspec(dllexport) static V2TXLivePremier *getV2TXLivePremierShareInstance();
    __declspec(dllexport) static void destroyV2TXLivePremierShareInstance();

    virtual const char *getSDKVersionStr() = 0;
    virtual void setObserver(V2TXLivePremierObserver *observer) = 0;
    virtual void setLogConfig(const V2TXLiveLogConfig &config) = 0;
    virtual void setEnvironment(const char *environment) = 0;
#if STANDIN_PREMIER_LICENCE
    virtual void setLicense(const char *url, const char *key) = 0;
#endif
    virtual int setSocks5Proxy(const char *host, unsigned short port, const char *user, const char *password,
                               const V2TXLiveSocks5ProxyConfig *config = nullptr) = 0;
    virtual int enableAudioCaptureObserver(bool enable, const V2TXLiveAudioFrameObserverFormat &format) = 0;
    virtual void setUserId(const char *userId) = 0;
#if STANDIN_REVISION >= 3
    virtual int callExperimentalAPI(const char *json) = 0;
#endif
};

} // namespace liteav
