import { StaleConnections } from '../../../cni/data-plane/stale-connections';
import type { Connection } from '../../../cni/netlink/conntrack/connection';
import { markedByPlace, NO_RULES } from '../../../src/domain/data-plane/marked-rules';
import { ruleChanges, wantedRules } from '../../../src/domain/data-plane/rule-changes';
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
  ['of another program, to the pod with the mark of a rule', RULE, { mark: 1, port: 15008 }, false],
  ['of another program, to the pod with its own mark', RULE, { mark: 7, port: 15008 }, false],
  ['of another program, to the pod where a rule is now', RULE, { mark: 7, port: 443 }, true],
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

/** A router with a fallback and two hosts: one has left 203.0.113.26 for 203.0.113.27, the other has no address. */
function isStaleBesideHosts(ends: Ends): boolean {
  const config = decodeNetworkConfig({
    name: 'partners',
    type: 'egress-router',
    liveRules: true,
    ip: {
      addresses: ['192.168.12.99/24'],
      gateways: ['192.168.12.1'],
      destinations: [ELSEWHERE],
      hosts: [
        { name: 'api.bank.example', ports: ['20443 TCP 443'] },
        { name: 'unresolved.example', ports: ['20444 TCP 443', '20444 UDP 443'] },
      ],
      resolver: { servers: ['203.0.113.53'], clusterCidrs: ['10.96.0.0/12'] },
    },
  });
  const marked = [SERVER, '203.0.113.27'].reduce((inForce, text) => {
    const wanted = wantedRules(config, ({ name }) => (name === config.hosts[0]!.name ? [address(text)] : []));
    return ruleChanges(inForce, wanted).after;
  }, NO_RULES);
  const ownAddresses = [address(POD)];
  const reservedAddresses = [address(RESERVED)];
  const reception = { ownAddresses, podAddresses: ownAddresses, reservedAddresses, healthPort: 9180 };
  return new StaleConnections(marked, reception).includes(connection(ends));
}

const ofHost = { port: 20443, remotePort: 443 };
// The fallback got the second mark.
const [LEFT, FALLBACK, CAME] = [1, 2, 3];

test.each<[string, Ends, boolean]>([
  ['to the address of a host', { ...ofHost, mark: CAME, remote: '203.0.113.27' }, false],
  ['to an address that left it', { ...ofHost, mark: LEFT, remote: SERVER }, false],
  ['with the mark of another address', { ...ofHost, mark: LEFT, remote: '203.0.113.27' }, true],
  ['to the pod, on the port of a host', { mark: 0, port: 20443 }, true],
  ['to the pod, on the port of a host without an address', { mark: 0, port: 20444 }, false],
  ['to the pod, beside such a port', { mark: 0, port: 20445 }, true],
  ['of the fallback, on such a port', { mark: FALLBACK, port: 20444, remote: ELSEWHERE }, true],
  ['of the fallback, on such a port of UDP', { mark: FALLBACK, protocol: UDP, port: 20444, remote: ELSEWHERE }, true],
  ['of the fallback, beside such a port', { mark: FALLBACK, port: 20445, remote: ELSEWHERE }, false],
])('a connection %s', (_, ends, expected) => {
  expect(isStaleBesideHosts(ends)).toBe(expected);
});
