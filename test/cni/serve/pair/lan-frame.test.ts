import { announcementFrames } from '../../../../cni/address-conflict/announce';
import { arpProbe, arpRequest } from '../../../../cni/packet/arp';
import {
  duplicateSolicitation,
  linkLocalOf,
  neighbourSolicitation,
  unsolicitedAdvertisement,
} from '../../../../cni/packet/neighbour-discovery';
import { readLanFrame } from '../../../../cni/serve/pair/lan-frame';
import { ip } from '../../../support/recorded-frame';

const HOLDER = 'e2:65:c0:a8:0c:63';
const STANDBY = 'e6:65:c0:a8:0c:63';
const GATEWAY = '02:00:00:00:00:01';
const OTHER = '02:00:00:00:00:50';
const [ADDRESS, ADDRESS6] = [ip('192.168.12.99'), ip('2001:db8:12::99')];
const [ROUTER, ROUTER6] = [ip('192.168.12.1'), ip('fe80::1')];
const SUBJECTS = { addresses: [ADDRESS, ADDRESS6], gateways: [ROUTER, ROUTER6], standbyMac: STANDBY };

/** The same frame to one host alone. */
function to(mac: string, frame: Uint8Array): Uint8Array {
  return Uint8Array.from([...mac.split(':').map((octet) => Number.parseInt(octet, 16)), ...frame.slice(6)]);
}

const replyOf = (mac: string, address: typeof ROUTER) => announcementFrames(mac, address).at(-1)!;

describe('a frame on the LAN of a pair', () => {
  test.each<[string, string, Uint8Array, string | undefined]>([
    ['the answer of the gateway', HOLDER, to(HOLDER, replyOf(GATEWAY, ROUTER)), 'gateway-answered'],
    ['the answer of the IPv6 gateway', STANDBY, to(STANDBY, replyOf(GATEWAY, ROUTER6)), 'gateway-answered'],
    ['an announcement of the gateway', HOLDER, replyOf(GATEWAY, ROUTER), undefined],
    [
      'a question of the gateway',
      HOLDER,
      to(HOLDER, arpRequest({ mac: GATEWAY, address: ROUTER }, ADDRESS)),
      undefined,
    ],
    ['the answer of the holder', STANDBY, to(STANDBY, replyOf(HOLDER, ADDRESS)), 'address-answered'],
    ['the answer of the holder by IPv6', STANDBY, unsolicitedAdvertisement(HOLDER, ADDRESS6), 'address-answered'],
    ['an announcement of the holder', STANDBY, announcementFrames(HOLDER, ADDRESS)[0]!, 'address-answered'],
    ['a question of the holder', STANDBY, arpRequest({ mac: HOLDER, address: ADDRESS }, ROUTER), 'address-answered'],
    ['the question of the standby', HOLDER, arpProbe(STANDBY, ADDRESS, HOLDER), 'standby-asked'],
    [
      'the question of the standby by IPv6',
      HOLDER,
      neighbourSolicitation(STANDBY, linkLocalOf(STANDBY), ADDRESS6, HOLDER),
      'standby-asked',
    ],
    ['the probe of the standby', HOLDER, arpProbe(STANDBY, ADDRESS), 'standby-probed'],
    ['the probe of the standby by IPv6', HOLDER, duplicateSolicitation(STANDBY, ADDRESS6), 'standby-probed'],
    ['the question of the standby for its gateway', HOLDER, arpProbe(STANDBY, ROUTER), undefined],
    ['the question of another host', HOLDER, arpProbe(OTHER, ADDRESS, HOLDER), undefined],
    ['an own frame that comes back', STANDBY, arpProbe(STANDBY, ADDRESS), undefined],
    ['no frame', STANDBY, Uint8Array.of(1, 2, 3), undefined],
  ])('%s', (_name, own, frame, kind) => {
    expect(readLanFrame(frame, own, SUBJECTS)?.kind).toBe(kind);
  });

  test('of a gateway says from which MAC address it answers', () => {
    const frame = to(HOLDER, replyOf(GATEWAY, ROUTER));
    expect(readLanFrame(frame, HOLDER, SUBJECTS)).toEqual({ kind: 'gateway-answered', gateway: ROUTER, mac: GATEWAY });
  });
});
