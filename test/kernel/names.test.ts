import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadAll } from 'js-yaml';
import { Authority } from '../support/authority';
import { documentedClients } from '../support/documented-clients';
import { runPrograms } from '../support/example';
import { blocksOf } from '../support/markdown';
import { type Manifest, only } from '../support/synth';
import {
  type ClientFiles,
  curl,
  httpsClients,
  OTHER_NAME,
  prepareClients,
  psql,
  type Seen,
  seenIn,
  trusting,
} from '../support/tls-clients';
import { Database } from './lab/database';
import { Lab } from './lab/lab';
import { PODS } from './lab/layout';
import type { Namespace } from './lab/namespace';
import type { Pod } from './lab/pod';
import { AppliedManifests } from './support/applied-manifests';
import { HostsFile, leadServices } from './support/cluster-services';
import { startPartners } from './support/partners';
import { describeOnKernel } from './support/requires';

const ROOT = resolve(__dirname, '..', '..');
const [BANK, AUTH, DATABASE] = ['api.bank.example', 'auth.bank.example', 'db.partner.example'];
const RESERVED = '192.168.12.99';
const TOOLS = ['ip', 'nft', 'openssl', 'curl', 'go', '/usr/bin/python3', '/usr/bin/javac', '/usr/bin/psql'];

/** The first program of docs/names.md, whose client is admitted to the database too. */
function documentedManifests(): Manifest[] {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const work = mkdtempSync(join(ROOT, 'dist', 'names-'));
  try {
    const { text } = blocksOf('docs/names.md').find(({ language }) => language === 'ts')!;
    const [main, folder] = [join(work, 'main.ts'), join(work, 'out')];
    writeFileSync(main, text.replace(`'${AUTH}'] }`, `'${AUTH}', '${DATABASE}'] }`));
    expect(runPrograms([{ main, folder }])).toEqual([null]);
    return readdirSync(folder).flatMap((file) => loadAll(readFileSync(join(folder, file), 'utf8')) as Manifest[]);
  } finally {
    rmSync(work, { recursive: true });
  }
}

describeOnKernel('the router of docs/names.md', TOOLS, () => {
  const hosts: HostsFile[] = [];
  const manifests: Manifest[] = [];
  let folder: string;
  let lab: Lab;
  let files: ClientFiles;
  let database: Database;
  let applied: AppliedManifests;
  let router: Pod;
  const services = () => manifests.filter(({ kind, metadata }) => kind === 'Service' && metadata.name !== 'partners');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'egress-router-names-'));
    lab = new Lab();
    const authority = new Authority(join(folder, 'authority'));
    files = { folder, authority: authority.path('ca.crt') };
    prepareClients(folder, files.authority);
    const { namespace } = lab.server;
    await startPartners(namespace, authority, [
      ['203.0.113.26', 443, BANK],
      ['203.0.113.27', 443, AUTH],
    ]);
    namespace.batch('addr add 203.0.113.30/24 dev wan0');
    database = await Database.start(namespace, authority, DATABASE, '203.0.113.30');
    manifests.push(...documentedManifests());
    applied = new AppliedManifests(lab);
    const ofRouter = manifests.filter(({ metadata }) => metadata.namespace === 'partners');
    await applied.apply(ofRouter.map((manifest) => JSON.stringify(manifest)).join('\n---\n'));
    router = applied.pod('partners')!.pod;
  }, 180_000);

  afterAll(async () => {
    for (const file of hosts) file[Symbol.dispose]();
    applied?.[Symbol.dispose]();
    await database?.[Symbol.asyncDispose]();
    lab?.[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });

  /** A client pod that finds the Services, and has an /etc/hosts of its own. */
  function client(name: string, aliases: readonly { readonly ip: string; readonly hostnames: string[] }[]): Namespace {
    const address = { ipv4: `10.244.1.${7 + name.length}`, ipv6: `fd00:10:244:1::${7 + name.length}` };
    const { namespace } = lab.node.addPod(name, name === 'shop' ? PODS.client : address);
    leadServices(namespace, services(), router.ipv4);
    hosts.push(new HostsFile(namespace, aliases));
    return namespace;
  }

  const attempt = (place: Namespace, script: string) => {
    const env = Object.entries(trusting(files)).map(([name, value]) => `${name}=${value}`);
    return place.try(['env', ...env, 'sh', '-c', script]);
  };
  const seen = (place: Namespace, script: string): Seen => {
    const { status, stdout, stderr } = attempt(place, script);
    if (status !== 0) throw new Error(`exit status ${status} of ${script}\n${stderr}${stdout}`);
    return seenIn(stdout);
  };

  test('clients of every kind verify it by an unchanged URL, with the host aliases of admit()', () => {
    const { hostAliases } = only(
      manifests.filter(({ metadata }) => metadata.namespace === 'shop'),
      'Deployment',
    ).spec.template.spec;
    const shop = client('shop', hostAliases);
    for (const [name, script] of Object.entries(httpsClients(files, BANK)))
      expect({ client: name, ...seen(shop, script) }).toMatchObject({ client: name, peer: RESERVED, name: BANK });
    expect(seen(shop, curl(AUTH))).toMatchObject({ peer: RESERVED, name: AUTH });
    expect(seen(shop, psql(DATABASE))).toEqual({ peer: RESERVED });
  }, 120_000);

  const names = () =>
    services().map(({ metadata, spec }) => ({
      ip: spec.clusterIP as string,
      hostnames: [`${metadata.name}.${metadata.namespace}.svc`],
    }));

  test('clients that connect to the Service by its own name refuse the certificate', () => {
    const place = client('strict', names());
    const service = `partners-${BANK.replaceAll('.', '-')}.partners.svc`;
    const outcomes = Object.entries(httpsClients(files, service)).map(([name, script]) => {
      const { status, stderr } = attempt(place, script);
      return { name, isRejected: status !== 0 && OTHER_NAME.test(stderr) };
    });
    expect(outcomes).toEqual(outcomes.map(({ name }) => ({ name, isRejected: true })));
  }, 120_000);

  test("the document's clients connect to the Service, and verify the host", () => {
    const place = client('configured', names());
    const cluster = services().find(({ metadata }) => metadata.name === `partners-${DATABASE.replaceAll('.', '-')}`);
    const meaning = { ...files, namespace: 'partners', database: cluster.spec.clusterIP, node: process.execPath };
    for (const [name, script] of Object.entries(documentedClients(folder, meaning)))
      expect({ client: name, ...seen(place, script) }).toMatchObject({ client: name, peer: RESERVED });
  }, 120_000);
});
