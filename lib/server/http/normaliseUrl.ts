/**
 * The path that the routes know: without a deployment prefix before `/weapp/`, doubled slashes (a serverDomain with a
 * trailing slash plus `/method`) or a trailing slash. The query is kept as it is.
 */
export function normaliseUrl(url: string): string {
  const mark = url.indexOf('?');
  const end = mark < 0 ? url.length : mark;
  // Most are as the routes know them.
  const doubled = url.indexOf('//');
  if (url.startsWith('/weapp/') && (doubled < 0 || doubled >= end) && !url.endsWith('/', end)) return url;
  let path = url.slice(0, end).replace(/\/{2,}/g, '/');
  const weapp = path.indexOf('/weapp/');
  if (weapp > 0) path = path.slice(weapp);
  if (path.length > 1 && path.endsWith('/')) path = path.slice(0, -1);
  return mark < 0 ? path : path + url.slice(mark);
}
