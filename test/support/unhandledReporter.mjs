import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';

/** @typedef {{ message?: string, cause?: unknown, VITEST_TEST_PATH?: string }} Told an error, as vitest tells it */

/**
 * Writes beside vitest's JSON report what that does not tell: errors that no test caught, among them the crash of a
 * process of tests. `<name>.json` has them in `<name>.unhandled.json`: whether it was a crash; a message, with its causes and
 * the exit codes of the processes that ended by themselves; and in which file, or which files had not ended then.
 */
export default class UnhandledReporter {
  #path = '';
  /** @type {string[]} */
  #exits = [];

  /** @param {{ config: { outputFile?: string | { json?: string } } }} vitest */
  onInit({ config: { outputFile } }) {
    const json = typeof outputFile === 'object' ? outputFile.json : outputFile;
    if (!json) throw new Error('give the JSON report a file: --outputFile.json=<path>');
    this.#path = json.replace(/\.json$/, '.unhandled.json');
    subscribe('child_process', (message) => {
      const { process } = /** @type {{ process: import('node:child_process').ChildProcess }} */ (message);
      process.once('exit', (code, signal) => {
        // vitest ends its processes by these.
        if (code !== 0 && signal !== 'SIGTERM' && signal !== 'SIGKILL') this.#exits.push(signal ?? hex(code));
      });
    });
  }

  /** @param {readonly import('vitest/node').TestModule[]} modules @param {readonly Told[]} errors */
  onTestRunEnd(modules, errors) {
    const exits = this.#exits.length > 0 ? ` (${this.#exits.join(', ')})` : '';
    const notEnded = modules.filter(hasNotEnded).map(({ relativeModuleId }) => relativeModuleId);
    const told = errors.map((error) => {
      const message = messageOf(error);
      const crash = message.includes('Worker exited unexpectedly');
      if (crash) return { crash, message: message + exits, during: notEnded };
      const origin = modules.find(({ moduleId }) => moduleId === error.VITEST_TEST_PATH);
      return { crash, message, during: origin ? [origin.relativeModuleId] : [] };
    });
    writeFileSync(this.#path, JSON.stringify(told));
  }
}

/** Windows' are 32 bits that are known by their hexadecimal digits. @param {number | null} code */
const hex = (code) => (code === null || code < 256 ? String(code) : `0x${code.toString(16)}`);

/** @param {Told} error */
function messageOf(error) {
  const messages = [];
  for (let at = error; at && messages.length < 5; at = /** @type {Told} */ (at.cause))
    messages.push(at.message ?? 'an error without a message');
  return messages.join(': ');
}

/** Which of its tests ran is not known: vitest's processes tell it in bundles. @param {import('vitest/node').TestModule} module */
const hasNotEnded = (module) => ['queued', 'pending'].includes(module.state());
