#include "engine/Player.h"

namespace rtcroom::engine {
namespace {

[[noreturn]] void unsupported(const char *method) {
    throw EngineException(ErrorCode::Unsupported,
                          std::string(method) + " is not supported by this engine; see capabilities");
}

} // namespace

void Player::startPlay(const std::string &, PlayType, Completion) { unsupported("startPlay"); }
void Player::stopPlay(Completion) { unsupported("stopPlay"); }
bool Player::isPlaying() const { unsupported("isPlaying"); }
void Player::pause() { unsupported("pause"); }
void Player::resume() { unsupported("resume"); }
void Player::setMute(bool) { unsupported("setMute"); }
void Player::setOutputVideoFormat(OutputVideoFormat, const OutputVideoOptions &) {
    unsupported("setOutputVideoFormat");
}
void Player::setOutputAudio(bool, const OutputAudioOptions &) { unsupported("setOutputAudio"); }
void Player::captureVideoSnapShot(const std::string &, Completion) { unsupported("captureVideoSnapShot"); }
void Player::startLocalRecord(const std::string &, uint64_t, Completion) { unsupported("startLocalRecord"); }
void Player::stopLocalRecord(Completion) { unsupported("stopLocalRecord"); }
void Player::setRenderFrame(uint64_t) { unsupported("setRenderFrame"); }
void Player::updateRenderFrame(uint64_t) { unsupported("updateRenderFrame"); }
void Player::closeRenderFrame() { unsupported("closeRenderFrame"); }
void Player::setRenderMode(int) { unsupported("setRenderMode"); }
void Player::setRotation(int) { unsupported("setRotation"); }
void Player::setRenderYMirror(bool) { unsupported("setRenderYMirror"); }
void Player::showDebugView(int) { unsupported("showDebugView"); }
void Player::setEnableMessage(bool) { unsupported("setEnableMessage"); }
void Player::setLivePlayAttribute(const std::string &) { unsupported("setLivePlayAttribute"); }
std::vector<Device> Player::enumSpeakers() { unsupported("enumSpeakers"); }
void Player::selectSpeakerDevice(int) { unsupported("selectSpeakerDevice"); }
int Player::speakerVolume() { unsupported("speakerVolume"); }
void Player::setSpeakerVolume(int) { unsupported("setSpeakerVolume"); }
int Player::speakerVolumeIndication() { unsupported("speakerVolumeIndication"); }
void Player::setAudioPlayoutVolume(int) { unsupported("setAudioPlayoutVolume"); }
int Player::getAudioPlayoutVolume() { unsupported("getAudioPlayoutVolume"); }

} // namespace rtcroom::engine
