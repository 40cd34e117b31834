#include "engine/SharedLibrary.h"

#ifndef _WIN32
#include <dlfcn.h>
#endif

namespace rtcroom::engine {

#ifdef _WIN32

// Windows links SDL statically and its own libraries by name.
bool SharedLibrary::open(std::initializer_list<const char *>) { return false; }
void *SharedLibrary::find(const char *) const { return nullptr; }

#else

bool SharedLibrary::open(std::initializer_list<const char *> names) {
    for (const char *name : names) {
        handle_ = dlopen(name, RTLD_NOW | RTLD_LOCAL);
        if (handle_)
            return true;
    }
    return false;
}

void *SharedLibrary::find(const char *symbol) const { return handle_ ? dlsym(handle_, symbol) : nullptr; }

#endif

} // namespace rtcroom::engine
