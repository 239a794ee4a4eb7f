import { CARRYING_PLATFORMS, Platform, REFUSED_PLATFORMS, readPlatform } from '../../../src/domain/router/platform';
import { acceptAll, read, refuseAll } from '../../support/accept';

const CARRYING = ['BareMetal', 'KVM', 'OpenStack', 'vSphere', 'oVirt', 'KubeVirt', 'HyperV'];
const REFUSED = ['AWS', 'Azure', 'GCP', 'IBMCloudVPC', 'DigitalOcean', 'HetznerCloud', 'Exoscale'];

test('every platform either carries a second MAC address or is refused', () => {
  expect(CARRYING_PLATFORMS).toEqual(CARRYING);
  expect([...REFUSED_PLATFORMS.keys()].sort()).toEqual([...REFUSED].sort());
  expect(Object.values(Platform).sort()).toEqual([...CARRYING, ...REFUSED].sort());
});

test('platforms that carry a second MAC address', () => {
  acceptAll(readPlatform, CARRYING);
  expect(read(readPlatform, 'vSphere').value).toBe(Platform.VSPHERE);
});

test('words that name no platform', () => {
  refuseAll(
    readPlatform,
    ['', 'None', 'Amazon', 'VSPHERE', 'aws', 'bare metal', 7, null, {}],
    'BareMetal, KVM, OpenStack',
  );
});

test.each(REFUSED)('%s is refused with the reason, its source, what to use there and what is accepted', (name) => {
  const { reason, source, instead } = REFUSED_PLATFORMS.get(name as Platform)!;
  refuseAll(readPlatform, [name, name.toLowerCase()], CARRYING.join(', '));
  const [issue] = read(readPlatform, name).issues;
  expect(issue!.accepted).not.toContain(name);
  for (const part of [reason, source, instead]) expect(issue!.problem).toContain(part);
  expect(reason.length).toBeGreaterThan(20);
  expect(source).toMatch(/^https:\/\//);
  expect(instead).toContain('EgressIP of OVN-Kubernetes');
});

test.each([
  ['AWS', 'layer 3'],
  ['Azure', 'layer 3 overlay'],
  ['GCP', 'answers ARP itself'],
])('the reason for %s is its network', (name, word) => {
  expect(read(readPlatform, name).issues[0]!.problem).toContain(word);
});
