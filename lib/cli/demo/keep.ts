import { once } from 'node:events';
import { RTCRoom } from '../../room/RTCRoom.js';
import type { TestService } from '../../testing/startTestService.js';

export interface JoinInfo {
  serverDomain: string;
  roomID: string;
  /** Good for one guest. */
  login: { sdkAppID: number; userID: string; userSig: string };
  /** Signed address of A's stream, for any RTMP player. */
  playURL: string;
}

/** A stays in a room of its own and pushes, until the signal; `ready` is told how to join. */
export async function keepRoom(
  service: TestService,
  signal: AbortSignal,
  ready: (info: JoinInfo) => void,
): Promise<void> {
  const host = new RTCRoom();
  try {
    await host.login(service.loginInfo('A'), { signal });
    await host.startLocalPreview({ video: { source: 'synthetic' }, audio: { source: 'synthetic' }, signal });
    const roomID = await host.createRoom({ roomInfo: 'demo', signal });
    const rooms = await host.getRoomList({ signal });
    const playURL = rooms.find((room) => room.roomID === roomID)?.pushers[0]?.accelerateURL ?? '';
    const { serverDomain, sdkAppID, userID, userSig } = service.loginInfo('guest');
    ready({ serverDomain, roomID, login: { sdkAppID, userID, userSig }, playURL });
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await host.close();
  }
}
