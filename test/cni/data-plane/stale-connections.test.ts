import { StaleConnections } from '../../../cni/data-plane/stale-connections';
import type { Connection } from '../../../cni/netlink/conntrack/connection';
import { markedByPlace } from '../../../src/domain/data-plane/marked-rules';
import { decodeNetworkConfig } from '../../../src/domain/router/network-config';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';

const address = (text: string) => parseIpAddress(text) as IpAddress;

const [TCP, UDP, ICMP] = [6, 17, 1];
const RESERVED = '192.168.12.99';
const [CLIENT, CLIENT6] = ['10.244.1.7', 'fd00:10:244:1::7'];
const [POD, POD6, SERVER, ELSEWHERE] = ['10.244.0.5', 'fd00:10:244::5', '203.0.113.26', '203.0.113.99'];

interface Ends {
  readonly mark: number;
  readonly client?: string;
  readonly protocol?: number;
  readonly called?: string;
  readonly port?: number;
  readonly remote?: string;
  readonly remotePort?: number;
  /** The address that the server sees. */
  readonly source?: string;
}

function connection({
  mark,
  client,
  protocol = TCP,
  called = POD,
  port,
  remote = called,
  remotePort = port,
  source = RESERVED,
}: Ends): Connection {
  return {
    mark,
    protocol,
    clientAddress: Uint8Array.from(address(client ?? (called.includes(':') ? CLIENT6 : CLIENT)).bytes),
    calledAddress: Uint8Array.from(address(called).bytes),
    calledPort: port,
    remoteAddress: Uint8Array.from(address(remote).bytes),
    remotePort,
    sourceAddress: Uint8Array.from(address(source).bytes),
  } as Connection;
}

function isStale(destinations: readonly string[], ends: Ends): boolean {
  const ip = {
    addresses: ['192.168.12.99/24', '2001:db8:12::99/64'],
    gateways: ['192.168.12.1', 'fe80::1'],
    destinations,
  };
  const config = decodeNetworkConfig({ name: 'partners', type: 'egress-router', ip });
  const ownAddresses = [address(POD), address(POD6)];
  const reservedAddresses = config.addresses.map(({ cidr }) => cidr.address);
  const podAddresses = [...ownAddresses, ...reservedAddresses];
  const reception = { ownAddresses, podAddresses, reservedAddresses, healthPort: 9180 };
  return new StaleConnections(markedByPlace(config), reception).includes(connection(ends));
}

const RULE = [`443 TCP ${SERVER} 8443`];
const through = { mark: 1, port: 443, remote: SERVER, remotePort: 8443 };

test.each<[string, readonly string[], Ends, boolean]>([
  ['of a rule in force', RULE, through, false],
  ['of a mark that no rule has', RULE, { ...through, mark: 2 }, true],
  ['to where the rule led before', RULE, { ...through, remote: ELSEWHERE }, true],
  ['to the port where the rule led before', RULE, { ...through, remotePort: 443 }, true],
  ['from another port', RULE, { ...through, port: 444 }, true],
  ['of another protocol', RULE, { ...through, protocol: UDP }, true],
  ['to the pod, on a port without a rule', RULE, { mark: 0, port: 444 }, false],
  ['to the pod, on a port that has a rule now', RULE, { mark: 0, port: 443 }, true],
  ['to the pod, on such a port of another protocol', RULE, { mark: 0, protocol: UDP, port: 443 }, false],
  ['to the pod, on such a port of another family', RULE, { mark: 0, called: POD6, port: 443 }, false],
  ['of the pod itself, to such a port', RULE, { mark: 0, called: ELSEWHERE, port: 443 }, false],
  ['of the pod itself, to such a port of its own', RULE, { mark: 0, port: 443, client: POD }, false],
  ['of the pod itself, from the loopback', RULE, { mark: 0, port: 443, client: '127.1.2.3' }, false],
  ['of the pod itself, from the reserved address', RULE, { mark: 0, port: 443, client: RESERVED }, false],
  ['of another program, with its own mark', RULE, { mark: 7, port: 443, called: ELSEWHERE }, false],
  ['of another program, with the mark of a rule', RULE, { mark: 1, port: 443, called: ELSEWHERE }, false],
  ['of a fallback in force', [...RULE, ELSEWHERE], { mark: 2, port: 25, remote: ELSEWHERE }, false],
  [
    'of a fallback, on a port that has a rule now',
    [...RULE, ELSEWHERE],
    { mark: 2, port: 443, remote: ELSEWHERE },
    true,
  ],
  ['of a fallback that led elsewhere', [...RULE, ELSEWHERE], { mark: 2, port: 25, remote: SERVER }, true],
  ['of a rule, with another reserved address', RULE, { ...through, source: '192.168.12.98' }, true],
  ['of a fallback, with another reserved address', [ELSEWHERE], { mark: 1, remote: ELSEWHERE, source: POD }, true],
  ['of a fallback, to the health port', [ELSEWHERE], { mark: 1, port: 9180, remote: ELSEWHERE }, true],
  ['to the pod, where a fallback has come', [...RULE, ELSEWHERE], { mark: 0, port: 25 }, true],
  ['an echo request, where a fallback has come', [...RULE, ELSEWHERE], { mark: 0, protocol: ICMP }, true],
  ['to the health port', [...RULE, ELSEWHERE], { mark: 0, port: 9180 }, false],
  ['to the number of the health port, of UDP', [...RULE, ELSEWHERE], { mark: 0, protocol: UDP, port: 9180 }, true],
  ['of the other family, which has no fallback', [...RULE, ELSEWHERE], { mark: 0, called: POD6, port: 25 }, false],
])('a connection %s', (_, destinations, ends, expected) => {
  expect(isStale(destinations, ends)).toBe(expected);
});
