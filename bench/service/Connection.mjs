import { Client } from 'undici';
import { issueUserSig } from '#lib/server/auth/userSig';
import { sdkAppID, secretKey } from './Server.mjs';

const accepted = '{"code":0,';

/** One connection to a server, on which one call follows another. */
export class Connection {
  /** Answers so far. */
  answered = 0;
  /** Of the latest answer. */
  headers = {};
  #client;

  constructor(url) {
    this.#client = new Client(url, { pipelining: 1 });
  }

  /** The text of an answer of code 0; anything else rejects. */
  post(path, body) {
    const request = {
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    return new Promise((resolve, reject) => {
      let text = '';
      this.#client.dispatch(request, {
        onRequestStart() {},
        onResponseStart: (_controller, _status, headers) => {
          this.headers = headers;
        },
        onResponseData(_controller, piece) {
          text += piece.toString();
        },
        onResponseEnd: () => {
          this.answered++;
          if (text.startsWith(accepted)) resolve(text);
          else reject(new Error(`${path.split('?')[0]} was refused: ${text}`));
        },
        onResponseError(_controller, error) {
          reject(error);
        },
      });
    });
  }

  close() {
    return this.#client.destroy();
  }
}

/** A user of multi_rooms who is logged in. */
export class User {
  static async login(connection, userID) {
    const userSig = issueUserSig({ sdkAppID, secretKey, userID, expireSeconds: 86_400 });
    const query = new URLSearchParams({ sdkAppID, accountType: '0', userID, userSig });
    const { token } = JSON.parse(await connection.post(`/weapp/multi_room/login?${query}`, {}));
    return new User(userID, token);
  }

  constructor(userID, token) {
    this.userID = userID;
    this.query = `userID=${userID}&token=${token}`;
  }

  call(connection, method, body) {
    return connection.post(`/weapp/multi_room/${method}?${this.query}`, body);
  }

  create(connection, roomID) {
    return this.call(connection, 'create_room', { userID: this.userID, roomInfo: 'a room of the benchmark', roomID });
  }

  /** The text that add_pusher answers. */
  async enter(connection, roomID) {
    return this.takeSeat(connection, roomID, await this.pushURL(connection, roomID));
  }

  async pushURL(connection, roomID) {
    const answer = await this.call(connection, 'get_push_url', { userID: this.userID, roomID });
    return JSON.parse(answer).pushURL;
  }

  takeSeat(connection, roomID, pushURL) {
    const { userID } = this;
    const body = { userID, roomID, userName: `name of ${userID}`, userAvatar: '', pushURL };
    return this.call(connection, 'add_pusher', body);
  }

  beat(connection, roomID) {
    return this.call(connection, 'pusher_heartbeat', { userID: this.userID, roomID });
  }

  leave(connection, roomID) {
    return this.call(connection, 'delete_pusher', { userID: this.userID, roomID });
  }

  members(connection, roomID) {
    return this.call(connection, 'get_pushers', { roomID });
  }

  list(connection) {
    return this.call(connection, 'get_room_list', { cnt: 20, index: 0 });
  }
}
