#pragma once

#include "runtime/Kernel.h"

namespace standin {

/// Builds one line of JSON; what does not fit is dropped and the line says so.
class Text {
  public:
    static constexpr size_t CAPACITY = 4096;

    void put(char c);
    void put(const char *text);
    void number(int64_t value);
    /// Three decimals; "null" when it is not a number or too great for one.
    void decimal(double value);
    void address(const void *value);
    /// A JSON string of at most 1024 bytes of the text; bytes that are not UTF-8 become \ufffd.
    void quoted(const char *text);

    const char *text() const { return buffer_; }
    size_t size() const { return size_; }
    bool full() const { return full_; }

  private:
    char buffer_[CAPACITY] = {};
    size_t size_ = 0;
    bool full_ = false;
};

/// Bytes of the UTF-8 character at `text` (1–4), 0 when there is none.
size_t utf8Length(const char *text);
/// A decimal number with an optional minus; false when none starts at `text`.
bool parseNumber(const char *text, int &value);

} // namespace standin
