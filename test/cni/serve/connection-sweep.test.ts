import { EINVAL, ENODEV, EPERM } from '../../../cni/ffi/errno';
import type { Request } from '../../../cni/netlink/message';
import { NetlinkError, operationText } from '../../../cni/netlink/netlink-error';
import { ConnectionSweep, type SweepSockets } from '../../../cni/serve/live-rules/connection-sweep';
import { markedByPlace } from '../../../src/domain/data-plane/marked-rules';
import { ruleChanges, wantedRules } from '../../../src/domain/data-plane/rule-changes';
import { decodeNetworkConfig } from '../../../src/domain/router/network-config';

const config = (...destinations: string[]) =>
  decodeNetworkConfig({
    name: 'partners',
    type: 'egress-router',
    ip: { addresses: ['192.168.12.99/24'], gateways: ['192.168.12.1'], destinations },
  });

const WEB = '443 TCP 203.0.113.26';
const FALLBACK = '203.0.113.99';

/** Sockets that write down what is asked. No kernel here is as old as the one that refuses. */
class Recorder {
  public readonly asked: string[] = [];
  public errno: number | undefined;

  public readonly sockets = {
    netfilter: {
      changes: (requests: readonly Request[]) => {
        this.asked.push(...requests.map(({ operation }) => operationText(operation)));
        if (this.errno !== undefined) throw new NetlinkError(requests[0]!.operation, this.errno);
      },
      dumpInto: ({ operation }: Request, begin: () => unknown) => {
        this.asked.push(operationText(operation));
        return begin();
      },
    },
    route: {
      dump: () => [],
      get: ({ operation }: Request) => {
        throw new NetlinkError(operation, ENODEV);
      },
    },
  } as unknown as SweepSockets;
}

const LIST = 'conntrack -L';
const EARLIER = 'conntrack -D --family ipv4 --mark 1 --proto TCP --dport 443';

function sweepAfter(before: readonly string[], after: readonly string[], recorder = new Recorder()) {
  const sweep = new ConnectionSweep(recorder.sockets, 'eth0', config(WEB));
  const changes = ruleChanges(markedByPlace(config(...before)), wantedRules(config(...after)));
  const attempt = () => sweep.sweepAfter(changes);
  return { sweep, changes, attempt, asked: recorder.asked };
}

test.each([
  ['a TCP rule that comes', [WEB], [WEB, '80 TCP 203.0.113.26'], []],
  ['a TCP rule that comes beside a fallback', [FALLBACK], [WEB, FALLBACK], [EARLIER]],
  ['a rule that goes', [WEB, FALLBACK], [FALLBACK], ['conntrack -D --mark 1']],
  ['an SCTP rule that comes', [WEB], [WEB, '80 SCTP 203.0.113.26'], [LIST]],
  ['a fallback that comes', [WEB], [WEB, FALLBACK], [LIST]],
  ['many TCP rules that come', [WEB], [WEB, ...Array.from({ length: 9 }, (_, n) => `${n + 1} TCP 203.0.113.26`)], []],
  [
    'many rules in the place of a fallback',
    [FALLBACK],
    [FALLBACK, ...Array.from({ length: 9 }, (_, n) => `${n + 1} TCP 203.0.113.26`)],
    [LIST],
  ],
])('after %s the kernel looks for what may be there, and once more', (_, before, after, expected) => {
  const { sweep, changes, attempt, asked } = sweepAfter(before, after);
  attempt();
  expect(asked).toEqual(expected);
  sweep.repeat(changes.after);
  expect(asked).toEqual([...expected, ...expected]);
  sweep.repeat(changes.after);
  expect(asked).toHaveLength(2 * expected.length);
});

test("a rule that went again before the second look is not looked for: its port is the fallback's", () => {
  const { sweep, attempt, asked } = sweepAfter([FALLBACK], [WEB, FALLBACK]);
  attempt();
  sweep.repeat(markedByPlace(config(FALLBACK)));
  expect(asked).toEqual([EARLIER]);
});

test('a kernel that looks for no ports lists its connections', () => {
  const recorder = new Recorder();
  recorder.errno = EINVAL;
  const { attempt, asked } = sweepAfter([FALLBACK], [WEB, FALLBACK], recorder);
  attempt();
  expect(asked).toEqual([EARLIER, LIST]);
});

test('another kernel error is thrown', () => {
  const recorder = new Recorder();
  recorder.errno = EPERM;
  const { attempt, asked } = sweepAfter([FALLBACK], [WEB, FALLBACK], recorder);
  expect(attempt).toThrow('EPERM');
  expect(asked).toEqual([EARLIER]);
});
