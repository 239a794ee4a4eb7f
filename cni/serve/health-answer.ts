import { type CheckResult, holds, isReady, isWarning, reasonOf } from './check-result';
import { hasValidHost } from './host-header';

/** An answer of the health port. */
export interface HealthAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** The data of the health port's answers. */
export interface HealthSource {
  /** The results of the last checks; empty before the first. */
  readonly readiness: { readonly results: readonly CheckResult[] };
  readonly loop: { isRunning(): boolean };
  readonly metrics: { text(): Promise<Uint8Array>; readonly contentType: string };
}

type Page = (source: HealthSource, query: URLSearchParams) => HealthAnswer | Promise<HealthAnswer>;

const PAGES: Readonly<Record<string, Page>> = {
  '/livez': ({ loop }) => (loop.isRunning() ? plain(200, 'ok\n') : plain(503, 'check loop stalled\n')),
  '/readyz': ({ readiness }, query) => readyz(readiness.results, query.has('verbose')),
  '/metrics': async ({ metrics }) => ({
    status: 200,
    headers: { 'content-type': metrics.contentType },
    body: await metrics.text(),
  }),
};

/** A request to the health port. */
export interface HealthRequest {
  readonly method: string;
  /** Such as `/readyz?verbose`. */
  readonly target: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
}

export function healthAnswer(
  source: HealthSource,
  { method, target, headers }: HealthRequest,
): HealthAnswer | Promise<HealthAnswer> {
  if (!hasValidHost(headers)) return plain(400, 'malformed Host; accepted: one, HOST or HOST:PORT\n');
  const url = parseTarget(target);
  if (url === undefined) return plain(400, 'malformed request target; accepted: a path\n');
  const { pathname, searchParams } = url;
  if (!Object.hasOwn(PAGES, pathname)) return plain(404, `not found; accepted: ${Object.keys(PAGES).join(', ')}\n`);
  if (method !== 'GET' && method !== 'HEAD') {
    const refused = plain(405, 'method not allowed; accepted: GET, HEAD\n');
    return { ...refused, headers: { ...refused.headers, allow: 'GET, HEAD' } };
  }
  return PAGES[pathname]!(source, searchParams);
}

/** A path, or the whole address as for a proxy. */
function parseTarget(target: string): URL | undefined {
  try {
    return new URL(target.startsWith('/') ? `http://health${target}` : target);
  } catch {
    return undefined;
  }
}

/** In the format of kube-apiserver: `ok`, or the failed checks; all of them, also those that warn, with `verbose`. */
function readyz(results: readonly CheckResult[], isVerbose: boolean): HealthAnswer {
  if (results.length === 0) return plain(503, 'not checked yet\n');
  const passed = isReady(results);
  if (passed && !isVerbose) return plain(200, 'ok\n');
  const lines = results.map(checkLine);
  const shown = isVerbose ? lines : lines.filter((line) => line.startsWith('[-]'));
  return plain(passed ? 200 : 503, `${[...shown, `readyz check ${passed ? 'passed' : 'failed'}`].join('\n')}\n`);
}

function checkLine(result: CheckResult): string {
  const { name, note } = result;
  const noted = note === undefined ? name : `${name} (${note})`;
  if (holds(result)) return `[+]${noted} ok`;
  return isWarning(result) ? `[!]${noted} warning: ${reasonOf(result)}` : `[-]${noted} failed: ${reasonOf(result)}`;
}

function plain(status: number, body: string): HealthAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }, body };
}
