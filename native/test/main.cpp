#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <string_view>

#include "support/ChildPart.h"

int main(int argc, char **argv) {
    if (argc == 4 && std::string_view(argv[1]) == "--child")
        return rtcroom::test::ChildPart::runNamed(argv[2], argv[3]);
    return doctest::Context(argc, argv).run();
}
