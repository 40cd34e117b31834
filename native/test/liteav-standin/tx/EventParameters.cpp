#include "runtime/Text.h"
#include "tx/Generation.h"

namespace standin {

void EventParameters::add(const char *key, const char *value) {
    if (count_ == MOST_PARAMETERS)
        return;
    keys_[count_] = key;
    values_[count_] = value;
    ++count_;
}

void EventParameters::add(const char *key, int value) {
    if (count_ == MOST_PARAMETERS)
        return;
    Text text;
    text.number(value);
    copyText(numbers_[count_], sizeof numbers_[count_], text.text());
    add(key, numbers_[count_]);
}

} // namespace standin
