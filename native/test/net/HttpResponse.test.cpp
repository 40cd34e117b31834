#include <doctest/doctest.h>

#include "embedded/http/HttpUrl.h"
#include "embedded/http/ResponseBody.h"
#include "embedded/http/ResponseHead.h"
#include "embedded/net/ProtocolError.h"
#include "engine/Error.h"
#include "test/support/FlvFile.h"

using namespace rtcroom::test;
using rtcroom::engine::EngineException;
using rtcroom::engine::ErrorCode;

namespace {

ResponseHead readHead(std::string_view text) {
    ResponseHeadReader reader;
    const Bytes bytes = toBytes(text);
    CHECK(reader.take(bytes) == bytes.size());
    CHECK(reader.complete());
    return reader.head();
}

void refuseHead(const Bytes &bytes) {
    ResponseHeadReader reader;
    CHECK_THROWS_AS(reader.take(bytes), ProtocolError);
}

ResponseHead chunkedHead() {
    ResponseHead head;
    head.chunked = true;
    return head;
}

Bytes readBody(ResponseBody &body, std::span<const uint8_t> bytes) {
    Bytes out;
    for (auto piece = body.next(bytes); !piece.empty(); piece = body.next(bytes))
        out.insert(out.end(), piece.begin(), piece.end());
    return out;
}

} // namespace

TEST_CASE("a response's head is read however it comes apart") {
    const Bytes text = toBytes("HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 302 Found\r\nServer: a:b\r\n"
                               "LOCATION:  /there?a=b \r\ncontent-length: 12\nTransfer-Encoding: Chunked\r\n\r\nbody");
    for (size_t at = 0; at <= text.size(); ++at) {
        ResponseHeadReader reader;
        const std::span<const uint8_t> all(text);
        size_t taken = reader.take(all.first(at));
        taken += reader.take(all.subspan(taken));
        REQUIRE(reader.complete());
        CHECK(taken == text.size() - 4);
        CHECK(reader.head().status == 302);
        CHECK(reader.head().location == "/there?a=b");
        CHECK(reader.head().contentLength == 12);
        CHECK(reader.head().chunked);
    }
    CHECK(readHead("HTTP/1.0 200\r\n\r\n").status == 200);
    CHECK(readHead("HTTP/1.1 101 Switching\r\n\r\n").status == 101);
}

TEST_CASE("what is no HTTP/1 response is refused") {
    for (const char *text :
         {"\x16\x03\x01", "RTSP/1.0 200 OK\r\n", "\r\n", "HTTP/2 200\r\n", "HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000 OK\r\n",
          "HTTP/1.1 099 OK\r\n", "HTTP/1.1  200 OK\r\n", "HTTP/1.1 200 OK\r\nno header\r\n",
          "HTTP/1.1 200 OK\r\n: empty\r\n", "HTTP/1.1 200 OK\r\nbad name: x\r\n", "HTTP/1.1 200 OK\r\n folded\r\n",
          "HTTP/1.1 200 OK\r\na: b\rc\r\n"}) {
        CAPTURE(text);
        refuseHead(toBytes(text));
    }
    refuseHead(toBytes(std::string_view("HTTP/1.1 200 OK\r\na: \0\r\n", 23)));
}

TEST_CASE("a body that cannot be told is told of; the status holds all the same") {
    for (const char *fields :
         {"Content-Length: -1", "Content-Length: 99999999999999999999999", "Content-Length: 1\r\nContent-Length: 2",
          "Transfer-Encoding: gzip, chunked", "Content-Encoding: gzip"}) {
        CAPTURE(fields);
        const ResponseHead head = readHead("HTTP/1.1 404 Gone\r\n" + std::string(fields) + "\r\n\r\n");
        CHECK(head.status == 404);
        CHECK(!head.unusable.empty());
    }
    CHECK(readHead("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Encoding: identity\r\n\r\n").unusable.empty());
}

TEST_CASE("an endless head is refused, as one line and as many, interim ones included") {
    refuseHead(toBytes("HTTP/1.1 200 OK\r\nX: " + std::string(17 * 1024, 'a')));
    Bytes lines = toBytes("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 128; ++i)
        lines += toBytes("a:b\r\n");
    refuseHead(lines);
    Bytes interim;
    for (int i = 0; i < 100; ++i)
        interim += toBytes("HTTP/1.1 100 Continue\r\n\r\n");
    refuseHead(interim);
}

TEST_CASE("a chunked body is read however it comes apart, and ends with its last chunk") {
    Bytes text = httpChunk(toBytes("Hello, "));
    text += toBytes("0005;name=\"value\"\r\nworld\r\n");
    text += toBytes("a\n0123456789\n0\r\nTrailer: x\r\n\r\nmore");
    for (size_t at = 0; at <= text.size(); ++at) {
        ResponseBody body(chunkedHead());
        Bytes out = readBody(body, std::span(text).first(at));
        out += readBody(body, std::span(text).subspan(at));
        CHECK(out == toBytes("Hello, world0123456789"));
        CHECK(body.complete());
    }
}

TEST_CASE("broken chunks are refused") {
    for (const char *text : {"\r\n", "g\r\n", "-1\r\n", " 5\r\n", "0x5\r\n", "1000000000000000\r\n", "5\r\nHello!",
                             "5\r\nHelloX\r\n", "5\r\nHello\r\r\n"}) {
        CAPTURE(text);
        ResponseBody body(chunkedHead());
        CHECK_THROWS_AS(readBody(body, toBytes(text)), ProtocolError);
    }
    for (const std::string start : {"5;", "0\r\n"}) {
        ResponseBody body(chunkedHead());
        CHECK_THROWS_AS(readBody(body, toBytes(start + std::string(8192, 'a'))), ProtocolError);
    }
}

TEST_CASE("a body of a length ends there, one without lasts as long as the connection") {
    ResponseHead head;
    head.contentLength = 3;
    ResponseBody sized(head);
    CHECK(readBody(sized, toBytes("abcd")) == toBytes("abc"));
    CHECK(sized.complete());
    head.contentLength = 0;
    CHECK(ResponseBody(head).complete());
    ResponseBody open{ResponseHead{}};
    CHECK(readBody(open, toBytes("abcd")) == toBytes("abcd"));
    CHECK(!open.complete());
    CHECK(open.endsWithConnection());
}

TEST_CASE("an HTTP URL comes apart, and goes into a request encoded") {
    const HttpUrl plain = HttpUrl::parse("HTTP://media.example.com/live/a.flv?sign=s3cret#part");
    CHECK(!plain.tls);
    CHECK(plain.host == "media.example.com");
    CHECK(plain.port == 80);
    CHECK(plain.target == "/live/a.flv?sign=s3cret");
    CHECK(plain.hostHeader() == "media.example.com");
    const HttpUrl secure = HttpUrl::parse("https://[::1]:8443?a=\xc3\xa9");
    CHECK(secure.tls);
    CHECK(secure.port == 8443);
    CHECK(secure.target == "/?a=%C3%A9");
    CHECK(secure.hostHeader() == "[::1]:8443");
    CHECK(secure.display() == "https://[::1]:8443");
    CHECK(HttpUrl::parse("https://h/").hostHeader() == "h");
}

TEST_CASE("bad HTTP URLs are refused as such, and their secret stays secret") {
    for (const char *url : {"http:///s3cret", "http://user:s3cret@h/x", "http://h/s3 cret", "http://h/s3cret\r\nX: y",
                            "ftp://h/s3cret", "http://h:99999/s3cret"}) {
        CAPTURE(url);
        try {
            HttpUrl::parse(url);
            FAIL("was taken");
        } catch (const EngineException &error) {
            CHECK(error.error().code == ErrorCode::InvalidUrl);
            CHECK(std::string(error.what()).find("cret") == std::string::npos);
        }
    }
}

TEST_CASE("a redirect leads where RFC 3986 says") {
    const HttpUrl from = HttpUrl::parse("https://a:8443/b/c/d.flv?q=1");
    const auto leads = [&](const char *location) {
        const auto to = from.resolve(location);
        return to ? to->display() + to->target : std::string("nowhere");
    };
    CHECK(leads("http://x/y?z") == "http://x:80/y?z");
    CHECK(leads("//x/y") == "https://x:443/y");
    CHECK(leads("/y") == "https://a:8443/y");
    CHECK(leads("y?z=http://w") == "https://a:8443/b/c/y?z=http://w");
    CHECK(leads("?z") == "https://a:8443/b/c/d.flv?z");
    CHECK(leads("../y/./z") == "https://a:8443/b/y/z");
    CHECK(leads("../../../../y") == "https://a:8443/y");
    CHECK(leads("/x/../y/..") == "https://a:8443/");
    CHECK(leads("rtmp://x/live/y") == "nowhere");
    CHECK(leads("http://") == "nowhere");
    CHECK(leads("http://user@x/") == "nowhere");
}
