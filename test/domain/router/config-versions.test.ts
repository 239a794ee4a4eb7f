import { ConfigVersions } from '../../../src/domain/router/config-versions';
import { decodeNetworkConfig } from '../../../src/domain/router/network-config';
import { Random } from '../../support/random';
import { repetitions } from '../../support/repetitions';

const IP = { addresses: ['192.168.12.99/24', '2001:db8:12::99/64'], gateways: ['192.168.12.1', 'fe80::1'] };
const input = (destinations: unknown, more: object = {}, ip: object = {}) => ({
  name: 'partners',
  type: 'egress-router',
  healthPort: 9180,
  ip: { ...IP, ...ip, destinations },
  ...more,
});

/** What comes of it, or the message of the error. */
function outcome(decode: () => unknown): unknown {
  try {
    return decode();
  } catch (error) {
    return (error as Error).message;
  }
}

/** Entries that are right, wrong, and written otherwise; few, so that they meet again. */
const ENTRIES: readonly unknown[] = [
  ...['443 TCP 203.0.113.26', '443 TCP 203.0.113.27', ' 443  tcp 203.0.113.26 ', '443\tTCP\t203.0.113.26 444'],
  ...[
    '53 UDP 203.0.113.53',
    '53 UDP 2001:db8:113::53',
    '53 UDP 2001:DB8:113::53',
    '1 SCTP 203.0.113.1',
    '2 TCP 203.0.113.2',
  ],
  ...['203.0.113.98', '203.0.113.99', ' 2001:db8:113::99 ', '2001:db8:113::98'],
  ...['9180 TCP 203.0.113.26', '0 TCP 203.0.113.26', '443 TCP 192.168.12.255', 'nonsense', '', 7, null],
];

const HOST = { name: 'api.bank.example', ports: ['20443 TCP 443'], addresses: ['203.0.113.26'] };
/** Hosts that are right beside the entries, and one that takes the port of an entry. */
const HOSTS: readonly unknown[] = [
  [HOST],
  [
    { ...HOST, addresses: ['203.0.113.26', '2001:db8:113::26'] },
    { ...HOST, name: 'b.example', ports: ['9 TCP 9'] },
  ],
  [{ ...HOST, ports: ['443 TCP 443'] }],
];

function randomInput(random: Random): unknown {
  const isMostlyRight = random.below(4) > 0;
  const entries = isMostlyRight ? ENTRIES.slice(0, 13) : ENTRIES;
  const destinations = Array.from({ length: random.below(6) }, () => random.oneOf(entries));
  if (random.once(20)) return input(destinations, { healthPort: 443 });
  if (random.once(20)) return input(destinations, {}, { gateways: ['192.168.12.1'] });
  if (random.once(20)) return input(destinations, {}, { fallbackIP: '203.0.113.98' });
  if (random.once(3)) return input(destinations, {}, { hosts: random.oneOf(HOSTS) });
  return random.once(30) ? random.oneOf([null, 7, [], {}, input('443'), input(undefined)]) : input(destinations);
}

test('every version of many is what it is on its own, mistakes and their places included', () => {
  const random = new Random(17);
  const versions = new ConfigVersions();
  const count = repetitions(2000, 20_000);
  let good = 0;
  for (let version = 0; version < count; version++) {
    const next = randomInput(random);
    const alone = outcome(() => decodeNetworkConfig(next));
    if (typeof alone === 'object') good++;
    expect(outcome(() => versions.decode(next))).toEqual(alone);
  }
  expect(good).toBeGreaterThan(count / 5);
});

test('rules that were there before are the same objects', () => {
  const versions = new ConfigVersions();
  const [first] = versions.decode(input(['443 TCP 203.0.113.26', '53 UDP 203.0.113.53'])).rules;
  const { rules } = versions.decode(input(['2 TCP 203.0.113.2', '443 TCP 203.0.113.26']));
  expect(rules[1]).toBe(first);
  expect(rules[0]).toMatchObject({ port: 2 });
});

test('a change of a rule beside hosts keeps the other rules and the rules of the hosts', () => {
  const versions = new ConfigVersions();
  const hosts = [HOST];
  const [first] = versions.decode(input(['443 TCP 203.0.113.26', '53 UDP 203.0.113.53'], {}, { hosts })).rules;
  const { rules } = versions.decode(input(['443 TCP 203.0.113.26', '2 TCP 203.0.113.2'], {}, { hosts }));
  expect(rules[0]).toBe(first);
  expect(rules).toMatchObject([{ port: 443 }, { port: 2 }, { port: 20443, host: 'api.bank.example' }]);
});
