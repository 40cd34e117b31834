#include <doctest/doctest.h>

#include <memory>
#include <thread>
#include <vector>

#include "engine/Frame.h"

using namespace rtcroom::engine;

TEST_CASE("picture sizes count chroma of odd sides") {
    CHECK(pictureSize(PixelFormat::I420, 640, 360) == 640 * 360 * 3 / 2);
    CHECK(pictureSize(PixelFormat::I420, 3, 5) == 15 + 2 * (2 * 3));
    CHECK(pictureSize(PixelFormat::RGBA, 3, 5) == 60);
}

TEST_CASE("a pool hands a returned buffer out again and counts those outside") {
    FramePool pool(2);
    auto first = pool.acquire(1000);
    const uint8_t *data = first->data();
    CHECK(pool.outstanding() == 1);
    first.reset();
    CHECK(pool.outstanding() == 0);
    CHECK(pool.acquire(1000)->data() == data);
}

TEST_CASE("a pool gives buffers that are large enough after a change of size") {
    FramePool pool(4);
    { const auto small = pool.acquire(100); }
    CHECK(pool.acquire(100'000)->capacity() >= 100'000);
    CHECK(pool.acquire(10)->capacity() >= 10);
}

TEST_CASE("a buffer outlives its pool") {
    std::shared_ptr<FrameBuffer> buffer;
    {
        FramePool pool(1);
        buffer = pool.acquire(64);
    }
    buffer->data()[63] = 7;
    buffer.reset();
}

TEST_CASE("buffers come and go on several threads") {
    FramePool pool(3);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&pool, t] {
            for (int i = 0; i < 2000; ++i) {
                const auto buffer = pool.acquire(256);
                buffer->data()[i % 256] = static_cast<uint8_t>(t);
            }
        });
    for (std::thread &thread : threads)
        thread.join();
    CHECK(pool.outstanding() == 0);
}

TEST_CASE("the engine's clock goes forward and is near the wall clock") {
    const int64_t a = clockMicros();
    const int64_t b = clockMicros();
    CHECK(b >= a);
    CHECK(a > 1'500'000'000'000'000);
}
