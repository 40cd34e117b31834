#include "embedded/rtmp/RedirectTrail.h"

#include <algorithm>

namespace rtcroom::embedded {

const char *RedirectTrail::follow(std::string_view target) {
    const auto next = url().withApp(target);
    if (!next)
        return "redirects to what is no rtmp or rtmps address of an app";
    if (url().tls && !next->tls)
        return "redirects from rtmps to rtmp, which is not followed";
    if (std::ranges::find(urls_, *next) != urls_.end())
        return "redirects in a circle";
    if (redirects() == maxRedirects)
        return "redirects more than 5 times";
    urls_.push_back(*next);
    return nullptr;
}

} // namespace rtcroom::embedded
