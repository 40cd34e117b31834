import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A lock without a readable owner this old is left over from a crash between making the folder and writing into it. */
const orphanMs = 5000;

/** @param {number} pid */
function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** When a process began, so that another one with its number is not taken for it; '' where /proc is not there. @param {number} pid */
function beganAt(pid) {
  try {
    // Field 22 of proc(5)'s stat; the name in field 2 may hold blanks and brackets.
    return (
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? ''
    );
  } catch {
    return '';
  }
}

/** @param {string} folder @returns {{ pid: number, began: string } | undefined} the owner; undefined when it cannot be told */
function ownerOf(folder) {
  try {
    const { pid, began } = JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8'));
    return typeof pid === 'number' ? { pid, began } : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} folder */
function abandoned(folder) {
  const owner = ownerOf(folder);
  if (owner) return !alive(owner.pid) || beganAt(owner.pid) !== owner.began;
  const stat = statSync(folder, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > orphanMs;
}

/**
 * Runs `action` while no other process runs one under the same lock folder; waits for the other, takes over from a dead
 * one. `onWait` is told once that there is another.
 * @template T @param {string} folder @param {() => Promise<T>} action @param {(pid: number | undefined) => void} onWait @returns {Promise<T>}
 */
export async function withLock(folder, action, onWait) {
  for (let told = false; ; ) {
    try {
      mkdirSync(folder);
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    if (abandoned(folder)) {
      takeAway(folder);
      continue;
    }
    if (!told) onWait(ownerOf(folder)?.pid);
    told = true;
    await delay(200);
  }
  writeFileSync(join(folder, 'owner.json'), JSON.stringify({ pid: process.pid, began: beganAt(process.pid) }));
  const release = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', release);
  try {
    return await action();
  } finally {
    process.off('exit', release);
    release();
  }
}

/** Renaming first lets only one of several waiting processes take a dead one's lock away. @param {string} folder */
function takeAway(folder) {
  const aside = `${folder}.${process.pid}`;
  try {
    renameSync(folder, aside);
  } catch {
    return;
  }
  if (!abandoned(aside)) {
    // Another process had taken it away and locked anew in between: give it back.
    renameSync(aside, folder);
    return;
  }
  rmSync(aside, { recursive: true, force: true });
}
