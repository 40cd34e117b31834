#pragma once

#include "abi/V2Pusher.h"

namespace standin {

/// A list with the main screen and two windows; pictures where the sizes are not 0. The client releases it.
liteav::IV2TXLiveScreenCaptureSourceList *makeScreenSources(const liteav::V2TXLiveSize &thumb,
                                                            const liteav::V2TXLiveSize &icon);

} // namespace standin
