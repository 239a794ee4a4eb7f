import { announcementFrames } from '../../../cni/address-conflict/announce';
import { ip, recordedFrame } from '../../support/recorded-frame';

const A = '02:00:00:00:0a:0a';

test('an IPv4 address is announced in both forms', () => {
  const expected = [recordedFrame('arp-announcement'), recordedFrame('arp-reply-announcement')];
  expect(announcementFrames(A, ip('192.0.2.7'))).toEqual(expected);
});

test('an IPv6 address is announced by an advertisement that overrides', () => {
  expect(announcementFrames(A, ip('2001:db8::7'))).toEqual([recordedFrame('unsolicited-advertisement')]);
});
