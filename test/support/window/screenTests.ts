import { afterAll, afterEach, beforeAll } from 'vitest';
import { type NginxRtmp, startNginxRtmp } from '../nginxRtmp.js';
import { type Screen, startScreen } from './screen.js';

/** A screen and an RTMP server, while the tests of the file that calls this run. */
export function useScreen(name: string) {
  let screen: Screen;
  let server: NginxRtmp;
  let streams = 0;
  const open: AsyncDisposable[] = [];
  beforeAll(async () => {
    [screen, server] = await Promise.all([startScreen(), startNginxRtmp()]);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each[Symbol.asyncDispose]()));
  });
  afterAll(async () => {
    await server?.close();
    await screen?.close();
  });
  return {
    get screen(): Screen {
      return screen;
    },
    /** The address of a stream that no other test has. */
    newUrl: (): string => `${server.rtmpUrl}/${name}${++streams}`,
    /** Ends with the test. */
    kept: <T extends AsyncDisposable>(each: T): T => {
      open.push(each);
      return each;
    },
  };
}
