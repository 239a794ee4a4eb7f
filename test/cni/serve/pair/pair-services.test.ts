import { decodePairServices, slicesOf } from '../../../../cni/serve/pair/pair-services';
import { ip } from '../../../support/recorded-frame';

const BANK = { name: 'bank', ports: [{ name: 'tcp-8443', port: 8443, protocol: 'TCP' }] };
const SHOP = { name: 'shop', ports: [] };

describe('the slices of a pair', () => {
  test('are one for each Service and family of the pod; the first is the lock', () => {
    const services = decodePairServices([BANK, SHOP]);
    const names = (...addresses: string[]) =>
      slicesOf(services, 'partners', addresses.map(ip)).map(({ owner, address }) => [
        owner.name,
        owner.service,
        owner.addressType,
        address,
      ]);
    expect(names('10.244.1.5')).toEqual([
      ['bank', 'bank', 'IPv4', '10.244.1.5'],
      ['shop', 'shop', 'IPv4', '10.244.1.5'],
    ]);
    expect(names('fd00::5')[0]).toEqual(['bank', 'bank', 'IPv6', 'fd00::5']);
    expect(names('fd00::5', '10.244.1.5').slice(0, 2)).toEqual([
      ['bank', 'bank', 'IPv4', '10.244.1.5'],
      ['bank-ipv6', 'bank', 'IPv6', 'fd00::5'],
    ]);
  });

  test.each<[string, unknown, string]>([
    ['no list', {}, 'services'],
    ['no Service', [], 'services'],
    ['a Service without a name', [{ ports: [] }], '[0].name'],
    ['a port that is 0', [{ ...BANK, ports: [{ name: 'x', port: 0, protocol: 'TCP' }] }], '[0].ports[0].port'],
    ['another protocol', [{ ...BANK, ports: [{ name: 'x', port: 1, protocol: 'GRE' }] }], '[0].ports[0].protocol'],
  ])('%s is refused, by its path', (_name, input, path) => {
    expect(() => decodePairServices(input)).toThrow(path);
  });
});
