import * as fc from 'fast-check';
import { ConfigError, type Issue } from '../../../src/domain/input/issue';
import {
  decodeNetworkConfig,
  encodeNetworkConfig,
  type NetworkConfig,
} from '../../../src/domain/router/network-config';
import { networkConfig } from '../../support/arbitrary-network-config';
import { repetitions } from '../../support/repetitions';

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('a configuration that was written is read back as it was', () => {
  fc.assert(
    fc.property(networkConfig, (config) => {
      const written = encodeNetworkConfig(config);
      expect(written).toStrictEqual(throughJson(written));
      expect(decodeNetworkConfig(throughJson(written))).toStrictEqual(config);
    }),
    { numRuns: repetitions(200, 1000) },
  );
});

test('the order of the keys has no meaning', () => {
  const reversed = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, member]) => [key, reversed(member)]),
        )
      : value;
  fc.assert(
    fc.property(networkConfig, (config) => {
      expect(decodeNetworkConfig(reversed(encodeNetworkConfig(config)))).toStrictEqual(config);
    }),
  );
});

const BASES = [
  {
    cniVersion: '0.4.0',
    type: 'egress-router',
    name: 'egress-router-cni-nad',
    ip: {
      addresses: ['192.168.12.99/24'],
      destinations: ['80 UDP 203.0.113.25', '8080 TCP 203.0.113.26 80'],
      fallbackIP: '203.0.113.27',
      gateway: '192.168.12.1',
    },
    log_file: '/tmp/egress-router-log',
    log_level: 'debug',
  },
  {
    cniVersion: '1.1.0',
    type: 'egress-router',
    name: 'db',
    interfaceType: 'macvlan',
    interfaceArgs: { mode: 'bridge', master: 'eth1', mtu: '1400' },
    mac: 'e2:65:c0:a8:0c:63',
    ip: {
      addresses: ['192.168.12.99/24', '2001:db8:12::99/64'],
      gateways: ['192.168.12.1', 'fe80::1'],
      destinations: ['443 TCP 203.0.113.26', '443 TCP 2001:db8::26 8443', '2001:db8::27'],
    },
    healthPort: 9999,
    counters: true,
    liveRules: true,
    conflictWait: 0,
  },
  {
    cniVersion: '1.1.0',
    type: 'egress-router',
    name: 'names',
    ip: {
      addresses: ['192.168.12.99/24'],
      gateway: '192.168.12.1',
      hosts: [
        { name: 'api.bank.example', ports: ['20443 TCP 443'] },
        { name: 'licence.vendor.example', ports: ['20444 UDP 27000'], allowedCidrs: ['198.51.100.0/24'] },
      ],
      resolver: { servers: ['192.168.12.53'], source: 'reserved', clusterCidrs: ['10.96.0.0/12'] },
    },
    liveRules: true,
  },
];

type Holder = Record<string, unknown>;

/** The places of a value down to some depth, each as the object or list that holds it and its key there. */
function places(value: unknown, depth = 5): { holder: Holder; key: string }[] {
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  const holder = value as Holder;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...places(holder[key], depth - 1)]);
}

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { ip: value };
  return value;
}

const HOSTILE_KEYS = '{"__proto__": {"addresses": []}, "constructor": 1, "toString": 1, "length": -1, "toJSON": 1}';

/** Makers of values, because a mutation may change what an earlier one put there. */
const strange: fc.Arbitrary<() => unknown> = fc.oneof(
  { weight: 20, arbitrary: fc.jsonValue({ maxDepth: 2 }).map((value) => () => structuredClone(value)) },
  {
    weight: 20,
    arbitrary: fc
      .constantFrom<unknown>(
        null,
        '',
        ' ',
        0,
        -1,
        1e308,
        2 ** 53,
        65536,
        '1.2.3.4/33',
        '::ffff:1.2.3.4',
        '\ud800',
        '\0',
      )
      .map((value) => () => value),
  },
  {
    weight: 20,
    arbitrary: fc.constantFrom<() => unknown>(
      () => [],
      () => ({}),
      () => [[]],
      () => [[['192.168.12.99/24']]],
      () => JSON.parse(HOSTILE_KEYS),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<() => unknown>(
      () => 'x'.repeat(100_000),
      () => nested(20_000),
    ),
  },
);

const letter = fc.constantFrom(...'0129afgzAZ.:/% -\t\n\u0000ü');
const key = fc.constantFrom('__proto__', 'constructor', 'toJSON', 'length', 'ip', 'IP', 'gatewy', 'mask', '0', '');

type Mutation = (root: Holder, place: { holder: Holder; key: string }) => void;

function own(holder: Holder, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
}

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  strange.map(
    (value): Mutation =>
      (_, place) =>
        own(place.holder, place.key, value()),
  ),
  fc.constant<Mutation>((_, place) => {
    if (Array.isArray(place.holder)) place.holder.splice(Number(place.key), 1);
    else delete place.holder[place.key];
  }),
  fc.constant<Mutation>((_, place) => {
    if (Array.isArray(place.holder)) place.holder.push(place.holder[Number(place.key)]);
    else own(place.holder, place.key, [place.holder[place.key]]);
  }),
  fc.tuple(key, strange).map(
    ([name, value]): Mutation =>
      (_, place) => {
        if (!Array.isArray(place.holder)) own(place.holder, name, value());
      },
  ),
  fc.tuple(fc.nat(), fc.nat({ max: 2 }), letter).map(
    ([where, removed, added]): Mutation =>
      (_, place) => {
        const text = place.holder[place.key];
        if (typeof text !== 'string') return;
        const at = where % (text.length + 1);
        place.holder[place.key] = text.slice(0, at) + added + text.slice(at + removed);
      },
  ),
);

function isComplete({ path, problem, accepted }: Issue): boolean {
  return (
    typeof path === 'string' &&
    /^(is|has|carries|names|leads|leaves|takes|redirects) \S/.test(problem) &&
    accepted !== ''
  );
}

function decoded(given: unknown): NetworkConfig | undefined {
  try {
    return decodeNetworkConfig(given);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (error.issues.length === 0 || !error.issues.every(isComplete)) throw new Error(JSON.stringify(error.issues));
    return undefined;
  }
}

test('a mutated configuration either decodes or is refused by issues, and never ends otherwise', () => {
  const outcomes = { decoded: 0, refused: 0 };
  const numRuns = repetitions(3000, 20_000);
  const step = fc.tuple(fc.nat(), mutation);
  fc.assert(
    fc.property(fc.constantFrom(...BASES), fc.array(step, { minLength: 1, maxLength: 4 }), (base, steps) => {
      const given = structuredClone(base) as Holder;
      for (const [where, mutate] of steps) {
        const all = places(given);
        if (all.length > 0) mutate(given, all[where % all.length]!);
      }
      const config = decoded(given);
      if (config === undefined) outcomes.refused++;
      else {
        outcomes.decoded++;
        expect(decodeNetworkConfig(throughJson(encodeNetworkConfig(config)))).toStrictEqual(config);
      }
    }),
    { numRuns },
  );
  expect(Math.min(outcomes.decoded, outcomes.refused)).toBeGreaterThan(numRuns / 40);
}, 60_000);

test('any other JSON is rejected with issues', () => {
  fc.assert(
    fc.property(strange, (given) => {
      expect(decoded(given())).toBeUndefined();
    }),
    { numRuns: repetitions(500, 2000) },
  );
});
