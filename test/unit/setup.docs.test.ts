import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCatalogue } from '#lib/errors';
import { embeddedNever, liteavV2Never, statusRows } from '../../scripts/docs/engineTables.mjs';
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

  it('say of each status key what it means on which side', () => {
    const keys = readStatus(text('native/engine/Status.cpp')).map(({ name }) => name);
    expect(Object.keys(statusRows)).toEqual(keys);
    for (const [key, row] of Object.entries(statusRows)) {
      const sides = { both: 2, pusher: 1, player: 1, neither: 0 };
      const meanings = [row.pusher, row.player].filter((meaning) => meaning !== undefined).length;
      expect(meanings, key).toBeGreaterThanOrEqual(Math.max(sides[row.embedded], sides[row.liteavV2]));
      expect(row.why !== undefined, `${key}: why not, where it never comes`).toBe(row.embedded === 'neither');
    }
  });

  it('name no event that there is not', () => {
    const names = new Set(
      readEvents(text('native/engine/Event.h'), text('native/engine/Event.cpp')).map((e) => e.name),
    );
    for (const name of [...Object.keys(embeddedNever), ...liteavV2Never]) expect(names).toContain(name);
  });

  it('know which events and keys the V2 generation of the LiteAV SDK tells', () => {
    const folder = new URL('../../native/liteav/v2/', import.meta.url);
    const files = readdirSync(folder).filter((file) => file.endsWith('.cpp'));
    const common = text('native/liteav/v2/Codes.cpp') + text('native/liteav/SdkObject.cpp');
    const passedOn = [...common.matchAll(/((?:\s*case -?\d+:)+)\s*return code;/g)].flatMap(([, cases = '']) =>
      [...cases.matchAll(/-?\d+/g)].map(([code]) => Number(code)),
    );
    for (const { name, side, code } of readEvents(text('native/engine/Event.h'), text('native/engine/Event.cpp'))) {
      const own = files.filter((file) => file.startsWith(side === 'Push' ? 'V2Pusher' : 'V2Player'));
      const sources = common + own.map((file) => readFileSync(new URL(file, folder), 'utf8')).join();
      const shared = code >= 3001 && code <= 3004;
      const constant = shared ? name.replace(/^(PUSH|PLAY)_/, '') : name;
      const told = new RegExp(`event::${constant}\\b`).test(sources) || (side === 'Push' && passedOn.includes(code));
      expect(liteavV2Never.has(name), name).toBe(!told);
    }
    const told = (from: string, to: string) => {
      const part = common.slice(common.indexOf(from), common.indexOf(to));
      return [...part.matchAll(/"([A-Z_]+)", double\(|emplace_back\("([A-Z_]+)"/g)].map(([, one, two]) => one ?? two);
    };
    const both = told('engine::Status commonStatus(', 'engine::Status statusOf(const PusherStatistics');
    const pusher = told(
      'engine::Status statusOf(const PusherStatistics',
      'engine::Status statusOf(const PlayerStatistics',
    );
    const player = told('engine::Status statusOf(const PlayerStatistics', 'void EncoderSettings::setPreset');
    expect(both.length * pusher.length * player.length).toBeGreaterThan(0);
    for (const [key, row] of Object.entries(statusRows)) {
      const on = both.includes(key)
        ? 'both'
        : pusher.includes(key)
          ? 'pusher'
          : player.includes(key)
            ? 'player'
            : 'neither';
      expect(row.liteavV2, key).toBe(on);
    }
  });

  it('are missed loudly when the code writes them differently', () => {
    expect(() => readErrors('')).toThrow();
    expect(() => readEvents('', 'RTCROOM_EVENT(Push, PUSH_EVT_NEW, Info, "x")')).toThrow();
  });
});
