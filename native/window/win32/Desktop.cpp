#include "window/Desktop.h"

#include <algorithm>

#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>

namespace rtcroom::window {

namespace {

HWND toWindow(uint64_t handle) { return reinterpret_cast<HWND>(static_cast<uintptr_t>(handle)); }

std::string narrow(const wchar_t *text, int length) {
    const int size = WideCharToMultiByte(CP_UTF8, 0, text, length, nullptr, 0, nullptr, nullptr);
    std::string result(static_cast<size_t>(std::max(size, 0)), '\0');
    WideCharToMultiByte(CP_UTF8, 0, text, length, result.data(), size, nullptr, nullptr);
    return result;
}

BOOL CALLBACK onMonitor(HMONITOR monitor, HDC, LPRECT, LPARAM list) {
    MONITORINFOEXW info{};
    info.cbSize = sizeof info;
    if (GetMonitorInfoW(monitor, &info)) {
        const RECT &area = info.rcMonitor;
        reinterpret_cast<std::vector<Desktop::Screen> *>(list)->push_back(
            {narrow(info.szDevice, static_cast<int>(wcslen(info.szDevice))),
             {static_cast<int>(area.left), static_cast<int>(area.top), static_cast<int>(area.right),
              static_cast<int>(area.bottom)},
             (info.dwFlags & MONITORINFOF_PRIMARY) != 0});
    }
    return TRUE;
}

BOOL CALLBACK onWindow(HWND window, LPARAM list) {
    wchar_t title[512];
    const int length = GetWindowTextW(window, title, 512);
    const auto style = GetWindowLongPtrW(window, GWL_EXSTYLE);
    if (IsWindowVisible(window) && length > 0 && !(style & WS_EX_TOOLWINDOW))
        reinterpret_cast<std::vector<Desktop::Window> *>(list)->push_back(
            {static_cast<uint64_t>(reinterpret_cast<uintptr_t>(window)), narrow(title, length),
             IsIconic(window) != FALSE});
    return TRUE;
}

class Win32Desktop final : public Desktop {
  public:
    std::vector<Screen> screens() override {
        std::vector<Screen> screens;
        EnumDisplayMonitors(nullptr, nullptr, onMonitor, reinterpret_cast<LPARAM>(&screens));
        if (screens.empty())
            screens.push_back({"screen", {0, 0, GetSystemMetrics(SM_CXSCREEN), GetSystemMetrics(SM_CYSCREEN)}, true});
        std::ranges::stable_sort(screens, {}, [](const Screen &each) { return each.area.left; });
        return screens;
    }

    std::vector<Window> windows() override {
        std::vector<Window> windows;
        EnumWindows(onWindow, reinterpret_cast<LPARAM>(&windows));
        return windows;
    }

    std::optional<Place> place(uint64_t window) override {
        const HWND handle = toWindow(window);
        RECT inside{};
        POINT origin{};
        if (!IsWindow(handle) || !GetClientRect(handle, &inside) || !ClientToScreen(handle, &origin))
            return std::nullopt;
        const int left = static_cast<int>(origin.x);
        const int top = static_cast<int>(origin.y);
        return Place{{left, top, left + static_cast<int>(inside.right), top + static_cast<int>(inside.bottom)},
                     IsWindowVisible(handle) != FALSE && IsIconic(handle) == FALSE};
    }

    bool lost() const override { return false; }
};

} // namespace

std::unique_ptr<Desktop> Desktop::open() { return std::make_unique<Win32Desktop>(); }

} // namespace rtcroom::window
