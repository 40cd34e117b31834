#pragma once

namespace rtcroom::engine {

enum class System { Linux, Windows, Mac };

#if defined(_WIN32)
inline constexpr System thisSystem = System::Windows;
#elif defined(__APPLE__)
inline constexpr System thisSystem = System::Mac;
#else
inline constexpr System thisSystem = System::Linux;
#endif

} // namespace rtcroom::engine
