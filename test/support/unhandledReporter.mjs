import { writeFileSync } from 'node:fs';

/**
 * Writes beside vitest's JSON report what that does not tell: errors that no test caught, among them the crash of a
 * process of tests. `<name>.json` has them in `<name>.unhandled.json`, a message each.
 */
export default class UnhandledReporter {
  #path = '';

  /** @param {{ config: { outputFile?: string | { json?: string } } }} vitest */
  onInit({ config: { outputFile } }) {
    const json = typeof outputFile === 'object' ? outputFile.json : outputFile;
    if (!json) throw new Error('give the JSON report a file: --outputFile.json=<path>');
    this.#path = json.replace(/\.json$/, '.unhandled.json');
  }

  /** @param {unknown} _modules @param {readonly { message?: string }[]} errors */
  onTestRunEnd(_modules, errors) {
    writeFileSync(this.#path, JSON.stringify(errors.map(({ message }) => message ?? 'an error without a message')));
  }
}
