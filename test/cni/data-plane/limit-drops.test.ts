import { limitDrops } from '../../../cni/data-plane/limit-drops';
import { decodeNftRule } from '../../../cni/netlink/nftables/observed-rule';
import { recordedMessages } from '../../support/recorded-netlink';

const RULES = recordedMessages('nft-list-rules-of-limits.answer').map(decodeNftRule);

test('the drops of each limit, beyond 32 bits; other counters are not one', () => {
  expect(RULES.length).toBe(3);
  expect(limitDrops(RULES)).toEqual([
    { limit: 'connections_per_client', packets: 4_294_967_301 },
    { limit: 'health_port', packets: 7 },
  ]);
});

test('both families are one limit', () => {
  expect(limitDrops([...RULES, ...RULES])).toContainEqual({ limit: 'health_port', packets: 14 });
});

test('a limit that the table does not have is not named', () => {
  expect(limitDrops(RULES.filter(({ chain }) => chain === 'postrouting')).map(({ limit }) => limit)).toEqual([
    'connections_per_client',
  ]);
  expect(limitDrops([])).toEqual([]);
});
