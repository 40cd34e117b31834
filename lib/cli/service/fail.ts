/** Where a refusal goes, and the exit code it leaves. */
export function fail(command: string, given: { json: boolean }, exitCode: number, code: string, message: string): void {
  process.exitCode = exitCode;
  if (given.json) process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  else process.stderr.write(`rtcroom ${command}: ${message}\n`);
}
