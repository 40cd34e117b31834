import { parseArgs } from 'node:util';

export const usage = `Usage: node examples/kiosk/main.mjs --service <url> --user <name> --room <id> [options]
       node examples/kiosk/main.mjs --demo [options]

  --service <url>    the room service, as in https://rooms.example.com
  --user <name>      who sits at this kiosk
  --room <id>        the room of the call; it is made when there is none
  --demo             a service and a second person of its own, on this machine
  --engine <name>    'auto' (Tencent's SDK where it is found), 'liteav' or 'embedded'; auto
  --video <source>   'camera', 'synthetic' or the path of a media file; the camera if the engine has one
  --audio <source>   'microphone' or 'synthetic'; the microphone if the engine has one
  --windowed         a window of 1280 x 720 instead of the full screen
  --place <place>    a window of that size and place, as in 760x428+20+20
  --own <corner>     where the own picture is: 'top' or 'bottom', at the right; top
  --seconds <n>      ends by itself after that time

A service that signs for anybody (rtcroom serve --dev) needs no more; else KIOSK_SDK_APP_ID and KIOSK_USER_SIG give
what the operator issued. S shows the screen in place of the own picture, and takes the camera again. Escape ends the call.
`;

/** @param {string[]} args @returns {object} throws with what is wrong with them */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      service: { type: 'string' },
      user: { type: 'string' },
      room: { type: 'string' },
      demo: { type: 'boolean', default: false },
      engine: { type: 'string', default: 'auto' },
      video: { type: 'string' },
      audio: { type: 'string' },
      windowed: { type: 'boolean', default: false },
      place: { type: 'string' },
      own: { type: 'string', default: 'top' },
      seconds: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
  if (values.help) return { help: true };
  if (!values.demo && !(values.service && values.user && values.room)) {
    throw new Error('--service, --user and --room are needed, or --demo');
  }
  if (!['microphone', 'synthetic', undefined].includes(values.audio)) {
    throw new Error(`--audio takes 'microphone' or 'synthetic', not '${values.audio}'`);
  }
  if (!['auto', 'liteav', 'embedded'].includes(values.engine)) throw new Error(`there is no engine '${values.engine}'`);
  if (!['top', 'bottom'].includes(values.own)) throw new Error(`--own takes 'top' or 'bottom', not '${values.own}'`);
  const place = values.place === undefined ? { width: 1280, height: 720 } : readPlace(values.place);
  if (seconds !== undefined && !(seconds > 0)) throw new Error('--seconds must be a number above 0');
  const windowed = values.windowed || values.place !== undefined;
  return { user: 'kiosk', room: 'kiosk', ...values, windowed, place, seconds };
}

function readPlace(text) {
  const parts = /^(\d+)x(\d+)\+(\d+)\+(\d+)$/.exec(text);
  if (!parts) throw new Error(`--place takes a size and a place, as in 760x428+20+20, not '${text}'`);
  const [width, height, left, top] = parts.slice(1).map(Number);
  return { width, height, left, top };
}
