import { relative } from 'node:path';
import Table from 'cli-table3';
import type { Criterion, DemoResult, DirectionResult } from './result.js';

const stepText: Record<number, string> = {
  1: 'A gets a push address',
  2: 'A pushes (PUSH_BEGIN)',
  3: 'A creates the room',
  4: 'A adds itself',
  5: 'B gets push and play addresses',
  6: 'B pushes (PUSH_BEGIN)',
  7: 'B adds itself',
  8: 'A is notified, reads the list, plays B',
};

const plain = { style: { head: [], border: [] } };

function ms(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(1)} ms`;
}

/** The result as a person reads it. */
export function present(result: DemoResult, criteria: readonly Criterion[]): string {
  return [steps(result), directions(result), texts(result), verdict(criteria)].join('\n');
}

function steps(result: DemoResult): string {
  const table = new Table({ ...plain, head: ['Step', '', 'Took', 'After'] });
  for (const step of [...result.steps].sort((a, b) => a.step - b.step)) {
    table.push([
      step.step,
      stepText[step.step] ?? step.name,
      ms(step.durationMs),
      `${ms(step.elapsedMs)} (${step.user})`,
    ]);
  }
  return table.toString();
}

function directions(result: DemoResult): string {
  const table = new Table({ ...plain, head: ['', ...result.directions.map(({ from, to }) => `${from} → ${to}`)] });
  const row = (name: string, value: (direction: DirectionResult) => string) =>
    table.push([name, ...result.directions.map(value)]);
  const noClock = 'no clock in a clip';
  row('Latency p50', ({ clock }) => (clock ? ms(clock.latency?.p50Ms) : noClock));
  row('Latency p95', ({ clock }) => (clock ? ms(clock.latency?.p95Ms) : noClock));
  row('Latency max', ({ clock }) => (clock ? ms(clock.latency?.maxMs) : noClock));
  row('A/V offset', ({ clock }) => (clock ? ms(clock.avOffsetMs) : noClock));
  row('Frames', ({ stream }) => String(stream.frames));
  row('Frames lost', ({ clock, stream }) => (clock ? String(clock.lost) : `${stream.missing} (by timestamps)`));
  row('Largest gap', ({ stream }) => ms(stream.maxGapMs));
  row('First frame', ({ firstFrameMs }) => ms(firstFrameMs));
  row('Live after', ({ clock }) => (clock ? ms(clock.caughtUpMs) : noClock));
  row('Recording', ({ recording }) => (recording ? relative(process.cwd(), recording.path) || recording.path : '-'));
  row('Its duration (ffprobe)', ({ recording }) =>
    recording ? `${recording.seconds.toFixed(2)} s of ${recording.expectedSeconds.toFixed(2)} s` : '-',
  );
  row('Its codecs', ({ recording }) => recording?.codecs.join(', ') ?? '-');
  return table.toString();
}

function texts(result: DemoResult): string {
  const lines = result.textsArrived.map(({ from, to, text, ms: took }) => `${from} → ${to}: "${text}" (${ms(took)})`);
  return lines.join('\n');
}

function verdict(criteria: readonly Criterion[]): string {
  const lines = criteria.map(({ name, held, detail }) => `${held ? '✔' : '✘'} ${name}: ${detail}`);
  const failed = criteria.filter(({ held }) => !held);
  const end = failed.length === 0 ? 'All of it held.' : `Not held: ${failed.map(({ name }) => name).join(', ')}.`;
  return `\n${lines.join('\n')}\n\n${end}\n`;
}
