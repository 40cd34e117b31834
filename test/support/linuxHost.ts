/** Address of test/windows/support/linuxHost.mjs, for tests that run inside Windows Node. */
const hostUrl = process.env.RTCROOM_LINUX_HOST;

export interface Closable {
  close(): Promise<void>;
}

/** Starts something on the Linux side of a test on Windows; undefined where the tests run on one machine. */
export async function onLinux<T extends object>(
  kind: string,
  options: object = {},
): Promise<(T & Closable) | undefined> {
  if (!hostUrl) return undefined;
  const { id, ...rest } = await askLinux<T & { id: string }>('POST', kind, JSON.stringify(options));
  return { ...(rest as unknown as T), close: async () => void (await askLinux('DELETE', id)) };
}

/** One of the routes of the Linux host. */
export async function askLinux<T>(method: string, path: string, body?: string): Promise<T> {
  const response = await fetch(`${hostUrl}/${path}`, { method, ...(body ? { body } : {}) });
  if (!response.ok) throw new Error(`${method} ${path} of the Linux host: ${await response.text()}`);
  return (await response.json()) as T;
}

/** Presses a key, as a person at the screen would; named as xdotool does. */
export async function pressKey(key: string): Promise<void> {
  await askLinux('POST', 'key', JSON.stringify({ key }));
}

export interface Screen {
  width: number;
  height: number;
  /** Red, green and blue of a pixel, 0 to 255. */
  pixel(x: number, y: number): [number, number, number];
}

/** The screen as it is now; the picture is kept as build/windows/shots/<name>.png. */
export async function screenshot(name: string): Promise<Screen> {
  if (!hostUrl) throw new Error('there is no screen without RTCROOM_LINUX_HOST');
  const response = await fetch(`${hostUrl}/screen?name=${encodeURIComponent(name)}`);
  if (!response.ok) throw new Error(`no screenshot: ${await response.text()}`);
  const width = Number(response.headers.get('x-width'));
  const height = Number(response.headers.get('x-height'));
  const data = new Uint8Array(await response.arrayBuffer());
  const pixel = (x: number, y: number): [number, number, number] => {
    const at = (y * width + x) * 3;
    return [data[at] ?? -1, data[at + 1] ?? -1, data[at + 2] ?? -1];
  };
  return { width, height, pixel };
}
