import { ApiObject } from 'cdk8s';
import { Protocol } from 'cdk8s-plus-28';
import { EgressRouterResource } from '../../src';
import { newChart, synth, synthErrors } from '../support/synth';

test('works alone, and says all that the resource can', () => {
  const chart = newChart();
  const resource = new EgressRouterResource(chart, 'db', {
    addresses: [{ ip: '2001:DB8::99/64', gateway: 'fe80::1' }],
    redirectRules: [{ port: 443, protocol: Protocol.TCP, destinationIp: '2001:db8:1::1', targetPort: 443 }],
  });
  expect(ApiObject.of(resource)).toBe(resource);
  expect(synth(chart)).toEqual([
    {
      apiVersion: 'network.operator.openshift.io/v1',
      kind: 'EgressRouter',
      metadata: { name: 'db', namespace: 'egress' },
      spec: {
        mode: 'Redirect',
        networkInterface: { macvlan: { mode: 'Bridge' } },
        addresses: [{ ip: '2001:db8::99/64', gateway: 'fe80::1' }],
        redirect: { redirectRules: [{ port: 443, protocol: 'TCP', destinationIP: '2001:db8:1::1' }] },
      },
    },
  ]);
});

test('refuses what the API server would refuse, and more', () => {
  const chart = newChart();
  const rule = { port: 0, protocol: 'ICMP' as Protocol, destinationIp: 'example.com' };
  new EgressRouterResource(chart, 'db', { addresses: [], redirectRules: [rule] });
  expect(synthErrors(chart)).toEqual([
    expect.stringMatching(/^\[prod\/db\] addresses: \[\] is empty; accepted: /),
    expect.stringMatching(
      /^\[prod\/db\] redirectRules\[0\]\.port: 0 is out of range; accepted: a port number, an integer from 1 to 65535$/,
    ),
    expect.stringMatching(/^\[prod\/db\] redirectRules\[0\]\.protocol: "ICMP" is not known; accepted: TCP, UDP, SCTP$/),
    expect.stringMatching(
      /^\[prod\/db\] redirectRules\[0\]\.destinationIp: "example\.com" is not an IP address but a host name; accepted: an IPv4/,
    ),
  ]);
});

test('refuses metadata and a cluster that are none, before anything is applied', () => {
  const chart = newChart();
  const add = (id: string, octet: number, props: object) =>
    new EgressRouterResource(chart, id, {
      addresses: [{ ip: `192.168.12.${octet}/24`, gateway: '192.168.12.1' }],
      fallbackIp: '203.0.113.27',
      ...props,
    });
  const namespace = (name: string) => ({ metadata: { namespace: name } });
  add('Db', 11, namespace('a'));
  add('labels', 12, { metadata: { namespace: 'b', labels: { 'a b': 'x' }, annotations: { a: 1 } } });
  add('text', 13, { metadata: 'db' });
  add('cluster', 14, { ...namespace('c'), cluster: 'prod' });
  expect(synthErrors(chart)).toEqual([
    expect.stringMatching(/^\[prod\/Db\] id: "Db" is not such a name; accepted: a DNS-1123 subdomain/),
    expect.stringMatching(/^\[prod\/labels\] metadata\.labels\."a b": "x" has a key that is not a qualified name; acc/),
    expect.stringMatching(/^\[prod\/labels\] metadata\.annotations\.a: 1 is not a string; accepted: a string$/),
    expect.stringMatching(/^\[prod\/text\] metadata: "db" is not an object; accepted: an object$/),
    expect.stringMatching(/^\[prod\/cluster\] cluster: "prod" is not a cluster; accepted: an EgressRouterCluster$/),
  ]);
});

test('refuses what the resource has no word for, and takes names and fallbacks that only a Service could not have', () => {
  const chart = newChart();
  const props = { addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }], fallbackIp: '203.0.113.27' };
  new EgressRouterResource(chart, '1.db', props);
  new EgressRouterResource(chart, 'mtu', {
    ...props,
    metadata: { namespace: 'b' },
    networkInterface: { macvlan: { master: 'eth1', mtu: 1400 } as object },
  });
  const misspelled = { ...props, fallbackIP: '203.0.113.27' };
  new EgressRouterResource(chart, 'key', { ...misspelled, metadata: { namespace: 'c' } });
  expect(synthErrors(chart).filter((error) => !error.includes('also reserved'))).toEqual([
    expect.stringContaining('[prod/mtu] networkInterface.macvlan.mtu: 1400 is not a field of an EgressRouter resource'),
    expect.stringContaining('[prod/key] fallbackIP: "203.0.113.27" is an unknown key (did you mean "fallbackIp"?)'),
  ]);
});

test('refuses a wrong interface at the path of its own prop', () => {
  const chart = newChart();
  const props = { addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }], fallbackIp: '203.0.113.27' };
  const networkInterface = { macvlan: { mode: 'Source' } } as object;
  new EgressRouterResource(chart, 'db', { ...props, networkInterface });
  expect(synthErrors(chart)).toEqual([
    '[prod/db] networkInterface.macvlan.mode: "Source" is not known; accepted: bridge, private, vepa, passthru',
  ]);
});
