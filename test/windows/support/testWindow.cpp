// A window for the tests of previews and players, which draw into windows of an application.
//   testWindow.exe <left> <top> <width> <height>
// Prints its handle as a decimal number and a line's end, stays until its standard input ends, then exits with 0.
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <windows.h>

namespace {

LRESULT CALLBACK windowProcedure(HWND window, UINT message, WPARAM first, LPARAM second) {
    if (message == WM_DESTROY) {
        PostQuitMessage(0);
        return 0;
    }
    return DefWindowProcW(window, message, first, second);
}

void closeAtEndOfInput(HWND window) {
    while (std::getchar() != EOF) {
    }
    PostMessageW(window, WM_CLOSE, 0, 0);
}

} // namespace

int main(int count, char **arguments) {
    if (count != 5) {
        std::fputs("usage: testWindow.exe <left> <top> <width> <height>\n", stderr);
        return 2;
    }
    int place[4];
    for (int index = 0; index < 4; ++index)
        place[index] = std::atoi(arguments[index + 1]);

    // Neither the screen's black nor a colour that the stand-ins paint.
    HBRUSH background = CreateSolidBrush(RGB(0x90, 0x10, 0x10));
    WNDCLASSEXW kind{};
    kind.cbSize = sizeof kind;
    kind.lpfnWndProc = windowProcedure;
    kind.hInstance = GetModuleHandleW(nullptr);
    kind.hbrBackground = background;
    kind.lpszClassName = L"liteav-rtcroom test";
    if (RegisterClassExW(&kind) == 0)
        return 1;
    // No border, so that the client area is what was asked for.
    HWND window = CreateWindowExW(WS_EX_TOPMOST, kind.lpszClassName, L"test", WS_POPUP | WS_VISIBLE, place[0], place[1],
                                  place[2], place[3], nullptr, nullptr, kind.hInstance, nullptr);
    if (window == nullptr) {
        std::fprintf(stderr, "no window: error %lu; is there a display?\n", GetLastError());
        return 1;
    }
    UpdateWindow(window);
    std::printf("%llu\n", static_cast<unsigned long long>(reinterpret_cast<UINT_PTR>(window)));
    std::fflush(stdout);
    std::thread reader(closeAtEndOfInput, window);
    MSG message;
    while (GetMessageW(&message, nullptr, 0, 0) > 0) {
        TranslateMessage(&message);
        DispatchMessageW(&message);
    }
    reader.join();
    return 0;
}
