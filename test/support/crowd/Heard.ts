/** The texts that one receiver was told, `<sender> <number>` each, in order. */
export class Heard {
  readonly texts: string[] = [];
  readonly #last = new Map<string, number>();

  constructor(
    readonly receiver: string,
    readonly fault: (text: string) => void,
  ) {}

  tell(from: string, text: string): void {
    const number = Number(text.split(' ')[1]);
    const last = this.#last.get(from) ?? 0;
    if (number <= last) this.fault(`${this.receiver} was told ${text} after ${from} ${last}`);
    this.#last.set(from, Math.max(number, last));
    this.texts.push(text);
  }
}
