// An engine that goes wrong, in place of the addon (LITEAV_RTCROOM_ADDON): startPush never returns, setNearestIP crashes.
class Pusher {
  constructor(_options, handler) {
    this.handler = handler;
  }
  isPushing() {
    return false;
  }
  dropped() {
    return { video: 0, audio: 0 };
  }
  async close() {}
  startPush() {
    this.handler({ kind: 'event', payload: { name: 'PUSH_EVT_CONNECT_SUCC', params: {} } });
    for (;;);
  }
  setNearestIP() {
    require('node:fs').writeSync(
      2,
      'push rtmp://media.example/live/one?txSecret=hush0123\nuserSig=hush4567\nbad pointer\n',
    );
    process.kill(process.pid, 'SIGKILL');
  }
}
module.exports = { Pusher, Player: Pusher, clockMicros: () => Date.now() * 1000 };
