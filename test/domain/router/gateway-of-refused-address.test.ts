import { refusals } from '../../support/network-config';
import { readRouter } from '../../support/router';

const pathsOf = (issues: readonly { readonly path: string }[]) => issues.map(({ path }) => path);

describe('the gateway of an address that is refused', () => {
  test('is not compared with the other address of a configuration', () => {
    const ip = {
      addresses: ['192.168.12.0/24', '10.0.0.9/24'],
      gateway: '192.168.12.1',
      destinations: ['443 TCP 10.0.0.26'],
    };
    expect(pathsOf(refusals({ name: 'db', type: 'egress-router', ip }))).toEqual(['ip.addresses[0]']);
  });

  test('is checked as an address, so that both mistakes are reported at once', () => {
    const { issues } = readRouter({ addresses: [{ ip: 'x', gateway: 'y' }] });
    expect(pathsOf(issues)).toEqual(['addresses[0].ip', 'addresses[0].gateway']);
  });

  test('is not compared with a subnet without a prefix length', () => {
    const { issues } = readRouter({ addresses: [{ ip: '192.168.12.99', gateway: '10.0.0.1' }] });
    expect(pathsOf(issues)).toEqual(['addresses[0].ip']);
  });
});
