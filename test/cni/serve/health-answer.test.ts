import type { CheckResult } from '../../../cni/serve/check-result';
import { healthAnswer } from '../../../cni/serve/health-answer';

const CHECKS: readonly CheckResult[] = [
  { name: 'link', problems: ['net1 is down'] },
  { name: 'addresses' },
  { name: 'gateway', problems: ['gateway 192.168.12.1 does not answer ARP'] },
];
const GOOD = CHECKS.map(({ name }) => ({ name }));
const CLAIMED: readonly CheckResult[] = [{ name: 'link' }, { name: 'conflict', problems: ['another host claims it'] }];

function answer(
  results: readonly CheckResult[],
  target: string,
  { method = 'GET', turns = true, headers = ['Host', '10.244.0.5:9180'] } = {},
) {
  const source = {
    readiness: { results },
    loop: { isRunning: () => turns },
    metrics: { text: async () => Buffer.from('up 1\n'), contentType: 'text/plain; version=0.0.4' },
  };
  return Promise.resolve(healthAnswer(source, { method, target, headers }));
}

test.each<[string, readonly CheckResult[], string, number, string]>([
  ['ready', GOOD, '/readyz', 200, 'ok\n'],
  ['ready, verbose', GOOD, '/readyz?verbose', 200, '[+]link ok\n[+]addresses ok\n[+]gateway ok\nreadyz check passed\n'],
  [
    'not ready',
    CHECKS,
    '/readyz',
    503,
    '[-]link failed: net1 is down\n[-]gateway failed: gateway 192.168.12.1 does not answer ARP\nreadyz check failed\n',
  ],
  [
    'not ready, verbose',
    CHECKS,
    '/readyz?verbose=1&x',
    503,
    '[-]link failed: net1 is down\n[+]addresses ok\n[-]gateway failed: gateway 192.168.12.1 does not answer ARP\nreadyz check failed\n',
  ],
  ['ready with a warning', CLAIMED, '/readyz', 200, 'ok\n'],
  [
    'ready with a warning, verbose',
    CLAIMED,
    '/readyz?verbose',
    200,
    '[+]link ok\n[!]conflict warning: another host claims it\nreadyz check passed\n',
  ],
  ['not looked at yet', [], '/readyz', 503, 'not checked yet\n'],
  ['alive', [], '/livez', 200, 'ok\n'],
  ['with the whole address', GOOD, 'http://10.244.0.5:9180/readyz', 200, 'ok\n'],
  ['a malformed address', GOOD, 'http://[/readyz', 400, 'malformed request target; accepted: a path\n'],
  ['a star', GOOD, '*', 400, 'malformed request target; accepted: a path\n'],
  ['elsewhere', GOOD, '/', 404, 'not found; accepted: /livez, /readyz, /metrics\n'],
  ['a name of every object', GOOD, '/constructor', 404, 'not found; accepted: /livez, /readyz, /metrics\n'],
])('%s', async (_what, results, target, status, body) => {
  expect(await answer(results, target)).toMatchObject({ status, body });
});

test('a malformed host is refused, whatever is asked', async () => {
  const body = 'malformed Host; accepted: one, HOST or HOST:PORT\n';
  for (const target of ['/readyz', '/', '*']) {
    expect(await answer(GOOD, target, { headers: ['Host', '[::zz'] })).toMatchObject({ status: 400, body });
  }
});

test('a stalled loop is not alive', async () => {
  const { status, body } = await answer(GOOD, '/livez', { turns: false });
  expect({ status, body }).toEqual({ status: 503, body: 'check loop stalled\n' });
});

test('the metrics have their own type', async () => {
  const { status, headers, body } = await answer(GOOD, '/metrics');
  expect({ status, headers }).toEqual({ status: 200, headers: { 'content-type': 'text/plain; version=0.0.4' } });
  expect(String(body)).toBe('up 1\n');
});

test('reading is all that is allowed', async () => {
  expect(await answer(GOOD, '/readyz', { method: 'HEAD' })).toMatchObject({ status: 200 });
  expect(await answer(GOOD, '/readyz', { method: 'POST' })).toMatchObject({
    status: 405,
    headers: { allow: 'GET, HEAD' },
    body: 'method not allowed; accepted: GET, HEAD\n',
  });
});
