# What native/window stands on: RTCROOM_WINDOW_SYSTEM names its folder for this platform, rtcroom_window_system is what
# that needs. Linux takes headers alone: the libraries are loaded with the first window, so that a machine without a
# display needs none of them. Windows has no SDL of its own, so it is linked in.
add_library(rtcroom_window_system INTERFACE)
pkg_check_modules(SDL2 REQUIRED sdl2)
target_include_directories(rtcroom_window_system SYSTEM INTERFACE ${SDL2_INCLUDE_DIRS})
if(WIN32)
  set(RTCROOM_WINDOW_SYSTEM win32)
  target_link_directories(rtcroom_window_system INTERFACE ${SDL2_STATIC_LIBRARY_DIRS})
  # SDL2main has a main() of its own; an addon has none. gdi32: the caption.
  set(sdl_libraries ${SDL2_STATIC_LIBRARIES})
  list(REMOVE_ITEM sdl_libraries mingw32 SDL2main mwindows)
  target_link_libraries(rtcroom_window_system INTERFACE ${sdl_libraries} gdi32 user32)
elseif(APPLE)
  set(RTCROOM_WINDOW_SYSTEM none)
else()
  set(RTCROOM_WINDOW_SYSTEM x11)
  pkg_check_modules(X11 REQUIRED x11 xft xrandr)
  target_include_directories(rtcroom_window_system SYSTEM INTERFACE ${X11_INCLUDE_DIRS})
endif()
