/** Run under a sanitizer, which slows everything down; ThreadSanitizer most of all. */
export const sanitized = Boolean(process.env.RTCROOM_SANITIZE);

/** A deadline that tells a hang, or a limit that only a machine at full speed keeps, in ms. */
export function patient(ms: number): number {
  return sanitized ? ms * 6 : ms;
}
