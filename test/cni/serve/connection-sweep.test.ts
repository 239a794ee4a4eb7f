import { EINVAL, EPERM } from '../../../cni/ffi/errno';
import type { Request } from '../../../cni/netlink/message';
import { NetlinkError, operationText } from '../../../cni/netlink/netlink-error';
import { addAddress } from '../../../cni/netlink/route/address';
import { setLinkUp } from '../../../cni/netlink/route/link';
import { ConnectionSweep, type SweepSockets } from '../../../cni/serve/live-rules/connection-sweep';
import { markedByPlace } from '../../../src/domain/data-plane/marked-rules';
import { ruleChanges, wantedRules } from '../../../src/domain/data-plane/rule-changes';
import { decodeNetworkConfig } from '../../../src/domain/router/network-config';
import { type Cidr, parseCidr } from '../../../src/domain/values/cidr';
import { messagesOf } from '../../support/recorded-netlink';

const config = (...destinations: string[]) =>
  decodeNetworkConfig({
    name: 'partners',
    type: 'egress-router',
    ip: {
      addresses: ['192.168.12.99/24', '2001:db8:12::99/64'],
      gateways: ['192.168.12.1', 'fe80::1'],
      destinations,
    },
  });

const WEB = '443 TCP 203.0.113.26';
const WEB6 = '443 TCP 2001:db8:113::26';
const FALLBACK = '203.0.113.99';

const PRIMARY = { index: 2, name: 'eth0' };

const cidrOf = (text: string) => parseCidr(text) as Cidr;

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
      dump: () => messagesOf(['10.244.0.5/24', 'fd00::5/64'].map((text) => addAddress(cidrOf(text), PRIMARY))),
      get: () => messagesOf([setLinkUp(PRIMARY)])[0],
    },
  } as unknown as SweepSockets;
}

const LIST = 'conntrack -L';
const REMOVED = 'conntrack -D --mark 1 --orig-dst 10.244.0.5 --proto TCP --dport 443 --reply-src 203.0.113.26';
const EARLIER = 'conntrack -D --mark 1 --orig-dst 10.244.0.5 --proto TCP --dport 443 --reply-src 203.0.113.99';

const UNMARKED = 'conntrack -D --mark 0 --orig-dst 10.244.0.5 --proto UDP --dport 53';
const OF_FALLBACK = 'conntrack -D --mark 2 --orig-dst 10.244.0.5 --reply-src 203.0.113.99';

function sweepAfter(before: readonly string[], after: readonly string[], recorder = new Recorder()) {
  const sweep = new ConnectionSweep(recorder.sockets, 'eth0', config(WEB));
  const changes = ruleChanges(markedByPlace(config(...before)), wantedRules(config(...after)));
  const attempt = () => sweep.sweepAfter(changes);
  return { sweep, changes, attempt, asked: recorder.asked };
}

test.each([
  ['a TCP rule that comes', [WEB], [WEB, '80 TCP 203.0.113.26'], []],
  ['a TCP rule that comes beside a fallback', [FALLBACK], [WEB, FALLBACK], [EARLIER]],
  ['a rule that goes', [WEB, FALLBACK], [FALLBACK], [REMOVED]],
  ['a UDP rule that comes', [WEB], [WEB, '53 UDP 203.0.113.26'], [UNMARKED]],
  ['an SCTP rule that goes', [WEB, '80 SCTP 203.0.113.26'], [WEB], [LIST]],
  ['a fallback that goes', [WEB, FALLBACK], [WEB], [OF_FALLBACK]],
  ['an SCTP rule that comes', [WEB], [WEB, '80 SCTP 203.0.113.26'], [LIST]],
  ['an IPv6 rule that goes', [WEB, WEB6], [WEB], [LIST]],
  ['an IPv6 rule that comes (TCP)', [WEB], [WEB, WEB6], []],
  ['an IPv6 rule that comes (UDP)', [WEB], [WEB, '53 UDP 2001:db8:113::26'], [LIST]],
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

test('a kernel that looks for no addresses lists its connections', () => {
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
