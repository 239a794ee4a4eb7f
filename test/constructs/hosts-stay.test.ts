import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import * as fc from 'fast-check';
import { DnsResolver, EgressRouter, EgressRouterCluster, type EgressRouterHost, RouterMode } from '../../src';
import { type Manifest, OPERATOR, synth } from '../support/synth';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hosts-stay-'));
  file = join(folder, 'service-ips.json');
  jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const ADMITTED: EgressRouterHost = { name: 'admitted.example', ports: [443] };

/** Hosts of every kind: resolved, resolved of one family, fixed, of several ports, and with an address of its own. */
const OTHERS: readonly EgressRouterHost[] = Array.from({ length: 12 }, (_, index) => {
  const host = { name: `h${index}.partner-${index % 3}.example`, ports: index % 4 === 0 ? [443, 8443] : [443] };
  if (index % 3 === 1) return { ...host, allowedCidrs: ['203.0.113.0/24'] };
  if (index === 5) return { ...host, clusterIps: ['10.96.0.70', 'fd00:96::70'] };
  return index % 3 === 2 ? { ...host, addresses: ['203.0.113.26', '2001:db8:113::26'] } : host;
});

interface Synthesized {
  /** What belongs to each host: its Service, its part of the plugin's configuration, its lines of /etc/hosts. */
  readonly hosts: Readonly<Record<string, Manifest>>;
  /** What belongs to none of the others. */
  readonly others: Readonly<Record<string, Manifest>>;
  /** The file that keeps cluster IPs. */
  readonly kept: Readonly<Record<string, string>>;
}

/** @param added how many of the hosts are added after the declaration */
function synthesize(hosts: readonly EgressRouterHost[], added: number): Synthesized {
  const app = new App();
  const chart = new Chart(app, 'prod', { namespace: 'partners' });
  const networks = { podCidrs: ['10.244.0.0/16', 'fd00:244::/48'], serviceCidrs: ['10.96.0.0/16', 'fd00:96::/112'] };
  const ranges = ['10.96.0.32/27', 'fd00:96::20/123'];
  const router = new EgressRouter(chart, 'partners', {
    cluster: new EgressRouterCluster('prod', { ...networks, serviceIps: { ranges, file } }),
    mode: RouterMode.standalone({
      image: 'registry.example.com/egress-router:1',
      liveRules: true,
      resolver: DnsResolver.servers(['192.168.12.53']),
    }),
    addresses: [...OPERATOR.addresses, { ip: '2001:db8:12::99/64', gateway: 'fe80::1' }],
    hosts: hosts.slice(added),
  });
  const shop = new Chart(app, 'shop', { namespace: 'shop' });
  const workload = new Deployment(shop, 'shop', { containers: [{ image: 'registry.example.com/shop:1' }] });
  router.admit(workload, { hosts: [ADMITTED.name] });
  for (const host of hosts.slice(0, added)) router.addHost(host);
  const objects = synth(chart);
  const ofKind = (kind: string) => objects.find((object) => object.kind === kind);
  const { ip } = JSON.parse(ofKind('NetworkAttachmentDefinition').spec.config);
  const partOf = ({ name }: EgressRouterHost) => ({
    service: objects.find(({ metadata }) => metadata.name === router.hostService(name)?.name),
    config: ip.hosts.find((each: { name: string }) => each.name === name),
    aliases: router.hostAliases.filter(({ hostnames }) => hostnames.includes(name)),
  });
  return {
    hosts: Object.fromEntries(hosts.map((host) => [host.name, partOf(host)])),
    others: { router: ofKind('Deployment'), clients: synth(shop) },
    kept: JSON.parse(readFileSync(file, 'utf8')).addresses,
  };
}

test('adding, removing and reordering hosts changes nothing of the other hosts, nor of who uses them', () => {
  const seen = new Map<string, Manifest>();
  let before: Synthesized | undefined;
  const sets = fc.shuffledSubarray([...OTHERS]).chain((some) =>
    fc.record({
      hosts: fc.shuffledSubarray([ADMITTED, ...some], { minLength: some.length + 1 }),
      added: fc.nat(some.length),
    }),
  );
  fc.assert(
    fc.property(sets, ({ hosts, added }) => {
      const now = synthesize(hosts, added);
      for (const [name, part] of Object.entries(now.hosts)) {
        expect(part.aliases).toHaveLength(name.includes('partner-1') ? 1 : 2);
        expect(part.config.ports).toHaveLength(part.service.spec.ports.length);
        expect({ name, part }).toEqual({ name, part: seen.get(name) ?? part });
        seen.set(name, part);
      }
      expect(now.others).toEqual(before?.others ?? now.others);
      expect(now.kept).toMatchObject(before?.kept ?? {});
      before = now;
    }),
    { numRuns: 25 },
  );
  const parts = [...seen.values()];
  expect(parts.length).toBeGreaterThan(OTHERS.length / 2);
  for (const values of [
    parts.map(({ service }) => service.metadata.name),
    parts.flatMap(({ config }) => config.ports.map((text: string) => text.split(' ')[0])),
    parts.flatMap(({ aliases }) => aliases.map(({ ip }: { ip: string }) => ip)),
  ])
    expect(new Set(values).size).toBe(values.length);
});
