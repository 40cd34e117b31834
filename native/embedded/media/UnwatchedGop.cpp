#include "embedded/media/UnwatchedGop.h"

#include <utility>

namespace rtcroom::embedded {

bool UnwatchedGop::keep(const EncodedPacket &unit) {
    const size_t bytes = unit.data ? unit.data->size() : 0;
    if (units_.size() == maxUnits || bytes_ + bytes > maxBytes)
        return false;
    units_.push_back(unit);
    bytes_ += bytes;
    return true;
}

std::vector<EncodedPacket> UnwatchedGop::take() {
    bytes_ = 0;
    return std::exchange(units_, {});
}

void UnwatchedGop::clear() { take(); }

} // namespace rtcroom::embedded
