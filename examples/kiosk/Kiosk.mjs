import { capabilities, RenderMode, RTCRoom, TXLivePusher, VideoWindow } from 'liteav-rtcroom';

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
  /** The screen is shown in place of the own picture. */
  #sharing = false;
  #turn = Promise.resolve();
  /** Resolves with the reason when the call has ended. */
  ended = new Promise((resolve) => {
    this.#end = resolve;
  });

  /** @param {ReturnType<import('./options.mjs').readOptions>} options */
  constructor(options) {
    this.#options = options;
    this.#room = new RTCRoom({ pusher: { engine: options.engine } });
  }

  end(reason) {
    this.#end(reason);
  }

  /** @param {object} login what RTCRoom.login takes @param {string} roomID */
  async start(login, roomID) {
    const { windowed, place } = this.#options;
    this.#window = await VideoWindow.open({
      title: `Call of ${login.userID}`,
      ...place,
      fullscreen: !windowed,
    });
    this.#window.on('key', ({ key, repeat }) => {
      if (key === 'Escape') this.end('Escape was pressed');
      if (key === 'S' && !repeat) this.share(!this.#sharing);
    });
    this.#window.on('closeRequest', () => this.end('the window was closed'));
    this.#window.on('closed', () => this.end('the window was closed'));
    this.#window.on('resize', () => this.#corner?.place(this.#cornerArea()));
    this.#say('Calling …');
    this.#corner = await this.#window.openRegion(this.#cornerArea());
    await this.#join(login, roomID);
  }

  /** The screen in place of the camera, or the camera again. */
  share(screen) {
    this.#sharing = screen;
    const change = async () => {
      try {
        if (screen) {
          await this.#room.startScreenPreview({ fps: 15, systemSound: false, windowHandle: this.#corner.handle });
          this.#say('You show your screen. S ends that.');
        } else {
          await this.#room.startLocalPreview(this.#ownPicture());
          this.#say('You are seen again.');
        }
      } catch (error) {
        // Ended meanwhile.
        if (error.code !== 'ERR_RTC_CLOSED' && error.code !== 'ERR_RTC_ABORTED') {
          this.#say(`${error.code}: ${error.message}`);
        }
      }
    };
    this.#turn = this.#turn.then(change);
    return this.#turn;
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
    await room.startLocalPreview({ ...this.#ownPicture(), audio: this.#audioSource() });
    room.pusher?.setRenderMode(RenderMode.FILLSCREEN);
    this.#say('Waiting for the other person. Escape ends the call.');
    try {
      await room.enterRoom({ roomID });
    } catch (error) {
      if (error.code !== 'ERR_RTC_ROOM_NOT_FOUND') throw error;
      await room.createRoom({ roomID, roomInfo: 'kiosk' });
    }
    console.log('In the room.');
  }

  #ownPicture() {
    return { video: { ...this.#videoSource(), windowHandle: this.#corner.handle }, fps: 25 };
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
    const top = this.#options.own === 'top' ? margin : height - h - margin;
    return { left: width - w - margin, top, width: w, height: h };
  }

  #videoSource() {
    const source = this.#options.video ?? this.#chosen('camera', (pusher) => pusher.enumCameras());
    return source === 'camera' || source === 'synthetic' ? { source } : { source: 'file', path: source, loop: true };
  }

  #audioSource() {
    return { source: this.#options.audio ?? this.#chosen('microphone', (pusher) => pusher.enumMics()) };
  }

  /** The device where the engine has such; in the demo only where one is there, for a call without it is an error. */
  #chosen(device, list) {
    const { engine, demo } = this.#options;
    const { videoSources, audioSources } = capabilities(engine);
    if (![...videoSources, ...audioSources].includes(device)) return 'synthetic';
    if (!demo) return device;
    const pusher = new TXLivePusher({ engine });
    try {
      if (list(pusher).length > 0) return device;
      console.log(`This machine has no ${device}: a synthetic one takes its place.`);
    } catch (error) {
      console.log(`A synthetic ${device} takes the place of the machine's: ${error.message}`);
    } finally {
      pusher.close();
    }
    return 'synthetic';
  }
}
