#include "window/NativeWindows.h"

#include <map>
#include <string>

#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>

#include "engine/Error.h"

namespace rtcroom::window {

using engine::EngineException;
using engine::ErrorCode;
using engine::Size;

namespace {

constexpr const wchar_t *CLASS_NAME = L"LiteavRtcroomChild";

HWND toWindow(uint64_t handle) { return reinterpret_cast<HWND>(static_cast<uintptr_t>(handle)); }
uint64_t toHandle(HWND window) { return static_cast<uint64_t>(reinterpret_cast<uintptr_t>(window)); }

[[noreturn]] void noSuchWindow(uint64_t handle) {
    throw EngineException(ErrorCode::WindowFailed,
                          "no window has the handle " + std::to_string(handle) +
                              "; give the handle of a VideoWindow, or the HWND of a window that is open");
}

/// The module that this code is in: window classes belong to a module.
HINSTANCE thisModule() {
    HMODULE module = nullptr;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                       CLASS_NAME, &module);
    return module;
}

std::wstring wide(const std::string &text) {
    const int length = MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), nullptr, 0);
    std::wstring result(static_cast<size_t>(length), L'\0');
    MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), result.data(), length);
    return result;
}

/// In white letters of that height (px). With DT_CALCRECT nothing is drawn, and `area` becomes as large as the text.
void writeText(HDC device, const std::wstring &text, int pixelSize, const wchar_t *face, UINT format, RECT &area) {
    HFONT font = CreateFontW(-pixelSize, 0, 0, 0, FW_NORMAL, FALSE, FALSE, FALSE, DEFAULT_CHARSET, OUT_DEFAULT_PRECIS,
                             CLIP_DEFAULT_PRECIS, CLEARTYPE_QUALITY, DEFAULT_PITCH, face);
    HGDIOBJ before = SelectObject(device, font);
    SetBkMode(device, TRANSPARENT);
    SetTextColor(device, RGB(255, 255, 255));
    DrawTextW(device, text.c_str(), static_cast<int>(text.size()), &area, format | DT_NOPREFIX);
    SelectObject(device, before);
    DeleteObject(font);
}

constexpr const wchar_t *LINE_FACE = L"Consolas";
int lineMargin(int pixelSize) { return pixelSize / 3 > 2 ? pixelSize / 3 : 2; }

void paintText(HWND window) {
    PAINTSTRUCT paint{};
    HDC device = BeginPaint(window, &paint);
    std::wstring text(static_cast<size_t>(GetWindowTextLengthW(window)), L'\0');
    // The string's own end has room for the NUL.
    GetWindowTextW(window, text.data(), static_cast<int>(text.size()) + 1);
    RECT inside{};
    GetClientRect(window, &inside);
    // Of lines the size of their letters; 0 for one line that fits.
    const auto pixelSize = static_cast<int>(GetWindowLongPtrW(window, GWLP_USERDATA));
    if (!text.empty() && pixelSize > 0) {
        InflateRect(&inside, -lineMargin(pixelSize), -lineMargin(pixelSize));
        writeText(device, text, pixelSize, LINE_FACE, DT_LEFT | DT_TOP, inside);
    } else if (!text.empty()) {
        writeText(device, text, inside.bottom * 6 / 10, L"Segoe UI",
                  DT_CENTER | DT_VCENTER | DT_SINGLELINE | DT_END_ELLIPSIS, inside);
    }
    EndPaint(window, &paint);
}

LRESULT CALLBACK onMessage(HWND window, UINT message, WPARAM first, LPARAM second) {
    if (message == WM_PAINT) {
        paintText(window);
        return 0;
    }
    return DefWindowProcW(window, message, first, second);
}

class Win32Windows final : public NativeWindows {
  public:
    Win32Windows() {
        WNDCLASSW description{};
        description.lpfnWndProc = onMessage;
        description.hInstance = thisModule();
        description.style = CS_HREDRAW | CS_VREDRAW;
        description.hbrBackground = static_cast<HBRUSH>(GetStockObject(BLACK_BRUSH));
        description.lpszClassName = CLASS_NAME;
        if (!RegisterClassW(&description) && GetLastError() != ERROR_CLASS_ALREADY_EXISTS)
            throw EngineException(ErrorCode::WindowFailed, "Windows does not let this process register a window class "
                                                           "(error " +
                                                               std::to_string(GetLastError()) +
                                                               "); run it in a session with a desktop");
    }
    ~Win32Windows() override { UnregisterClassW(CLASS_NAME, thisModule()); }
    Win32Windows(const Win32Windows &) = delete;
    Win32Windows &operator=(const Win32Windows &) = delete;

    uint64_t createChild(uint64_t parent, const Area &area, Order order) override {
        HWND owner = toWindow(parent);
        if (!IsWindow(owner))
            noSuchWindow(parent);
        clipChildren(owner);
        // Disabled: the mouse goes to the parent. No notice to the parent: its thread may be waiting for ours.
        HWND child = CreateWindowExW(WS_EX_NOPARENTNOTIFY, CLASS_NAME, L"",
                                     WS_CHILD | WS_DISABLED | WS_CLIPSIBLINGS | WS_CLIPCHILDREN, area.left, area.top,
                                     area.width, area.height, owner, nullptr, thisModule(), nullptr);
        if (!child)
            throw EngineException(ErrorCode::WindowFailed, "Windows refuses a child in that window (error " +
                                                               std::to_string(GetLastError()) +
                                                               "); give a window of this user's desktop");
        SetWindowPos(child, order == Order::Bottom ? HWND_BOTTOM : HWND_TOP, 0, 0, 0, 0,
                     SWP_NOMOVE | SWP_NOSIZE | SWP_NOACTIVATE | SWP_SHOWWINDOW);
        return toHandle(child);
    }

    void destroyChild(uint64_t child) override { DestroyWindow(toWindow(child)); }

    void placeChild(uint64_t child, const Area &area) override {
        SetWindowPos(toWindow(child), nullptr, area.left, area.top, area.width, area.height,
                     SWP_NOZORDER | SWP_NOACTIVATE);
    }

    void raiseChild(uint64_t child) override {
        SetWindowPos(toWindow(child), HWND_TOP, 0, 0, 0, 0, SWP_NOMOVE | SWP_NOSIZE | SWP_NOACTIVATE);
    }

    // The window's own title keeps it, and WM_PAINT draws it.
    void setText(uint64_t child, const std::string &text) override {
        SetWindowTextW(toWindow(child), wide(text).c_str());
        InvalidateRect(toWindow(child), nullptr, TRUE);
    }

    void setLines(uint64_t child, const std::string &lines, int pixelSize) override {
        HWND window = toWindow(child);
        RECT area{};
        if (HDC device = GetDC(window)) {
            writeText(device, wide(lines), pixelSize, LINE_FACE, DT_LEFT | DT_TOP | DT_CALCRECT, area);
            ReleaseDC(window, device);
        }
        SetWindowLongPtrW(window, GWLP_USERDATA, pixelSize);
        SetWindowPos(window, nullptr, 0, 0, static_cast<int>(area.right) + 2 * lineMargin(pixelSize),
                     static_cast<int>(area.bottom) + 2 * lineMargin(pixelSize),
                     SWP_NOMOVE | SWP_NOZORDER | SWP_NOACTIVATE);
        setText(child, lines);
    }

    std::optional<Size> size(uint64_t window) override {
        RECT inside{};
        if (!GetClientRect(toWindow(window), &inside))
            return std::nullopt;
        return Size{static_cast<int>(inside.right), static_cast<int>(inside.bottom)};
    }

    void watch(uint64_t window) override { watched_.emplace(window, size(window).value_or(Size{})); }

    // Other threads' windows tell nobody: their size is asked for, which costs no call into the kernel of note.
    std::vector<NativeEvent> poll() override {
        std::vector<NativeEvent> events;
        for (auto each = watched_.begin(); each != watched_.end();) {
            const std::optional<Size> now = size(each->first);
            if (!now) {
                events.push_back({each->first, NativeEvent::Kind::Destroyed});
                each = watched_.erase(each);
                continue;
            }
            if (*now != each->second) {
                each->second = *now;
                events.push_back({each->first, NativeEvent::Kind::Resized});
            }
            ++each;
        }
        return events;
    }

    bool hasWindowManager() override { return true; }
    bool nextSdlEvent(SDL_Event &event) override { return sdl().PollEvent(&event) != 0; }
    bool lost() const override { return false; }
    bool lossNoticed() const override { return false; }

  private:
    /// So that the parent does not paint over its children; another process's window stays as it is.
    static void clipChildren(HWND parent) {
        DWORD process = 0;
        GetWindowThreadProcessId(parent, &process);
        const LONG_PTR style = GetWindowLongPtrW(parent, GWL_STYLE);
        if (process == GetCurrentProcessId() && (style & WS_CLIPCHILDREN) == 0)
            SetWindowLongPtrW(parent, GWL_STYLE, style | WS_CLIPCHILDREN);
    }

    std::map<uint64_t, Size> watched_;
};

} // namespace

void NativeWindows::prepare() {}

std::unique_ptr<NativeWindows> NativeWindows::create() { return std::make_unique<Win32Windows>(); }

void requireWindow(uint64_t handle) {
    if (!IsWindow(toWindow(handle)))
        noSuchWindow(handle);
}

void requireText() {}

} // namespace rtcroom::window
