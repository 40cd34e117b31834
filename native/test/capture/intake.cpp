#include "encodedMedia.h"

namespace engine = rtcroom::engine;
using namespace rtcroom::embedded;
using namespace rtcroom::embedded::test;

namespace {

const EncodedMedia &media() {
    // One key frame, however long the machine takes for the others.
    static const EncodedMedia made = makeMedia({320, 180}, 20, 60);
    return made;
}

/// The error of one call, which leaves the intake of use.
std::optional<ErrorCode> refusal(const H264Intake &intake, const Bytes &bytes) {
    H264Intake copy = intake;
    return codeOf([&] { copy.take(bytes); });
}

Bytes operator+(Bytes a, const Bytes &b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

const Bytes START{0, 0, 0, 1};

} // namespace

TEST_CASE("a picture of H.264 keeps its bytes, and its parameter sets become the configuration") {
    H264Intake intake;
    const auto first = intake.take(media().pictures[0].whole());
    REQUIRE(first);
    CHECK(first->keyFrame);
    CHECK(first->reference);
    CHECK(first->size == engine::Size{320, 180});
    CHECK(*first->config == media().videoConfig);
    CHECK(annexB(first->data) == media().pictures[0].bytes);
    const auto second = intake.take(media().pictures[1].bytes);
    REQUIRE(second);
    CHECK_FALSE(second->keyFrame);
    CHECK(second->config == first->config);
    CHECK(annexB(second->data) == media().pictures[1].bytes);
}

TEST_CASE("what comes before a picture may come in calls of its own, and delimiters and filler go") {
    H264Intake intake;
    const Bytes sei = START + Bytes{6, 5, 1, 42, 0x80};
    CHECK_FALSE(intake.take(media().pictures[0].sets));
    CHECK_FALSE(intake.take(sei));
    const Bytes delimiter = START + Bytes{9, 0xf0};
    const Bytes filler = START + Bytes{12, 0xff, 0x80};
    const auto unit = intake.take(delimiter + media().pictures[0].bytes + filler);
    REQUIRE(unit);
    CHECK(annexB(unit->data) == sei + media().pictures[0].bytes);
    CHECK(*unit->config == media().videoConfig);
}

TEST_CASE("malformed H.264 is refused") {
    H264Intake fresh;
    CHECK(refusal(fresh, {}) == ErrorCode::InvalidArgument);
    CHECK(refusal(fresh, {1, 2, 3, 4}) == ErrorCode::InvalidArgument);
    CHECK(refusal(fresh, {0, 0, 1}) == ErrorCode::InvalidArgument);
    CHECK(refusal(fresh, {0, 0, 0, 0, 0}) == ErrorCode::InvalidArgument);
    // Length prefixes in place of start codes.
    CHECK(refusal(fresh, {0, 0, 0, 9, 0x65, 0x88}) == ErrorCode::InvalidArgument);
    CHECK(refusal(fresh, Bytes(H264Intake::maxBytes + 1)) == ErrorCode::InvalidArgument);
    // HEVC's VPS, the forbidden bit, a reserved type, data partitions.
    for (const uint8_t header : {0x40, 0xe5, 0x78, 0x42})
        CHECK(refusal(fresh, START + Bytes{header, 1, 2, 3}) == ErrorCode::InvalidArgument);
    // A delimiter alone.
    CHECK(refusal(fresh, START + Bytes{9, 0xf0}) == ErrorCode::InvalidArgument);
    CHECK(refusal(fresh, START + Bytes{0x67}) == ErrorCode::InvalidArgument);
    CHECK(refusal(fresh, START + Bytes{0x68}) == ErrorCode::InvalidArgument);
    CHECK(refusal(fresh, START + Bytes{0x65}) == ErrorCode::InvalidArgument);
    // No parameter sets; a PPS without its SPS.
    CHECK(refusal(fresh, media().pictures[0].bytes) == ErrorCode::InvalidState);
    const auto sets = splitAnnexB(media().pictures[0].sets);
    REQUIRE(sets.size() == 2);
    H264Intake half;
    half.take(START + Bytes(sets[1].begin(), sets[1].end()));
    CHECK(refusal(half, media().pictures[0].bytes) == ErrorCode::InvalidState);
    // An SPS whose beginning alone is there.
    CHECK(refusal(fresh, START + Bytes(sets[0].begin(), sets[0].begin() + 5)) == ErrorCode::InvalidArgument);

    H264Intake intake;
    REQUIRE(intake.take(media().pictures[0].whole()));
    // Two pictures, one that begins in its middle (first_mb_in_slice 1), sets behind a picture.
    CHECK(refusal(intake, media().pictures[1].bytes + media().pictures[2].bytes) == ErrorCode::InvalidArgument);
    CHECK(refusal(intake, START + Bytes{0x41, 0x4e, 0x80}) == ErrorCode::InvalidArgument);
    CHECK(refusal(intake, media().pictures[1].bytes + media().pictures[0].sets) == ErrorCode::InvalidArgument);
    // A PPS that nobody sent (ue 1: 010 behind first_mb 0 and slice type 0).
    CHECK(refusal(intake, START + Bytes{0x41, 0b1101'0000, 0x80}) == ErrorCode::InvalidState);
    Bytes much(70'000, 0x55);
    CHECK(refusal(intake, START + Bytes{6} + much) == ErrorCode::InvalidArgument);
    CHECK(refusal(intake, START + Bytes{0x67, 66, 0, 30, 0x80} + much) == ErrorCode::InvalidArgument);
    CHECK(refusal(intake, media().pictures[1].bytes) == std::nullopt);
}

TEST_CASE("other parameter sets hold from a key frame on") {
    const EncodedMedia other = makeMedia({480, 272}, 3);
    H264Intake intake;
    const auto first = intake.take(media().pictures[0].whole());
    REQUIRE(first);
    CHECK_FALSE(intake.take(other.pictures[0].sets));
    const auto between = intake.take(media().pictures[1].bytes);
    REQUIRE(between);
    CHECK(between->premature);
    CHECK(between->config == first->config);
    const auto next = intake.take(other.pictures[0].bytes);
    REQUIRE(next);
    CHECK_FALSE(next->premature);
    CHECK(*next->config == other.videoConfig);
    CHECK(next->size == engine::Size{480, 272});
    // The same again is no change.
    CHECK(intake.take(other.pictures[0].whole())->config == next->config);
}

TEST_CASE("a picture parameter set that comes with another picture than a key frame goes with it, once") {
    H264Intake intake;
    REQUIRE(intake.take(media().pictures[0].whole()));
    const auto sets = splitAnnexB(media().pictures[0].sets);
    // pps_id 1 (010), sps_id 0 (1), and the rest of the bits of the first one, whose ids are 1 1.
    Bytes pps{0x68, 0b0101'1110, 0x3c, 0x80};
    const auto unit = intake.take(START + pps + media().pictures[1].bytes);
    REQUIRE(unit);
    CHECK_FALSE(unit->premature);
    CHECK(annexB(unit->data) == START + pps + media().pictures[1].bytes);
    CHECK(annexB(intake.take(media().pictures[2].bytes)->data) == media().pictures[2].bytes);
    const auto key = intake.take(media().pictures[0].bytes);
    REQUIRE(key);
    CHECK(h264ParameterSets(*key->config).size() == h264ParameterSets(media().videoConfig).size() + 4 + pps.size());
}

TEST_CASE("parameter sets without end are refused, so that a picture with them fits into a message") {
    H264Intake intake;
    REQUIRE(intake.take(media().pictures[0].whole()));
    // pps_id 1 to 30 in nine bits and more, each of 60 KB; the SPS is that of the picture.
    int taken = 0;
    for (int id = 1; id <= 30; ++id) {
        // ue of id, then of 0.
        int width = 0;
        while ((id + 1) >> (width + 1) != 0)
            ++width;
        const auto code = static_cast<uint32_t>((id + 1) << 1 | 1) << (32 - 2 * width - 2);
        Bytes pps = START + Bytes{0x68, static_cast<uint8_t>(code >> 24), static_cast<uint8_t>(code >> 16)};
        pps.resize(60'000, 0x55);
        if (const auto refused = refusal(intake, pps)) {
            CHECK(refused == ErrorCode::InvalidArgument);
            break;
        }
        REQUIRE_FALSE(intake.take(pps));
        ++taken;
    }
    CHECK(taken == 17);
    const auto unit = intake.take(media().pictures[1].bytes);
    REQUIRE(unit);
    CHECK(unit->data.size() > size_t{17} * 59'000);
    CHECK(intake.take(media().pictures[0].bytes)->config->size() < 2 << 20);
}

TEST_CASE("AAC is taken raw with its configuration, and as ADTS") {
    const EncodedMedia::Sound &sound = media().sounds[3];
    AacIntake raw;
    const auto units =
        raw.take({sound.unit->data(), sound.unit->size(), 0, 0, -1, engine::UserAudioFormat::Aac, media().audioConfig});
    REQUIRE(units.size() == 1);
    CHECK(*units[0].data == *sound.unit);
    CHECK(*units[0].config == media().audioConfig);
    CHECK(units[0].channels == 1);
    CHECK(units[0].durationUs() == 21'333);
    // The configuration stays.
    CHECK(raw.take({sound.unit->data(), sound.unit->size(), 0, 0, -1, engine::UserAudioFormat::Aac}).front().config ==
          units[0].config);

    AacIntake adts;
    const Bytes two = media().sounds[4].adts() + media().sounds[5].adts();
    const auto framed = adts.take({two.data(), two.size(), 0, 0, -1, engine::UserAudioFormat::Adts});
    REQUIRE(framed.size() == 2);
    CHECK(*framed[0].data == *media().sounds[4].unit);
    CHECK(*framed[1].data == *media().sounds[5].unit);
    CHECK(readAacConfig(*framed[0].config)->sampleRate == 48000);
}

TEST_CASE("malformed AAC is refused") {
    const auto refused = [](engine::UserAudioFormat format, const Bytes &bytes, const Bytes &config = {}) {
        AacIntake intake;
        return codeOf([&] { intake.take({bytes.data(), bytes.size(), 0, 0, -1, format, config}); });
    };
    using enum engine::UserAudioFormat;
    const Bytes unit = *media().sounds[3].unit;
    const Bytes &config = media().audioConfig;
    CHECK(refused(Aac, unit, config) == std::nullopt);
    CHECK(refused(Aac, unit) == ErrorCode::InvalidState);
    CHECK(refused(Aac, {}, config) == ErrorCode::InvalidArgument);
    CHECK(refused(Aac, unit, {0x11}) == ErrorCode::InvalidArgument);
    CHECK(refused(Aac, unit, {0, 0}) == ErrorCode::InvalidArgument);
    CHECK(refused(Aac, unit, Bytes(65, 0x11)) == ErrorCode::InvalidArgument);
    // AAC-LC of 48 kHz with 6 channels.
    CHECK(refused(Aac, unit, {0x11, 0xb0}) == ErrorCode::InvalidArgument);
    // AAC-LC of 1 Hz (in 24 bits) and a channel: a unit would last for minutes.
    CHECK(refused(Aac, unit, {0x17, 0x80, 0, 0, 0x88}) == ErrorCode::InvalidArgument);
    CHECK(refused(Aac, Bytes(8192, 1), config) == ErrorCode::InvalidArgument);
    const Bytes adts = media().sounds[3].adts();
    CHECK(refused(Aac, adts, config) == ErrorCode::InvalidArgument);
    CHECK(refused(Adts, adts) == std::nullopt);
    CHECK(refused(Adts, unit) == ErrorCode::InvalidArgument);
    CHECK(refused(Adts, Bytes(adts.begin(), adts.end() - 1)) == ErrorCode::InvalidArgument);
    CHECK(refused(Adts, Bytes(adts.begin(), adts.begin() + 4)) == ErrorCode::InvalidArgument);
    CHECK(refused(Adts, adts + Bytes{0xff}) == ErrorCode::InvalidArgument);
    const auto changed = [&](size_t at, uint8_t value) {
        Bytes bytes = adts;
        bytes[at] = value;
        return refused(Adts, bytes);
    };
    CHECK(changed(1, 0xf7) == ErrorCode::InvalidArgument);           // layer
    CHECK(changed(2, 0x7c) == ErrorCode::InvalidArgument);           // sample rate
    CHECK(changed(3, adts[3] & 0x3f) == ErrorCode::InvalidArgument); // channels
    CHECK(changed(6, 0xfd) == ErrorCode::InvalidArgument);           // two blocks
    CHECK(changed(4, 0) == ErrorCode::InvalidArgument);              // length
    Bytes many;
    for (int i = 0; i < 101; ++i)
        many.insert(many.end(), adts.begin(), adts.end());
    CHECK(refused(Adts, many) == ErrorCode::InvalidArgument);
}
