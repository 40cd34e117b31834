const maxLength = 4000;
const maxLines = 20;

/** The last lines of what a child wrote, without what may be a secret. */
export class StderrTail {
  #text = '';

  push(piece: string): void {
    this.#text = (this.#text + piece).slice(-maxLength);
  }

  /** Empty when nothing was written. */
  get lines(): string {
    return redact(this.#text.trim().split(/\r?\n/).slice(-maxLines).join('\n'));
  }
}

/** An SDK may log addresses with their signatures, and keys: neither whole addresses nor long words of digits remain. */
export function redact(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*):\/\/[^\s"'<>]*/gi, '$1://…')
    .replace(/\b(?=[\w+=-]*\d)[\w+=-]{24,}/g, '…')
    .replace(/\b(userSig|token|key|secret|txSecret|password|licen[cs]e\w*)(["']?\s*[=:]\s*)[^\s,;&]+/gi, '$1$2…');
}
