/**
 * The path that the routes know: without a deployment prefix before `/weapp/`, doubled slashes (a serverDomain with a
 * trailing slash plus `/method`) or a trailing slash. The query is kept as it is.
 */
export function normaliseUrl(url: string): string {
  const mark = url.indexOf('?');
  let path = (mark < 0 ? url : url.slice(0, mark)).replace(/\/{2,}/g, '/');
  const weapp = path.indexOf('/weapp/');
  if (weapp > 0) path = path.slice(weapp);
  if (path.length > 1 && path.endsWith('/')) path = path.slice(0, -1);
  return mark < 0 ? path : path + url.slice(mark);
}
