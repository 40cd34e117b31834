#include <doctest/doctest.h>

#include "embedded/net/CertificateHost.h"
#include "embedded/net/PemCertificates.h"

using namespace rtcroom::embedded;

TEST_CASE("the certificates of a PEM text are found among whatever else is in it") {
    const auto found =
        pemCertificates("Subject: one\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
                        "-----BEGIN PRIVATE KEY-----\nBBBB\n-----END PRIVATE KEY-----\r\n"
                        "-----BEGIN X509 CERTIFICATE-----\r\nCC\r\nCC\r\n-----END X509 CERTIFICATE-----");
    REQUIRE(found);
    REQUIRE(found->size() == 2);
    CHECK((*found)[0] == "\nAAAA\n");
    CHECK((*found)[1] == "\r\nCC\r\nCC\r\n");
}

TEST_CASE("a PEM text without certificates has none, one that ends in the midst of a block is none") {
    CHECK(pemCertificates("")->empty());
    CHECK(pemCertificates("/etc/ssl/ca.pem")->empty());
    CHECK(!pemCertificates("-----BEGIN CERTIFICATE-----\nAAAA\n"));
    CHECK(!pemCertificates("-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----\n"));
    CHECK(!pemCertificates("-----BEGIN "));
}

TEST_CASE("a host is looked for in a certificate without zone and final dot") {
    CHECK(certificateHost("media.example.com.") == "media.example.com");
    CHECK(certificateHost("fe80::1%eth0") == "fe80::1");
    CHECK(isAddress("127.0.0.1"));
    CHECK(isAddress("::1"));
    CHECK(!isAddress("1.2.3.example.com"));
}
