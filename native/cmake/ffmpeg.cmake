# FFmpeg by pkg-config, as the target rtcroom_ffmpeg. For Windows by mingw it is static, and its libraries are given by
# name: CMake's own search takes an import library (libz.dll.a) before the static one beside it.
set(libraries libavcodec libavformat libavutil libswscale libswresample)
add_library(rtcroom_ffmpeg INTERFACE)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  # Their headers alone: the libraries are loaded when they are wanted (embedded/media/Filters.h,
  # embedded/capture/DeviceLibrary.h).
  pkg_check_modules(AVFILTER REQUIRED libavfilter)
  pkg_check_modules(AVDEVICE REQUIRED libavdevice)
  target_include_directories(rtcroom_ffmpeg SYSTEM INTERFACE ${AVFILTER_INCLUDE_DIRS} ${AVDEVICE_INCLUDE_DIRS})
else()
  # First: a static library is searched for what those before it need.
  list(PREPEND libraries libavdevice libavfilter)
endif()
pkg_check_modules(FFMPEG REQUIRED IMPORTED_TARGET ${libraries})
if(MINGW)
  target_include_directories(rtcroom_ffmpeg SYSTEM INTERFACE ${FFMPEG_STATIC_INCLUDE_DIRS})
  target_link_directories(rtcroom_ffmpeg INTERFACE ${FFMPEG_STATIC_LIBRARY_DIRS})
  target_link_libraries(rtcroom_ffmpeg INTERFACE ${FFMPEG_STATIC_LIBRARIES})
else()
  target_link_libraries(rtcroom_ffmpeg INTERFACE PkgConfig::FFMPEG)
endif()
