import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App, Chart, Yaml } from 'cdk8s';
import { EgressRouter, EgressRouterCluster, RouterMode } from '../../src';
import { Authority } from '../support/authority';
import { type Manifest, synth } from '../support/synth';
import { Lab } from './lab/lab';
import { PODS } from './lab/layout';
import { AppliedManifests } from './support/applied-manifests';
import { leadServices } from './support/cluster-services';
import { describeOnKernel } from './support/requires';

const COUNT = 100;
const PROGRAMS = resolve(__dirname, 'lab', 'programs');
const HOSTS = Array.from({ length: COUNT }, (_, index) => ({
  name: `p${index}.partner.example`,
  ports: [443],
  addresses: [`203.0.113.${101 + index}`],
}));

describeOnKernel('a hundred hosts on port 443 behind one router', ['ip', 'nft', 'openssl'], () => {
  let folder: string;
  let lab: Lab;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'egress-router-hosts-'));
    lab = new Lab();
  });
  afterEach(() => {
    lab[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });

  test('each name leads to the server that has its certificate, from the one reserved address', async () => {
    const { manifests, router } = synthesize(folder);
    expect(manifests.filter(({ kind }) => kind === 'Deployment')).toHaveLength(1);
    const authority = await startServers(lab, folder);
    using applied = new AppliedManifests(lab);
    await applied.apply(manifests.map((manifest) => Yaml.stringify(manifest)).join('---\n'));
    const client = lab.node.addPod('client', PODS.client);
    const services = manifests.filter(({ kind, metadata }) => kind === 'Service' && metadata.name !== 'partners');
    expect(services).toHaveLength(COUNT);
    leadServices(client.namespace, services, applied.pod('partners')!.pod.ipv4);

    const asked = router.hostAliases.flatMap(({ ip, hostnames }) => [ip, hostnames[0]!]);
    const words = [process.execPath, join(PROGRAMS, 'tls-clients.mjs'), authority.path('ca.crt'), ...asked];
    const said = JSON.parse(client.namespace.run(...words));
    expect(said).toEqual(Object.fromEntries(HOSTS.map(({ name }) => [name, '192.168.12.99'])));
    // Control: a name at the address of another one is refused by its client.
    const [first, second] = [asked[0]!, HOSTS[1]!.name];
    const other = client.namespace.run(...words.slice(0, 3), first, second);
    expect(JSON.parse(other)).toEqual({ [second]: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});

/** The router as users declare it, with cluster IPs of a range. */
function synthesize(folder: string): { readonly manifests: Manifest[]; readonly router: EgressRouter } {
  const cluster = new EgressRouterCluster('prod', {
    mode: RouterMode.standalone({ image: 'registry.example.com/egress-router:1' }),
    serviceIps: { ranges: ['10.96.0.0/24'], file: join(folder, 'service-ips.json') },
  });
  const chart = new Chart(new App(), 'prod', { namespace: 'egress' });
  const addresses = [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }];
  const router = new EgressRouter(chart, 'partners', { cluster, addresses, hosts: HOSTS });
  return { manifests: synth(chart), router };
}

/** A server for each host, on its own address. */
async function startServers(lab: Lab, folder: string): Promise<Authority> {
  const authority = new Authority(join(folder, 'authority'));
  for (const { name } of HOSTS) authority.signServer(name);
  const { namespace } = lab.server;
  namespace.batch(...HOSTS.map(({ addresses }) => `addr add ${addresses[0]}/24 dev wan0`));
  const servers = HOSTS.flatMap(({ name, addresses }) => [addresses[0]!, name]);
  const words = [process.execPath, join(PROGRAMS, 'tls-servers.mjs'), authority.folder, ...servers];
  const child = namespace.start(words, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout!, 'data');
  return authority;
}
