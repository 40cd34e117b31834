# FFmpeg by pkg-config, as the target rtcroom_ffmpeg. For Windows by mingw it is static, and its libraries are given by
# name: CMake's own search takes an import library (libz.dll.a) before the static one beside it.
pkg_check_modules(FFMPEG REQUIRED IMPORTED_TARGET
  libavcodec libavfilter libavformat libavutil libswscale libswresample)
add_library(rtcroom_ffmpeg INTERFACE)
if(MINGW)
  target_include_directories(rtcroom_ffmpeg SYSTEM INTERFACE ${FFMPEG_STATIC_INCLUDE_DIRS})
  target_link_directories(rtcroom_ffmpeg INTERFACE ${FFMPEG_STATIC_LIBRARY_DIRS})
  target_link_libraries(rtcroom_ffmpeg INTERFACE ${FFMPEG_STATIC_LIBRARIES})
else()
  target_link_libraries(rtcroom_ffmpeg INTERFACE PkgConfig::FFMPEG)
endif()
