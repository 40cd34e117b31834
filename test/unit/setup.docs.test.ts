import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCatalogue } from '#lib/errors';
import { readErrors, readEvents, readStatus } from '../../scripts/docs/tables.mjs';

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('the tables in the documents', () => {
  it('have every error of the catalogue', () => {
    const rows = readErrors(text('lib/errors.ts'));
    expect(Object.fromEntries(rows.map(({ code, ...rest }) => [code, rest]))).toEqual(errorCatalogue);
  });

  it('have every event once a side', () => {
    const events = readEvents(text('native/engine/Event.h'), text('native/engine/Event.cpp'));
    const declared = [...text('native/engine/Event.h').matchAll(/inline constexpr int \w+ = /g)].length;
    expect(new Set(events.map(({ name }) => name)).size).toBe(events.length);
    expect(new Set(events.map(({ code, side }) => `${side} ${code}`)).size).toBe(events.length);
    // The four shared network warnings have a row on each side.
    expect(events).toHaveLength(declared + 4);
    expect(events).toContainEqual(expect.objectContaining({ name: 'PUSH_EVT_PUSH_BEGIN', code: 1002, side: 'Push' }));
  });

  it('have every status key with a unit', () => {
    const keys = readStatus(text('native/engine/Status.cpp'));
    expect(keys).toContainEqual({ name: 'VIDEO_BITRATE', unit: 'kbps' });
    expect(keys).toHaveLength([...text('native/engine/Status.cpp').matchAll(/StatusKey\{/g)].length);
  });

  it('are missed loudly when the code writes them differently', () => {
    expect(() => readErrors('')).toThrow();
    expect(() => readEvents('', 'RTCROOM_EVENT(Push, PUSH_EVT_NEW, Info, "x")')).toThrow();
  });
});
