import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const binUs = 100_000;
const colours = { ours: '#0b6e4f', 'ffmpeg tuned, our player': '#c1440e' };

/** Why nothing can be plotted here; undefined when it can. */
export function plotProblem() {
  const { error } = spawnSync('gnuplot', ['--version']);
  return error ? 'gnuplot was not found (on Debian: apt-get install gnuplot-nox)' : undefined;
}

/** The largest value of each tenth of a second, in seconds after `fromUs`. */
function binned(points, fromUs) {
  const bins = new Map();
  for (const { atUs, value } of points) {
    const bin = Math.floor((atUs - fromUs) / binUs);
    if (bin >= 0) bins.set(bin, Math.max(bins.get(bin) ?? 0, value));
  }
  return [...bins].sort(([a], [b]) => a - b).map(([bin, value]) => [(bin * binUs) / 1e6, value]);
}

/** kbit/s over the half second before each report. */
function sentRates(reports) {
  return reports.flatMap((report, index) => {
    const before = reports[index - 10];
    if (!before) return [];
    const kbps = ((report.up.sentBytes - before.up.sentBytes) * 8) / ((report.atUs - before.atUs) / 1000);
    return [{ atUs: report.atUs, value: kbps }];
  });
}

function block(name, rows) {
  return `$${name} << EOD\n${rows.map((row) => row.join(' ')).join('\n')}\nEOD\n`;
}

/** Steps of the link's rate; 0 is without end, and not drawn. */
function rateSteps({ rates, startedUs, endedUs }) {
  return rates.flatMap(({ atUs, kbps }, index) => {
    const until = rates[index + 1]?.atUs ?? endedUs;
    const y = kbps > 0 ? kbps : 'NaN';
    return [atUs, until].map((us) => [(us - startedUs) / 1e6, y]);
  });
}

/**
 * Latency of the decoded pictures, queue of the link and bitrates over time, as SVG.
 * @param {string} file @param {string} title @param {Record<string, object>} runs by way, as qos.mjs measures them
 */
export async function plotCall(file, title, runs) {
  const data = [];
  const lines = { latency: [], queue: [], rate: [] };
  Object.entries(runs).forEach(([way, run], index) => {
    const { log, reports, bitrates, startedUs, endedUs } = run;
    const inside = ({ atUs }) => atUs >= startedUs && atUs < endedUs;
    const add = (panel, name, points, style, label) => {
      const rows = binned(points.filter(inside), startedUs);
      if (rows.length === 0) return;
      data.push(block(`${name}${index}`, rows));
      lines[panel].push(`$${name}${index} using 1:2 with ${style} lc rgb '${colours[way]}' title '${label}'`);
    };
    const ages = log.pictures.map(({ atUs, ageMs }) => ({ atUs, value: ageMs }));
    add('latency', 'latency', ages, 'lines lw 1.5', way.split(',')[0]);
    const queue = reports.map(({ atUs, up }) => ({ atUs, value: up.queueMs }));
    add('queue', 'queue', queue, 'lines lw 1', way.split(',')[0]);
    add('rate', 'sent', sentRates(reports), 'lines lw 1', `${way.split(',')[0]}, sent`);
    const set = bitrates.map(({ atUs, kbps }) => ({ atUs, value: kbps }));
    add('rate', 'set', set, 'steps lw 2 dt 3', `${way.split(',')[0]}, set for video`);
    if (index === 0) {
      data.push(block('link', rateSteps(run)));
      lines.rate.push(`$link using 1:2 with lines lw 2 lc rgb '#888888' title 'link'`);
    }
  });
  const [first] = Object.values(runs);
  const seconds = Math.round((first.endedUs - first.startedUs) / 1e6);
  const panel = (label, range, plots, extra = '') =>
    `set ylabel '${label}'\nset yrange ${range}\n${extra}\nplot ${plots.join(', \\\n  ')}\n`;
  const script = `
set terminal svg size 760,620 font 'sans-serif,12' background rgb 'white'
set output '${file}'
${data.join('')}
set datafile missing 'NaN'
set key outside right top samplen 2
set grid ytics lc rgb '#dddddd'
set lmargin 11
set rmargin 22
set multiplot layout 3,1 title '${title.replaceAll("'", "''")}'
set logscale y
set xrange [0:${seconds}]
${panel('latency, ms', '[20:20000]', lines.latency)}
unset logscale y
${panel('queue of the link, ms', '[0:*]', lines.queue)}
${panel('kbit/s', '[0:2000]', lines.rate, "set xlabel 'seconds'")}
unset multiplot
`;
  const child = spawn('gnuplot', [], { stdio: ['pipe', 'inherit', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaint += text;
  });
  child.stdin.on('error', () => undefined).end(script);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`gnuplot: ${complaint}`);
}
