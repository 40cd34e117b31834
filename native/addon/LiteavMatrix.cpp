#include "addon/LiteavMatrix.h"

#include "liteav/Support.h"

namespace rtcroom::addon {

Napi::Array liteavMatrixToJs(Napi::Env env) {
    Napi::Array array = Napi::Array::New(env);
    for (const liteav::MatrixRow &row : liteav::supportMatrix()) {
        Napi::Object object = Napi::Object::New(env);
        object.Set("object", row.object);
        object.Set("method", row.method);
        object.Set("tx2018", row.tx2018);
        object.Set("interface", row.itx);
        object.Set("v2R2", row.v2R2);
        object.Set("v2R3", row.v2R3);
        object.Set("v2R4", row.v2R4);
        object.Set("note", row.note);
        array.Set(array.Length(), object);
    }
    return array;
}

} // namespace rtcroom::addon
