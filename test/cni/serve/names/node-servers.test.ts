import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeServers, readServersOf } from '../../../../cni/serve/names/node-servers';
import { type Cidr, parseCidr } from '../../../../src/domain/values/cidr';

const CLUSTER = ['10.96.0.0/12', 'fd00:10:96::/112'].map((text) => parseCidr(text) as Cidr);
const INSTEAD = 'name servers by DnsResolver.servers([…])';

test("the servers of the node's resolv.conf are taken in their order, at most three", () => {
  const text = [
    '# nameserver 192.0.2.9',
    'search lan',
    'nameserver 192.0.2.53',
    '\tnameserver\t2001:db8::53',
    'nameserver 192.0.2.54 # second',
    'nameserver 192.0.2.55',
  ].join('\n');
  const { servers, problems } = readServersOf(text, CLUSTER);
  expect(servers.map((server) => server.text)).toEqual(['192.0.2.53', '2001:db8::53', '192.0.2.54']);
  expect(problems).toEqual([]);
});

test.each([
  ['nameserver 127.0.0.53', `nameserver 127.0.0.53 is a loopback address: ${INSTEAD}`],
  ['nameserver ::1', `nameserver ::1 is a loopback address: ${INSTEAD}`],
  ['nameserver 169.254.20.10', `nameserver 169.254.20.10 is a link-local address: ${INSTEAD}`],
  [
    'nameserver 10.96.0.10',
    `nameserver 10.96.0.10 is in 10.96.0.0/12, a network of the cluster, whose DNS may lead a host's name to the router's own Service: ${INSTEAD}`,
  ],
  ['nameserver fe80::1%eth0', `nameserver fe80::1%eth0 carries a zone id: ${INSTEAD}`],
  ['nameserver dns.example', `nameserver dns.example is not an IP address but a host name: ${INSTEAD}`],
  ['options ndots:5', `no nameserver: ${INSTEAD}`],
])('%s is refused: %s', (text, problem) => {
  expect(readServersOf(text, CLUSTER)).toEqual({ servers: [], problems: [problem] });
});

test('the file is read again when it changes, comes or goes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'resolv-conf-'));
  try {
    const path = join(folder, 'resolv.conf');
    const node = new NodeServers(CLUSTER, path);
    expect(node.refresh()).toBe(true);
    expect(node.current.problems).toEqual([`${path} cannot be read: ENOENT`]);
    writeFileSync(path, 'nameserver 192.0.2.53\n');
    expect([node.refresh(), node.refresh()]).toEqual([true, false]);
    expect(node.current.servers).toMatchObject([{ text: '192.0.2.53' }]);
    writeFileSync(path, 'nameserver 192.0.2.54\nnameserver 127.0.0.53\n');
    expect(node.refresh()).toBe(true);
    expect(node.current).toMatchObject({
      servers: [{ text: '192.0.2.54' }],
      problems: [expect.stringContaining(`${path}: nameserver 127.0.0.53 is a loopback address`)],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
