/** The first event of a stream and of a poll's answer. Its id lets a reader that is cut before any message resume. */
export function readyFrame(id: string, resumed: boolean): string {
  return `id: ${id}\nevent: ready\ndata: {"resumed":${resumed}}\n\n`;
}
