import { capabilities, RenderMode, RTCRoom, VideoWindow } from 'liteav-rtcroom';

/** The own picture in the corner, in parts of the window, and its distance from the edges, px. */
const cornerPart = 1 / 4;
const margin = 24;

/**
 * One call on one screen: the other person fills it, the own picture stands in the corner, a line of text below says what
 * goes on. Ends with Escape, with the window, or when `end` is called.
 */
export class Kiosk {
  #options;
  #room;
  #window;
  #corner;
  #end;
  /** Resolves with the reason when the call has ended. */
  ended = new Promise((resolve) => {
    this.#end = resolve;
  });

  /** @param {{ engine: string, video?: string, windowed: boolean }} options */
  constructor(options) {
    this.#options = options;
    this.#room = new RTCRoom({ pusher: { engine: options.engine } });
  }

  end(reason) {
    this.#end(reason);
  }

  /** @param {object} login what RTCRoom.login takes @param {string} roomID */
  async start(login, roomID) {
    const { windowed } = this.#options;
    this.#window = await VideoWindow.open({
      title: `Call of ${login.userID}`,
      width: 1280,
      height: 720,
      fullscreen: !windowed,
    });
    this.#window.on('key', ({ key }) => key === 'Escape' && this.end('Escape was pressed'));
    this.#window.on('closeRequest', () => this.end('the window was closed'));
    this.#window.on('closed', () => this.end('the window was closed'));
    this.#window.on('resize', () => this.#corner?.place(this.#cornerArea()));
    this.#say('Calling …');
    this.#corner = await this.#window.openRegion(this.#cornerArea());
    await this.#join(login, roomID);
  }

  async close() {
    await this.#room.close();
    await this.#window?.close();
  }

  async #join(login, roomID) {
    const room = this.#room;
    room.on('memberJoin', ({ userID, userName }) => this.#show(userID, userName));
    room.on('memberLeave', ({ userName }) => this.#say(`${userName} has left. Escape ends the call.`));
    room.on('textMsg', ({ userName, text }) => this.#say(`${userName}: ${text}`));
    room.on('roomClosed', () => this.end('the room was closed'));
    room.on('error', (error) => this.#say(`${error.code}: ${error.message}`));
    await room.login(login);
    await room.startLocalPreview({
      video: { ...this.#videoSource(), windowHandle: this.#corner.handle },
      audio: this.#audioSource(),
      fps: 25,
    });
    room.pusher?.setRenderMode(RenderMode.FILLSCREEN);
    this.#say('Waiting for the other person. Escape ends the call.');
    try {
      await room.enterRoom({ roomID });
    } catch (error) {
      if (error.code !== 'ERR_RTC_ROOM_NOT_FOUND') throw error;
      await room.createRoom({ roomID, roomInfo: 'kiosk' });
    }
  }

  async #show(userID, userName) {
    this.#say(`${userName} is here. Escape ends the call.`);
    try {
      await this.#room.addRemoteView(userID, {
        player: { engine: this.#options.engine },
        onPlayer: (player) => {
          player.setRenderFrame(this.#window.handle);
          player.setRenderMode(RenderMode.ADAPT);
        },
      });
    } catch (error) {
      // Gone again before the first picture.
      if (error.code !== 'ERR_RTC_ABORTED') this.#say(`${error.code}: ${error.message}`);
    }
  }

  #say(text) {
    if (!this.#window.closed) this.#window.setCaption(text);
    console.log(text);
  }

  #cornerArea() {
    const { width, height } = this.#window;
    const [w, h] = [Math.max(1, Math.round(width * cornerPart)), Math.max(1, Math.round(height * cornerPart))];
    return { left: width - w - margin, top: margin, width: w, height: h };
  }

  #videoSource() {
    const { engine, video } = this.#options;
    const has = (source) => capabilities(engine).videoSources.includes(source);
    const source = video ?? (has('camera') ? 'camera' : 'synthetic');
    return source === 'camera' || source === 'synthetic' ? { source } : { source: 'file', path: source, loop: true };
  }

  #audioSource() {
    const { audioSources } = capabilities(this.#options.engine);
    return { source: audioSources.includes('microphone') ? 'microphone' : 'synthetic' };
  }
}
