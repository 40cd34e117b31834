#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "embedded/net/SessionResult.h"
#include "embedded/net/StreamUrl.h"
#include "embedded/rtmp/Amf0.h"

namespace rtcroom::embedded {

enum class SessionRole { Publish, Play };

/// Transaction numbers of the commands that are sent in one go.
namespace transaction {
constexpr int connect = 1;
constexpr int createStream = 2;
constexpr int releaseStream = 3;
constexpr int fcPublish = 4;
constexpr int stream = 5; // publish or play
constexpr int ending = 0; // no answer wanted
} // namespace transaction

/// `enhanced` are the codecs beyond H.264 and AAC that a player decodes or a publisher encodes; without any it is plain
/// RTMP, since some servers refuse what they do not know.
Bytes connectCommand(const StreamUrl &url, SessionRole role, std::span<const CodecId> enhanced = {});
/// releaseStream, FCPublish, FCUnpublish.
Bytes namedCommand(std::string_view command, int transactionId, const std::string &streamKey);
Bytes createStreamCommand();
Bytes publishCommand(const std::string &streamKey);
Bytes playCommand(const std::string &streamKey);
Bytes deleteStreamCommand(uint32_t streamId);

/// A command from the server: name, transaction, what follows.
struct Command {
    std::string name;
    int transactionId = 0;
    std::vector<AmfValue> arguments;

    /// Throws ProtocolError when it is damaged.
    static Command parse(std::span<const uint8_t> amf0);
    /// The status object of _result, _error and onStatus; null when there is none.
    const AmfValue *info() const;
    /// Its code, if it looks like one ("NetStream.Publish.BadName"): a server's free text may repeat the stream key.
    std::string code() const;
    bool isError() const;
    /// Where a rejected connect may be made instead (ex.redirect with ex.code 302, as SRS and Adobe's server have it);
    /// empty when nowhere. Of a server's making: never print it.
    std::string_view redirect() const;
};

/// What a status code means for a session: its end, or nothing.
std::optional<SessionEnd> endOfStatus(const std::string &code, bool error, SessionRole role);

/// Cause and remedy of such an end, for people.
std::string describeStatus(SessionEnd end, const std::string &code, SessionRole role, const std::string &server);

} // namespace rtcroom::embedded
