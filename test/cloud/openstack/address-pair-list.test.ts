import fc from 'fast-check';
import type { AddressPair } from '../../../cloud/openstack/address-pair';
import { editedList, holdsPair, type ListedPair, type PairEdit } from '../../../cloud/openstack/address-pair-list';

const PORT_MAC = 'fa:16:3e:00:00:01';
const OURS: AddressPair = { ipAddress: '192.168.12.99', macAddress: 'e2:65:c0:a8:0c:63' };
const VIP: ListedPair = { ip_address: '192.168.12.5', mac_address: 'FA:16:3E:00:00:01' };

const add = (pair: AddressPair): PairEdit => ({ kind: 'add', pair });
const remove = (pair: AddressPair): PairEdit => ({ kind: 'remove', pair });

test('a pair goes behind those that are there, and comes out again', () => {
  const added = editedList([VIP], [add(OURS)], PORT_MAC);
  expect(added).toEqual([VIP, { ip_address: '192.168.12.99', mac_address: 'e2:65:c0:a8:0c:63' }]);
  expect(editedList(added!, [remove(OURS)], PORT_MAC)).toEqual([VIP]);
});

test('a list that already has the pair is not written', () => {
  expect(editedList([VIP], [remove(OURS)], PORT_MAC)).toBeUndefined();
  expect(editedList([], [], PORT_MAC)).toBeUndefined();
  const there = [{ ip_address: '192.168.12.99/32', mac_address: 'E2-65-C0-A8-0C-63' }];
  expect(editedList(there, [add(OURS)], PORT_MAC)).toBeUndefined();
});

test.each([
  ['upper case', '192.168.12.99', 'E2:65:C0:A8:0C:63', OURS],
  ['a prefix length of one address', '192.168.12.99/32', 'e2:65:c0:a8:0c:63', OURS],
  ['long IPv6', '2001:DB8:0:0::63', 'e2:65:c0:a8:0c:63', { ...OURS, ipAddress: '2001:db8::63' }],
  ['long IPv6 with /128', '2001:db8:0::63/128', 'e2:65:c0:a8:0c:63', { ...OURS, ipAddress: '2001:db8::63' }],
  ["the port's own MAC, not written", '192.168.12.99', undefined, { ...OURS, macAddress: PORT_MAC }],
  ["the port's own MAC, null", '192.168.12.99', null, { ...OURS, macAddress: PORT_MAC }],
])('one pair in another spelling: %s', (_spelling, ip_address, mac_address, pair) => {
  expect(holdsPair([{ ip_address, mac_address }], pair, PORT_MAC)).toBe(true);
  expect(editedList([{ ip_address, mac_address }], [remove(pair)], PORT_MAC)).toEqual([]);
});

test.each([
  ['another address', '192.168.12.98', OURS.macAddress],
  ['another MAC', '192.168.12.99', 'e2:65:c0:a8:0c:64'],
  ['the subnet that holds it', '192.168.12.0/24', OURS.macAddress],
  ['the address with the length of its subnet, which is the subnet', '192.168.12.99/24', OURS.macAddress],
  ['no MAC', '192.168.12.99', undefined],
  ['what is not an address', 'somewhere', OURS.macAddress],
])('not our pair: %s', (_what, ip_address, mac_address) => {
  expect(holdsPair([{ ip_address, mac_address }], OURS, PORT_MAC)).toBe(false);
  expect(editedList([{ ip_address, mac_address }], [remove(OURS)], PORT_MAC)).toBeUndefined();
});

/** Few addresses, so that pairs meet, and every spelling of each. */
const spelledPair: fc.Arbitrary<ListedPair> = fc
  .record({ host: fc.integer({ min: 1, max: 4 }), mac: fc.integer({ min: 1, max: 3 }), spelling: fc.nat(3) })
  .map(({ host, mac, spelling }) => {
    const [ip, octet] = [`10.0.0.${host}`, `0${mac}`];
    const text = `0A:00:00:00:00:${octet}`;
    return {
      ip_address: spelling % 2 === 0 ? ip : `${ip}/32`,
      mac_address: spelling < 2 ? text : text.toLowerCase().replaceAll(':', '-'),
    };
  });
const pair: fc.Arbitrary<AddressPair> = fc
  .record({ host: fc.integer({ min: 1, max: 4 }), mac: fc.integer({ min: 1, max: 3 }) })
  .map(({ host, mac }) => ({ ipAddress: `10.0.0.${host}`, macAddress: `0a:00:00:00:00:0${mac}` }));
const edits: fc.Arbitrary<PairEdit[]> = fc.array(fc.record({ kind: fc.constantFrom('add', 'remove'), pair }), {
  maxLength: 6,
});
const list = fc.array(spelledPair, { maxLength: 8 });

const isAbout = (listed: ListedPair, { pair: ours }: PairEdit) => holdsPair([listed], ours, PORT_MAC);

test('every pair that no edit is about is there afterwards, as it was written and in its place', () => {
  fc.assert(
    fc.property(list, edits, (before, wanted) => {
      const after = editedList(before, wanted, PORT_MAC) ?? before;
      const foreign = (listed: ListedPair) => !wanted.some((edit) => isAbout(listed, edit));
      expect(after.filter(foreign)).toEqual(before.filter(foreign));
    }),
  );
});

test('afterwards the last edit about a pair holds, and doing all again changes nothing', () => {
  fc.assert(
    fc.property(list, edits, (before, wanted) => {
      const after = editedList(before, wanted, PORT_MAC) ?? before;
      for (const edit of wanted) {
        const last = [...wanted].reverse().find((other) => holdsPair([asListed(other)], edit.pair, PORT_MAC))!;
        expect(holdsPair(after, edit.pair, PORT_MAC)).toBe(last.kind === 'add');
      }
      expect(editedList(after, wanted, PORT_MAC)).toBeUndefined();
    }),
  );
});

test('adding and removing a pair leaves the list unchanged', () => {
  fc.assert(
    fc.property(list, pair, (before, ours) => {
      fc.pre(!holdsPair(before, ours, PORT_MAC));
      const added = editedList(before, [add(ours)], PORT_MAC)!;
      expect(editedList(added, [remove(ours)], PORT_MAC)).toEqual(before);
    }),
  );
});

test('a write never names one pair twice, unless others did: Neutron refuses that', () => {
  fc.assert(
    fc.property(edits, (wanted) => {
      const after = editedList([], wanted, PORT_MAC) ?? [];
      expect(new Set(after.map((listed) => JSON.stringify(listed))).size).toBe(after.length);
    }),
  );
});

function asListed({ pair: { ipAddress, macAddress } }: PairEdit): ListedPair {
  return { ip_address: ipAddress, mac_address: macAddress };
}
