#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "engine/Engine.h"
#include "engine/Event.h"
#include "engine/Options.h"
#include "liteav/classic/Methods.h"
#include "liteav/v2/Slots.h"

namespace rtcroom::liteav {

/// One method of the contract and the generations that have it.
struct MatrixRow {
    /// "pusher" or "player".
    std::string object;
    std::string method;
    bool tx2018 = false;
    bool itx = false;
    bool v2R2 = false;
    bool v2R3 = false;
    bool v2R4 = false;
    /// What differs, for people; may be empty.
    std::string note;
};

/// Every method of the contract. Made of the tables by which the SDK is called.
std::vector<MatrixRow> supportMatrix();

struct Support {
    std::set<std::string> pusher;
    std::set<std::string> player;
};
Support supportOf(const v2::SlotTable &slots);
Support supportOf(classic::Generation generation);
inline std::set<std::string> methodsOf(const Support &support, engine::Side side) {
    return side == engine::Side::Push ? support.pusher : support.player;
}

/// How long an SDK that tells nothing may take to begin: all its attempts. At most 30 days, which clocks can add.
std::chrono::milliseconds patienceOf(engine::Side side, const engine::NetworkOptions &network);

engine::Capabilities capabilitiesOf(const v2::SlotTable &slots);
engine::Capabilities capabilitiesOf(classic::Generation generation);

} // namespace rtcroom::liteav
