#pragma once

#include "abi/Itx.h"

namespace standin {

/// Devices of a type as runtime/Devices.h numbers it. The client releases the list.
ILiteAVDeviceCollection *makeItxDevices(int type);
/// The main screen and two windows; pictures where the sizes are not 0. The client releases the list.
ILiteAVScreenCaptureSourceList *makeItxSources(const SIZE &thumb, const SIZE &icon);

} // namespace standin
