import { socketAddress } from '../../../cni/packet/socket-address';
import { ip } from '../../support/recorded-frame';

// struct sockaddr_in and sockaddr_in6 of linux/in.h and linux/in6.h; only a link-local address is one of an interface.
test.each([
  ['192.168.12.1', 0, '02000009c0a80c010000000000000000'],
  ['2001:db8:12::1', 7, '0a0000090000000020010db8001200000000000000000001' + '00000000'],
  ['fe80::1', 7, '0a00000900000000fe800000000000000000000000000001' + '07000000'],
  ['fe90::1', 7, '0a00000900000000fe900000000000000000000000000001' + '07000000'],
  ['fec0::1', 7, '0a00000900000000fec00000000000000000000000000001' + '00000000'],
])('the address of a datagram to %s', (text, interfaceIndex, hex) => {
  expect(Buffer.from(socketAddress(ip(text), 9, interfaceIndex)).toString('hex')).toBe(hex);
});
