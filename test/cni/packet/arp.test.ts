import * as fc from 'fast-check';
import { arpAnnouncement, arpProbe, arpReplyAnnouncement, arpRequest, decodeArp } from '../../../cni/packet/arp';
import { decodeEthernet, ETH_P_ARP, encodeEthernet } from '../../../cni/packet/ethernet';
import { ip, recordedFrame } from '../../support/recorded-frame';

const A = '02:00:00:00:0a:0a';
const B = '02:00:00:00:0b:0b';
const ARP_PACKET = 14 + 28;

const decode = (bytes: Uint8Array) => {
  const frame = decodeEthernet(bytes);
  return frame && decodeArp(frame);
};

test('an announcement is the kernel’s own', () => {
  expect(arpAnnouncement(A, ip('192.0.2.7'))).toEqual(recordedFrame('arp-announcement'));
});

test('an announcement in the form of a reply is that of arping -A', () => {
  expect(arpReplyAnnouncement(A, ip('192.0.2.7'))).toEqual(recordedFrame('arp-reply-announcement'));
});

test('a probe is that of arping, without its padding', () => {
  const recorded = recordedFrame('arp-probe');
  expect(recorded.length).toBe(58);
  expect(arpProbe(A, ip('192.0.2.9'))).toEqual(recorded.subarray(0, ARP_PACKET));
});

test('a question for a neighbour is the kernel’s own', () => {
  expect(arpRequest({ mac: A, address: ip('192.0.2.7') }, ip('192.0.2.9'))).toEqual(recordedFrame('arp-request'));
});

test('the kernel’s answer to a probe is read', () => {
  expect(decode(recordedFrame('arp-answer-to-probe'))).toEqual({
    operation: 'reply',
    sender: { mac: B, address: ip('192.0.2.9') },
    target: { mac: A, address: ip('0.0.0.0') },
  });
});

test.each(['arp-probe', 'arp-probe-iputils'])('%s is read, padding or not', (name) => {
  expect(decode(recordedFrame(name))).toMatchObject({
    operation: 'request',
    sender: { mac: A, address: ip('0.0.0.0') },
    target: { address: ip('192.0.2.9') },
  });
});

test('a packet that is cut off at any byte is ignored', () => {
  const whole = recordedFrame('arp-answer-to-probe');
  expect(decode(whole)).toBeDefined();
  for (let length = 0; length < whole.length; length++) expect(decode(whole.subarray(0, length))).toBeUndefined();
});

test.each([
  ['another hardware type', 14 + 1],
  ['another protocol', 14 + 2],
  ['hardware addresses of another length', 14 + 4],
  ['protocol addresses of another length', 14 + 5],
  ['an operation of RARP', 14 + 7],
  ['another EtherType', 13],
])('%s is not ARP for IPv4 on Ethernet', (_, at) => {
  const frame = recordedFrame('arp-answer-to-probe');
  frame[at] = frame[at]! ^ 0x9;
  expect(decode(frame)).toBeUndefined();
});

test('any bytes are read or refused, and never more than that', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (payload) => {
      decode(payload);
      decode(encodeEthernet({ destination: A, source: B, etherType: ETH_P_ARP }, payload));
    }),
  );
});
