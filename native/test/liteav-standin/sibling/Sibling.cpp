// txffmpeg.dll beside liteav.dll; under the name liteav.dll, a DLL that is no LiteAV.

extern "C" __declspec(dllexport) int txffmpeg_version() { return 1; }
