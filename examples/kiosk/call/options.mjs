import { parseArgs } from 'node:util';

export const usage = `Usage: npm run kiosk:call -- [options]

A call of two kiosks on this machine, from the first picture to the last, with a screenshot of each stage that is looked at:
the clocks in the pictures must be readable. Exit code 0 when they all were. Linux; without DISPLAY it starts Xvfb.

  --out <folder>     where the screenshots go; kiosk-call
  --patience <s>     how long to wait for the pictures of a stage; 60
`;

/** @param {string[]} args */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      out: { type: 'string', default: 'kiosk-call' },
      patience: { type: 'string', default: '60' },
      help: { type: 'boolean', default: false },
    },
  });
  const patienceMs = 1000 * Number(values.patience);
  if (!(patienceMs > 0)) throw new Error('--patience must be a number of seconds above 0');
  return { ...values, patienceMs };
}
