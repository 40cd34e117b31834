import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Texture } from './Texture.mjs';

const pictures = 30;

/** A file of raw I420 pictures, to be read round and round: the texture goes to one side and back. */
export function pictureFile({ width, height }) {
  const folder = mkdtempSync(join(tmpdir(), 'rtcroom-bench-'));
  const path = join(folder, 'pictures.yuv');
  const texture = new Texture(width, height);
  const shifts = Array.from({ length: pictures }, (_, index) => 3 * Math.min(index, pictures - index));
  for (const shift of shifts) writeFileSync(path, texture.draw(shift), { flag: 'a' });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // Also when it is broken off: it is large.
  process.once('exit', remove);
  return { path, pictures, remove };
}
