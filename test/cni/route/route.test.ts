import { EPERM } from '../../../cni/ffi/errno';
import { ByteReader } from '../../../cni/netlink/byte-reader';
import { NetlinkError } from '../../../cni/netlink/netlink-error';
import { refusal } from '../../../cni/netlink/refusal';
import {
  addRoute,
  decodeRoute,
  deleteRoute,
  listRoutes,
  type Route,
  routeText,
} from '../../../cni/netlink/route/route';
import { type Cidr, parseCidr } from '../../../src/domain/values/cidr';
import type { Family } from '../../../src/domain/values/ip-address';
import { ip } from '../../support/recorded-frame';
import { messagesOf, recordedMessages } from '../../support/recorded-netlink';
import {
  dumpShape,
  mistreat,
  recordedList,
  recordedShape,
  requestShape,
  socketThatAnswers,
  withByte,
} from '../../support/route-messages';

const cidr = (text: string) => parseCidr(text) as Cidr;
const LAST_METRIC = 4294967295;
const route = (family: Family, rest: Partial<Route>): Route => ({
  family,
  table: 100,
  type: 'unicast',
  protocol: 101,
  ...rest,
});

const ROUTES: readonly (readonly [command: string, route: Route])[] = [
  [
    '192.168.12.0-24-dev-net1-table-100-proto-101',
    route(4, { destination: cidr('192.168.12.0/24'), interfaceIndex: 9 }),
  ],
  [
    'default-via-192.168.12.1-dev-net1-table-100-proto-101',
    route(4, { gateway: ip('192.168.12.1'), interfaceIndex: 9 }),
  ],
  ['unreachable-default-table-100-metric-4294967295-proto-101', route(4, { type: 'unreachable', metric: LAST_METRIC })],
  [
    '2001-db8-12-64-dev-net1-table-100-proto-101',
    route(6, { destination: cidr('2001:db8:12::/64'), interfaceIndex: 9 }),
  ],
  ['default-via-fe80-1-dev-net1-table-100-proto-101', route(6, { gateway: ip('fe80::1'), interfaceIndex: 9 })],
  ['unreachable-default-table-100-metric-4294967295-proto-101', route(6, { type: 'unreachable', metric: LAST_METRIC })],
];

/** `ip` writes IPv6's default destination, `::`, which the prefix length 0 says already. */
const withoutDefault = (shape: ReturnType<typeof recordedShape>) => ({
  ...shape,
  attributes: shape.attributes.filter(({ value }) => value !== '0'.repeat(32)),
});

describe.each(ROUTES)('%s', (command, wanted) => {
  const prefix = wanted.family === 6 ? 'ip-6-route' : 'ip-route';

  test('add', () => {
    expect(requestShape(addRoute(wanted))).toEqual(withoutDefault(recordedShape(`${prefix}-add-${command}`)));
  });

  test('delete', () => {
    // `ip` deletes a unicast route of any type and an IPv4 one of any scope (RT_SCOPE_NOWHERE); we name what it is.
    const isOnLink = wanted.destination !== undefined;
    const scope: Record<number, number> = wanted.family === 4 ? { 6: isOnLink ? 253 : 0 } : {};
    const type: Record<number, number> = wanted.type === 'unicast' ? { 7: 1 } : {};
    const recorded = recordedShape(`${prefix}-delete-${command}`, { ...scope, ...type });
    expect(requestShape(deleteRoute(wanted))).toEqual(withoutDefault(recorded));
  });

  test('is read from what makes it', () => {
    expect(decodeRoute(messagesOf([addRoute(wanted)])[0]!)).toEqual(wanted);
  });
});

const DUMPS = ['ip-4-route-show-table-100', 'ip-6-route-show-table-100'];
const routes = DUMPS.flatMap(recordedList);

/** A route in one line. */
function line(read: Route): string {
  return `${routeText(read)} dev ${read.interfaceIndex} proto ${read.protocol}`;
}

test('the kernel’s routes are read; of one with several next hops, the first', () => {
  expect(routes.map((message) => line(decodeRoute(message)!))).toEqual([
    'default via 192.168.12.1 table 100 dev 9 proto 101',
    'unreachable default table 100 metric 4294967295 dev undefined proto 101',
    '192.168.12.0/24 table 100 dev 9 proto 101',
    '198.51.100.0/24 via 192.168.12.1 table 100 metric 77 dev 9 proto 4',
    'blackhole 203.0.113.0/24 table 100 dev undefined proto 3',
    '2001:db8:12::/64 table 100 metric 1024 dev 9 proto 101',
    '2001:db8:99::/48 via fe80::7 table 100 metric 77 dev 9 proto 3',
    'default via fe80::1 table 100 metric 1024 dev 9 proto 101',
    'unreachable default table 100 metric 4294967295 dev undefined proto 101',
  ]);
});

test.each([
  ['unicast', 1, ''],
  ['blackhole', 6, 'blackhole '],
  ['unreachable', 7, 'unreachable '],
  ['prohibit', 8, 'prohibit '],
  ['throw', 9, 'throw '],
])('a route of type %s is called so', (type, number, words) => {
  const read = decodeRoute(withType(number));
  expect(read?.type).toBe(type);
  expect(routeText(read!)).toBe(`${words}192.168.12.0/24 table 100`);
});

test.each([
  ['local', 2],
  ['broadcast', 3],
  ['multicast', 5],
  ['none', 0],
])('a route of type %s, which the kernel makes for itself, is left out', (_, number) => {
  expect(decodeRoute(withType(number))).toBeUndefined();
});

function withType(number: number) {
  const [message] = messagesOf([addRoute(ROUTES[0]![1])]);
  return { ...message!, payload: new ByteReader(withByte(message!.payload.bytes, 7, number)) };
}

test('a message that is not whole is refused or read as far as it goes', () => {
  expect(mistreat(routes, decodeRoute)).toBeGreaterThan(100);
});

describe.each([4, 6] as const)('the list of IPv%i', (family) => {
  test('asks for one table in the header, where `ip` adds an attribute for those over 255', () => {
    const { socket, requests } = socketThatAnswers(recordedList(`ip-${family}-route-show-table-100`));
    expect(listRoutes(socket, family, 100).length).toBeGreaterThan(3);
    const recorded = recordedShape(`ip-${family}-route-show-table-100.request`, { 4: 100 });
    expect(requests.map(dumpShape)).toEqual([{ ...recorded, attributes: [] }]);
  });

  test('holds what was asked for, whatever an older kernel answers', () => {
    const { socket, requests } = socketThatAnswers(routes);
    expect(listRoutes(socket, family).map((read) => read.family)).toEqual(Array(family === 4 ? 5 : 4).fill(family));
    expect(requests.map(({ operation }) => operation)).toEqual([`ip -${family} route show table all`]);
    expect(listRoutes(socket, family, 99)).toEqual([]);
  });

  test('is empty where the kernel has no such table, and passes on another refusal', () => {
    const [end] = recordedMessages(`ip-${family}-route-show-table-4000.answer`);
    const absent = refusal(end!, '')!;
    expect(listRoutes(socketThatAnswers(absent).socket, family, 4000)).toEqual([]);
    const refused = new NetlinkError('', EPERM);
    expect(() => listRoutes(socketThatAnswers(refused).socket, family, 4000)).toThrow(refused);
  });
});
