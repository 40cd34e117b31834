#include "liteav/abi/Observer.h"

#include <utility>
#include <vector>

namespace rtcroom::liteav {

int RTCROOM_SDK_METHOD ignoreCallback(void *) { return 0; }

void keepForever(std::shared_ptr<void> observer) {
    struct Graveyard {
        std::mutex mutex;
        std::vector<std::shared_ptr<void>> kept;
    };
    // Never destroyed: the SDK's threads outlive the process's static objects.
    static Graveyard &graveyard = *std::make_unique<Graveyard>().release();
    const std::lock_guard lock(graveyard.mutex);
    graveyard.kept.push_back(std::move(observer));
}

} // namespace rtcroom::liteav
