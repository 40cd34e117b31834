#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

struct AmfProperty;
/// Properties in their order; a strict array has empty names.
using AmfObject = std::vector<AmfProperty>;

/// One AMF0 value (Adobe, Action Message Format AMF 0, 2007). Null, undefined and unsupported are std::monostate, a
/// date is its number of ms, an XML document its text, a reference std::monostate.
struct AmfValue {
    std::variant<std::monostate, double, bool, std::string, AmfObject> value;

    const double *number() const { return std::get_if<double>(&value); }
    const std::string *string() const { return std::get_if<std::string>(&value); }
    const AmfObject *object() const { return std::get_if<AmfObject>(&value); }
    /// A property of an object, or null.
    const AmfValue *find(std::string_view name) const;
    /// A string property, or empty.
    std::string_view text(std::string_view name) const;
};

struct AmfProperty {
    std::string name;
    AmfValue value;
};

/// All values of a command or data message. Throws ProtocolError when it is damaged, nested deeper than 16 or holds
/// more than 4096 values.
std::vector<AmfValue> readAmf0(std::span<const uint8_t> bytes);

/// Appends values to a message body.
class Amf0Writer {
  public:
    Amf0Writer &string(std::string_view text);
    Amf0Writer &number(double value);
    Amf0Writer &boolean(bool value);
    Amf0Writer &null();
    /// A value follows each property; end() closes object and array alike.
    Amf0Writer &object();
    Amf0Writer &ecmaArray(uint32_t count);
    /// `count` values follow, and no end().
    Amf0Writer &strictArray(uint32_t count);
    Amf0Writer &property(std::string_view name);
    Amf0Writer &end();

    Bytes take() { return std::move(out_); }

  private:
    void integer(uint64_t value, size_t bytes);
    void text(std::string_view text);

    Bytes out_;
};

} // namespace rtcroom::embedded
