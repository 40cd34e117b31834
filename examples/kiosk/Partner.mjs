import { RTCRoom } from 'liteav-rtcroom';

/** The second person of the demo: has no screen, sends a synthetic picture and a line of text. */
export class Partner {
  #room = new RTCRoom({ pusher: { engine: 'embedded' } });

  /** Makes the room. @param {object} login @param {string} roomID */
  async start(login, roomID) {
    const room = this.#room;
    await room.login(login);
    await room.startLocalPreview({
      video: { source: 'synthetic' },
      audio: { source: 'synthetic' },
      quality: { preset: 3, ratio: 1 },
      fps: 25,
    });
    room.on('memberJoin', async () => {
      await room.sendRoomTextMsg('Good morning, how can I help you?');
    });
    await room.createRoom({ roomID, roomInfo: 'demo' });
  }

  close() {
    return this.#room.close();
  }
}
