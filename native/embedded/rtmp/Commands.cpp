#include "embedded/rtmp/Commands.h"

#include <algorithm>
#include <cmath>

#include "embedded/net/ProtocolError.h"
#include "embedded/rtmp/FourCc.h"

namespace rtcroom::embedded {

namespace {

constexpr size_t maxCodeLength = 64;

bool looksLikeCode(std::string_view text) {
    return text.size() <= maxCodeLength && (text.starts_with("NetConnection.") || text.starts_with("NetStream.")) &&
           std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
           });
}

Amf0Writer begin(std::string_view name, int transactionId) {
    Amf0Writer out;
    out.string(name).number(transactionId);
    return out;
}

bool isOneOf(const std::string &code, std::initializer_list<std::string_view> codes) {
    return std::ranges::find(codes, std::string_view(code)) != codes.end();
}

/// What enhanced RTMP has in connect: fourCcList of its first version, the maps and capsEx of the second.
void writeEnhanced(Amf0Writer &out, SessionRole role, std::span<const CodecId> codecs) {
    constexpr int canDecode = 1, canEncode = 2, modEx = 4;
    out.property("fourCcList").strictArray(static_cast<uint32_t>(codecs.size()));
    for (const CodecId codec : codecs)
        out.string(fourCcOf(codec).text());
    for (const MediaKind kind : {MediaKind::Video, MediaKind::Audio}) {
        out.property(kind == MediaKind::Video ? "videoFourCcInfoMap" : "audioFourCcInfoMap").object();
        for (const CodecId codec : codecs)
            if (fourCcOf(codec).kind == kind)
                out.property(fourCcOf(codec).text()).number(role == SessionRole::Play ? canDecode : canEncode);
        out.end();
    }
    out.property("capsEx").number(role == SessionRole::Play ? modEx : 0);
}

} // namespace

Bytes connectCommand(const StreamUrl &url, SessionRole role, std::span<const CodecId> enhanced) {
    Amf0Writer out = begin("connect", transaction::connect);
    out.object().property("app").string(url.app);
    // Servers tell encoders and players apart by these; the values are those of FFmpeg and librtmp.
    if (role == SessionRole::Publish) {
        out.property("type").string("nonprivate");
        out.property("flashVer").string("FMLE/3.0 (compatible; liteav-rtcroom)");
        out.property("tcUrl").string(url.display());
    } else {
        out.property("flashVer").string("LNX 9,0,124,2");
        out.property("tcUrl").string(url.display());
        out.property("fpad").boolean(false);
        out.property("capabilities").number(15);
        out.property("audioCodecs").number(4071);
        out.property("videoCodecs").number(252);
        out.property("videoFunction").number(1);
    }
    if (!enhanced.empty())
        writeEnhanced(out, role, enhanced);
    return out.end().take();
}

Bytes namedCommand(std::string_view command, int transactionId, const std::string &streamKey) {
    return begin(command, transactionId).null().string(streamKey).take();
}

Bytes createStreamCommand() { return begin("createStream", transaction::createStream).null().take(); }

Bytes publishCommand(const std::string &streamKey) {
    return begin("publish", transaction::stream).null().string(streamKey).string("live").take();
}

Bytes playCommand(const std::string &streamKey) {
    // -2000 (in ms of a field that old servers read in s): the live stream, or else a recorded one.
    return begin("play", transaction::stream).null().string(streamKey).number(-2000).take();
}

Bytes deleteStreamCommand(uint32_t streamId) {
    return begin("deleteStream", transaction::ending).null().number(streamId).take();
}

Command Command::parse(std::span<const uint8_t> amf0) {
    std::vector<AmfValue> values = readAmf0(amf0);
    Command out;
    const std::string *name = values.empty() ? nullptr : values[0].string();
    if (!name)
        throw ProtocolError("an RTMP command has no name");
    out.name = *name;
    const double *number = values.size() > 1 ? values[1].number() : nullptr;
    if (number && std::isfinite(*number) && std::abs(*number) < 1e9)
        out.transactionId = static_cast<int>(*number);
    if (values.size() > 2)
        out.arguments.assign(std::make_move_iterator(values.begin() + 2), std::make_move_iterator(values.end()));
    return out;
}

const AmfValue *Command::info() const {
    for (const AmfValue &argument : arguments)
        if (argument.find("code"))
            return &argument;
    return nullptr;
}

std::string Command::code() const {
    const AmfValue *status = info();
    const std::string_view text = status ? status->text("code") : std::string_view();
    return looksLikeCode(text) ? std::string(text) : std::string();
}

bool Command::isError() const {
    const AmfValue *status = info();
    return name == "_error" || (status && status->text("level") == "error");
}

std::string_view Command::redirect() const {
    const AmfValue *status = info();
    const AmfValue *ex = status ? status->find("ex") : nullptr;
    const AmfValue *number = ex ? ex->find("code") : nullptr;
    if (!number || !number->number() || *number->number() != 302)
        return {};
    return ex->text("redirect");
}

std::optional<SessionEnd> endOfStatus(const std::string &code, bool error, SessionRole role) {
    if (isOneOf(code, {"NetStream.Play.StreamNotFound", "NetStream.Play.FileNotFound"}))
        return SessionEnd::StreamNotFound;
    if (role == SessionRole::Play &&
        isOneOf(code, {"NetStream.Play.UnpublishNotify", "NetStream.Play.Stop", "NetStream.Play.Complete"}))
        return SessionEnd::StreamEnded;
    if (isOneOf(code, {"NetConnection.Connect.Closed", "NetConnection.Connect.AppShutdown",
                       "NetConnection.Connect.IdleTimeOut", "NetConnection.Connect.IdleTimeout",
                       "NetStream.Unpublish.Success"}))
        return SessionEnd::ServerDisconnected;
    if (error ||
        isOneOf(code, {"NetConnection.Connect.Rejected", "NetConnection.Connect.Failed",
                       "NetConnection.Connect.InvalidApp", "NetStream.Publish.BadName", "NetStream.Publish.Denied",
                       "NetStream.Publish.Rejected", "NetStream.Play.Failed", "NetStream.Failed"}))
        return SessionEnd::Refused;
    return std::nullopt;
}

std::string describeStatus(SessionEnd end, const std::string &code, SessionRole role, const std::string &server) {
    const std::string suffix = code.empty() ? std::string() : " (" + code + ")";
    switch (end) {
    case SessionEnd::StreamNotFound:
        return server + " has no such stream" + suffix + "; check the stream's name, and that it is being published";
    case SessionEnd::StreamEnded:
        return "the stream on " + server + " ended" + suffix;
    case SessionEnd::ServerDisconnected:
        return server + " ended the session" + suffix;
    default:
        break;
    }
    if (code == "NetStream.Publish.BadName")
        return server + " refused the publish" + suffix +
               "; the stream already has a publisher, or its name or signature is not accepted";
    if (code.starts_with("NetConnection."))
        return server + " refused the connection" + suffix + "; check the app's name and the URL's signature";
    return server + (role == SessionRole::Publish ? " refused the publish" : " refused the play") + suffix +
           "; check the URL's signature and its expiry";
}

} // namespace rtcroom::embedded
