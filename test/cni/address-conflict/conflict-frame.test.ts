import { readConflictFrame } from '../../../cni/address-conflict/conflict-frame';
import { arpAnnouncement, arpProbe, arpReplyAnnouncement } from '../../../cni/packet/arp';
import { duplicateSolicitation, unsolicitedAdvertisement } from '../../../cni/packet/neighbour-discovery';
import { ip, recordedFrame } from '../../support/recorded-frame';

const IPV4 = ip('192.0.2.9');
const IPV6 = ip('2001:db8::9');
const A = '02:00:00:00:0a:0a';
const B = '02:00:00:00:0b:0b';
const NET1 = 'e2:65:c0:00:02:09';

const read = (frame: Uint8Array, own = A) => readConflictFrame(frame, own, [IPV4, IPV6]);

test.each([
  ['arp-answer-to-probe', IPV4, true],
  ['advertisement-to-solicitation', IPV6, false],
])('the kernel’s %s says who holds the address', (name, address, isUnicast) => {
  expect(read(recordedFrame(name))).toEqual({ address, mac: B, kind: 'held', isUnicast });
});

test.each([
  ['a gratuitous request', arpAnnouncement(B, IPV4)],
  ['a gratuitous reply', arpReplyAnnouncement(B, IPV4)],
  ['an unsolicited advertisement', unsolicitedAdvertisement(B, IPV6)],
])('%s of another host conflicts', (_, frame) => {
  expect(read(frame)).toMatchObject({ mac: B, kind: 'held' });
});

test('a request from the address for another address conflicts', () => {
  const frame = arpAnnouncement(B, IPV4);
  frame[14 + 27] = 77; // Who has 192.0.2.77? Tell 192.0.2.9.
  expect(read(frame)).toEqual({ address: IPV4, mac: B, kind: 'held', isUnicast: false });
});

test('a request for the MAC of the address does not conflict', () => {
  const frame = arpAnnouncement(B, IPV4);
  frame[14 + 17] = 77; // Who has 192.0.2.9? Tell 192.0.2.77.
  expect(read(frame)).toBeUndefined();
});

test.each([
  ['announcement', arpAnnouncement(B, ip('192.0.2.10'))],
  ['probe', arpProbe(B, ip('192.0.2.10'))],
  ['advertisement', unsolicitedAdvertisement(B, ip('2001:db8::10'))],
  ['solicitation', duplicateSolicitation(B, ip('2001:db8::10'))],
])('an %s for another address does not conflict', (_, frame) => {
  expect(read(frame)).toBeUndefined();
});

test.each([
  ['ARP', arpProbe, IPV4],
  ['neighbour discovery', duplicateSolicitation, IPV6],
])('the lower MAC wins if two hosts probe at once by %s', (_, probe, address) => {
  expect(read(probe(B, address), A)).toMatchObject({ address, mac: B, kind: 'yielded' });
  expect(read(probe(A, address), B)).toMatchObject({ address, mac: A, kind: 'wanted' });
});

test.each([
  ['probe', arpProbe(A, IPV4)],
  ['solicitation', duplicateSolicitation(A, IPV6)],
  ['announcement', arpAnnouncement(A, IPV4)],
  ['advertisement', unsolicitedAdvertisement(A, IPV6)],
])('a %s that a switch sent back does not conflict', (_, frame) => {
  expect(read(frame, A)).toBeUndefined();
});

test('a frame of a holder with the derived MAC conflicts for an interface with another MAC alone', () => {
  const answer = arpReplyAnnouncement(NET1, IPV4);
  expect(read(answer, A)).toMatchObject({ address: IPV4, mac: NET1, kind: 'held' });
  expect(read(unsolicitedAdvertisement(NET1, IPV6), A)).toMatchObject({ mac: NET1, kind: 'held' });
  expect(read(answer, NET1)).toBeUndefined();
});

test('a frame that is cut off at any byte does not conflict', () => {
  for (const name of ['arp-answer-to-probe', 'advertisement-to-solicitation']) {
    const whole = recordedFrame(name);
    for (let length = 0; length < whole.length; length++) expect(read(whole.subarray(0, length))).toBeUndefined();
  }
});
