#pragma once

#include <string_view>
#include <vector>

#include "embedded/net/StreamUrl.h"

namespace rtcroom::embedded {

/// Where a stream is looked for, from server to server: a rejected connect may name another address of the app
/// (ex.redirect with ex.code 302), where the same stream is.
class RedirectTrail {
  public:
    static constexpr size_t maxRedirects = 5;

    explicit RedirectTrail(StreamUrl first) { urls_.push_back(std::move(first)); }

    const StreamUrl &url() const { return urls_.back(); }
    size_t redirects() const { return urls_.size() - 1; }
    /// Goes on to `target`, rtmp[s]://host[:port]/app. Null, or why that is not followed: a text without a secret.
    const char *follow(std::string_view target);

  private:
    std::vector<StreamUrl> urls_;
};

} // namespace rtcroom::embedded
