#include "v2/Effects.h"

#include "runtime/Call.h"

using namespace liteav;

namespace standin {

AudioEffects::AudioEffects() { objects::add(this, Kind::AudioEffects); }
AudioEffects::~AudioEffects() { objects::remove(this); }

void AudioEffects::enableVoiceEarMonitor(bool enable) {
    Call(this, Kind::AudioEffects, "enableVoiceEarMonitor").arg(enable);
}

void AudioEffects::setVoiceEarMonitorVolume(int volume) {
    Call(this, Kind::AudioEffects, "setVoiceEarMonitorVolume").arg(volume);
}

void AudioEffects::setVoiceReverbType(int type) { Call(this, Kind::AudioEffects, "setVoiceReverbType").arg(type); }

void AudioEffects::setVoiceChangerType(int type) { Call(this, Kind::AudioEffects, "setVoiceChangerType").arg(type); }

void AudioEffects::setVoiceCaptureVolume(int volume) {
    Call call(this, Kind::AudioEffects, "setVoiceCaptureVolume");
    call.arg(volume);
    if (volume < 0 || volume > 150)
        call.fault("the volume is not 0-150");
}

void AudioEffects::setVoicePitch(double pitch) { Call(this, Kind::AudioEffects, "setVoicePitch").arg(pitch); }

void AudioEffects::setMusicObserver(void *observer) {
    Call(this, Kind::AudioEffects, "setMusicObserver").address(observer);
}

void AudioEffects::startPlayMusic(AudioMusicParam music) {
    Call call(this, Kind::AudioEffects, "startPlayMusic");
    call.arg(music.id);
    call.text(music.path);
}

void AudioEffects::setMusicTrack(int id, int track) {
    Call(this, Kind::AudioEffects, "setMusicTrack").arg(id).arg(track);
}

void AudioEffects::unspecified() {
    Call call(this, Kind::AudioEffects, "unspecified");
    call.fault("the specification does not say what this slot is");
}

Beauty::Beauty() { objects::add(this, Kind::Beauty); }
Beauty::~Beauty() { objects::remove(this); }

void Beauty::unspecified() {
    Call call(this, Kind::Beauty, "unspecified");
    call.fault("the specification does not say what this slot is");
}

} // namespace standin
