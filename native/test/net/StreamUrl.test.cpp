#include <doctest/doctest.h>

#include "embedded/net/StreamUrl.h"
#include "engine/Error.h"

using namespace rtcroom;
using embedded::StreamUrl;

TEST_CASE("a stream URL comes apart into host, port, app and key with its query") {
    const StreamUrl plain = StreamUrl::parse("rtmp://media.example.com/live/room1");
    CHECK(plain.host == "media.example.com");
    CHECK(plain.port == 1935);
    CHECK(plain.app == "live");
    CHECK(plain.streamKey == "room1");

    const StreamUrl full = StreamUrl::parse("RTMP://10.0.0.1:19350/live/a/b?txSecret=s3cret&txTime=5F");
    CHECK(full.host == "10.0.0.1");
    CHECK(full.port == 19350);
    CHECK(full.streamKey == "a/b?txSecret=s3cret&txTime=5F");
    CHECK(full.display() == "rtmp://10.0.0.1:19350/live");

    const StreamUrl secure = StreamUrl::parse("rtmps://media.example.com/live/room1");
    CHECK(secure.tls);
    CHECK(!plain.tls);
    CHECK(secure.port == 443);
    CHECK(secure.display() == "rtmps://media.example.com:443/live");

    const StreamUrl v6 = StreamUrl::parse("rtmp://[2001:db8::1]:1936/live/x");
    CHECK(v6.host == "2001:db8::1");
    CHECK(v6.port == 1936);
    CHECK(v6.authority() == "[2001:db8::1]:1936");
}

TEST_CASE("a bad stream URL is refused as such, and its secret stays secret") {
    const std::string longHost = "rtmp://" + std::string(300, 'a') + "/live/s3cret";
    const std::string longUrl = "rtmp://h/live/s3cret" + std::string(9000, 'a');
    for (const std::string &url : {std::string(),
                                   std::string("s3cret"),
                                   std::string("http://h/live/s3cret"),
                                   std::string("rtmpt://h/live/s3cret"),
                                   std::string("rtmp://"),
                                   std::string("rtmp:///live/s3cret"),
                                   std::string("rtmp://h"),
                                   std::string("rtmp://h/"),
                                   std::string("rtmp://h/live"),
                                   std::string("rtmp://h/live/"),
                                   std::string("rtmp://h/live/?s3cret"),
                                   std::string("rtmp://h/live?s3cret"),
                                   std::string("rtmp://h:0/live/s3cret"),
                                   std::string("rtmp://h:65536/live/s3cret"),
                                   std::string("rtmp://h:/live/s3cret"),
                                   std::string("rtmp://h:12x/live/s3cret"),
                                   std::string("rtmp://user:s3cret@h/live/x"),
                                   std::string("rtmp://::1/live/s3cret"),
                                   std::string("rtmp://[::1/live/s3cret"),
                                   std::string("rtmp://[zz]/live/s3cret"),
                                   std::string("rtmp://[::1]x/live/s3cret"),
                                   std::string("rtmp://h/live/s3 cret"),
                                   std::string("rtmp://h/live/s3cret\r\n"),
                                   std::string("rtmp://h\0/live/s3cret", 21),
                                   longHost,
                                   longUrl}) {
        CAPTURE(url);
        try {
            StreamUrl::parse(url);
            FAIL("was taken");
        } catch (const engine::EngineException &error) {
            CHECK(error.error().code == engine::ErrorCode::InvalidUrl);
            CHECK(error.error().message.find("cret") == std::string::npos);
        }
    }
}
