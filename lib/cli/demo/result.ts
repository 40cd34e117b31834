import type { CallReport } from '../../measure/CallMeter.js';
import type { RoomStep } from '../../room/events.js';
import type { StreamReport } from './StreamMeter.js';

export interface DirectionResult {
  from: string;
  to: string;
  /** From the clock in the picture; undefined when a clip without one is pushed. */
  clock: CallReport | undefined;
  stream: StreamReport;
  /** From startPlay to the first decoded picture. */
  firstFrameMs: number | undefined;
  recording: { path: string; expectedSeconds: number; seconds: number; codecs: string[] } | undefined;
}

export interface DemoResult {
  steps: (RoomStep & { user: string })[];
  directions: DirectionResult[];
  textsArrived: { from: string; to: string; text: string; ms: number | undefined }[];
  roomGone: boolean;
  memberLeaveSeen: boolean;
  errors: string[];
  folder: string;
}

export interface Criterion {
  name: string;
  held: boolean;
  detail: string;
}

/** Loopback budget of the whole path: capture, encode, server, decode. */
const maxLatencyMs = 30;
/** Half of what people notice between lips and voice (ITU-R BT.1359: 45 ms early to 125 ms late), at its stricter side. */
const maxAvOffsetMs = 40;
const maxDurationErrorMs = 300;
const stepCount = 8;

/** Everything that the demo promises, each with what was found. */
export function judge(result: DemoResult): Criterion[] {
  const seen = new Set(result.steps.map(({ step }) => step));
  const criteria: Criterion[] = [
    { name: 'all eight steps', held: seen.size === stepCount, detail: `${seen.size} of ${stepCount}` },
    ...result.directions.flatMap(judgeDirection),
    ...result.textsArrived.map(({ from, to, ms }) => ({
      name: `text ${from} → ${to}`,
      held: ms !== undefined,
      detail: ms === undefined ? 'did not arrive' : `${ms.toFixed(1)} ms`,
    })),
    { name: 'leaving is noticed', held: result.memberLeaveSeen, detail: result.memberLeaveSeen ? 'yes' : 'no' },
    { name: 'the room is gone', held: result.roomGone, detail: result.roomGone ? 'yes' : 'still listed' },
    { name: 'no error', held: result.errors.length === 0, detail: result.errors.join('; ') || 'none' },
  ];
  return criteria;
}

function judgeDirection(direction: DirectionResult): Criterion[] {
  const name = `${direction.from} → ${direction.to}`;
  const criteria = direction.clock ? judgeClock(name, direction.clock) : judgeStream(name, direction.stream);
  const { recording } = direction;
  const offMs = recording && Math.abs(recording.seconds - recording.expectedSeconds) * 1000;
  criteria.push({
    name: `recording of ${direction.from}`,
    held: offMs !== undefined && offMs <= maxDurationErrorMs,
    detail: recording
      ? `${recording.seconds.toFixed(2)} s, expected ${recording.expectedSeconds.toFixed(2)} ± ${maxDurationErrorMs / 1000} s`
      : 'not written',
  });
  return criteria;
}

function judgeClock(name: string, report: CallReport): Criterion[] {
  const { latency, avOffsetMs } = report;
  return [
    {
      name: `latency ${name}`,
      held: latency !== undefined && latency.p95Ms <= maxLatencyMs,
      detail: `p95 ${latency ? latency.p95Ms.toFixed(1) : '-'} ms, at most ${maxLatencyMs}`,
    },
    {
      name: `A/V offset ${name}`,
      held: avOffsetMs !== undefined && Math.abs(avOffsetMs) <= maxAvOffsetMs,
      detail: `${avOffsetMs?.toFixed(1) ?? '-'} ms from ${report.beeps} beeps, at most ${maxAvOffsetMs}`,
    },
    {
      name: `no lost frame ${name}`,
      held: report.frames > 0 && report.lost === 0 && report.unreadable === 0 && report.reordered === 0,
      detail: `${report.lost} lost, ${report.unreadable} unreadable, ${report.reordered} out of order of ${report.frames}`,
    },
  ];
}

function judgeStream(name: string, report: StreamReport): Criterion[] {
  return [
    {
      name: `no gap ${name}`,
      held: report.frames > 0 && report.missing === 0 && report.backward === 0,
      detail: `${report.missing} missing, ${report.backward} out of order of ${report.frames} by their timestamps`,
    },
  ];
}
