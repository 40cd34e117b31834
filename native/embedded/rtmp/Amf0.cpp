#include "embedded/rtmp/Amf0.h"

#include <bit>

#include "embedded/media/ByteOrder.h"
#include "embedded/net/ProtocolError.h"

namespace rtcroom::embedded {

namespace {

constexpr int maxDepth = 16;
constexpr int maxValues = 4096;

enum Marker : uint8_t {
    Number = 0,
    Boolean = 1,
    String = 2,
    Object = 3,
    Null = 5,
    Undefined = 6,
    Reference = 7,
    EcmaArray = 8,
    ObjectEnd = 9,
    StrictArray = 10,
    Date = 11,
    LongString = 12,
    Unsupported = 13,
    XmlDocument = 15,
    TypedObject = 16,
};

class Reader {
  public:
    explicit Reader(std::span<const uint8_t> bytes) : left_(bytes) {}

    std::vector<AmfValue> all() {
        std::vector<AmfValue> out;
        while (!left_.empty())
            out.push_back(value(0));
        return out;
    }

  private:
    std::span<const uint8_t> take(size_t count) {
        if (count > left_.size())
            throw ProtocolError("an AMF0 value is cut short");
        const auto out = left_.first(count);
        left_ = left_.subspan(count);
        return out;
    }
    uint64_t integer(size_t bytes) { return readBigEndian(take(bytes).data(), bytes); }
    double number() { return std::bit_cast<double>(integer(8)); }
    std::string text(size_t lengthBytes) {
        const auto bytes = take(integer(lengthBytes));
        return {bytes.begin(), bytes.end()};
    }

    AmfObject properties(int depth) {
        AmfObject out;
        for (;;) {
            std::string name = text(2);
            // Only behind an empty name the marker ends the object.
            if (name.empty() && !left_.empty() && left_.front() == ObjectEnd) {
                take(1);
                return out;
            }
            out.push_back({std::move(name), value(depth + 1)});
        }
    }

    AmfObject array(int depth) {
        AmfObject out;
        for (uint64_t left = integer(4); left > 0; --left)
            out.push_back({{}, value(depth + 1)});
        return out;
    }

    AmfValue value(int depth) {
        if (depth > maxDepth)
            throw ProtocolError("AMF0 values are nested too deep");
        if (++count_ > maxValues)
            throw ProtocolError("an AMF0 message holds too many values");
        switch (integer(1)) {
        case Number:
            return {number()};
        case Boolean:
            return {integer(1) != 0};
        case String:
            return {text(2)};
        case LongString:
        case XmlDocument:
            return {text(4)};
        case TypedObject:
            text(2);
            return {properties(depth)};
        case Object:
            return {properties(depth)};
        case EcmaArray:
            integer(4); // a hint, wrong in many encoders
            return {properties(depth)};
        case StrictArray:
            return {array(depth)};
        case Date: {
            const double ms = number();
            integer(2); // time zone, reserved
            return {ms};
        }
        case Reference:
            integer(2);
            return {};
        case Null:
        case Undefined:
        case Unsupported:
            return {};
        default:
            throw ProtocolError("an AMF0 value has an unknown type");
        }
    }

    std::span<const uint8_t> left_;
    int count_ = 0;
};

} // namespace

const AmfValue *AmfValue::find(std::string_view name) const {
    if (const AmfObject *properties = object())
        for (const auto &[key, property] : *properties)
            if (key == name)
                return &property;
    return nullptr;
}

std::string_view AmfValue::text(std::string_view name) const {
    const AmfValue *property = find(name);
    const std::string *text = property ? property->string() : nullptr;
    return text ? std::string_view(*text) : std::string_view();
}

std::vector<AmfValue> readAmf0(std::span<const uint8_t> bytes) { return Reader(bytes).all(); }

void Amf0Writer::integer(uint64_t value, size_t bytes) {
    out_.resize(out_.size() + bytes);
    writeBigEndian(out_.data() + out_.size() - bytes, value, bytes);
}

void Amf0Writer::text(std::string_view text) { out_.insert(out_.end(), text.begin(), text.end()); }

Amf0Writer &Amf0Writer::string(std::string_view value) {
    const bool isLong = value.size() > 0xffff;
    out_.push_back(isLong ? LongString : String);
    integer(value.size(), isLong ? 4 : 2);
    text(value);
    return *this;
}

Amf0Writer &Amf0Writer::number(double value) {
    out_.push_back(Number);
    integer(std::bit_cast<uint64_t>(value), 8);
    return *this;
}

Amf0Writer &Amf0Writer::boolean(bool value) {
    out_.push_back(Boolean);
    out_.push_back(value ? 1 : 0);
    return *this;
}

Amf0Writer &Amf0Writer::null() {
    out_.push_back(Null);
    return *this;
}

Amf0Writer &Amf0Writer::object() {
    out_.push_back(Object);
    return *this;
}

Amf0Writer &Amf0Writer::ecmaArray(uint32_t count) {
    out_.push_back(EcmaArray);
    integer(count, 4);
    return *this;
}

Amf0Writer &Amf0Writer::strictArray(uint32_t count) {
    out_.push_back(StrictArray);
    integer(count, 4);
    return *this;
}

Amf0Writer &Amf0Writer::property(std::string_view name) {
    integer(name.size(), 2);
    text(name);
    return *this;
}

Amf0Writer &Amf0Writer::end() {
    integer(0, 2);
    out_.push_back(ObjectEnd);
    return *this;
}

} // namespace rtcroom::embedded
