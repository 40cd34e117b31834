#include "addon/EmbeddedMatrix.h"

#include "embedded/Support.h"

namespace rtcroom::addon {

Napi::Array embeddedMatrixToJs(Napi::Env env) {
    Napi::Array array = Napi::Array::New(env);
    for (const embedded::SupportRow &row : embedded::supportMatrix()) {
        Napi::Object object = Napi::Object::New(env);
        const auto set = [&](const char *name, engine::System system) {
            const char *missing = row.missing[static_cast<size_t>(system)];
            object.Set(name, missing ? missing : "");
        };
        object.Set("part", row.part);
        object.Set("name", row.name);
        set("linux", engine::System::Linux);
        set("windows", engine::System::Windows);
        set("mac", engine::System::Mac);
        object.Set("note", row.note);
        array.Set(array.Length(), object);
    }
    return array;
}

} // namespace rtcroom::addon
