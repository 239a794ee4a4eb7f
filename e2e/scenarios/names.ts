import { resolve } from 'node:path';
import { Database } from '../../test/kernel/lab/database';
import { documentedClients } from '../../test/support/documented-clients';
import { blocksOf } from '../../test/support/markdown';
import { curl, httpsClients, OTHER_NAME, prepareClients, psql } from '../../test/support/tls-clients';
import { SERVICES } from '../cluster/addresses';
import { COREFILE } from '../cluster/services';
import type { Environment } from '../environment';
import { FILES, type Place, runIn, seenBy, tryIn } from '../names/client';
import { ClusterDns } from '../names/cluster-dns';
import { type DnsServer, okdServer, rke2Files } from '../names/dns-operators';
import { NamedRouter } from '../names/named-router';
import { addressesOf, BANK, resolvesAsBefore } from '../names/resolution';
import { NODE, ToolPods } from '../names/tool-pod';
import type { Scenario } from '../scenario';

const RESERVED = '192.168.12.99';
const DATABASE = 'db.partner.example';
const QUESTION = resolve(__dirname, '..', 'programs', 'dns-question.mjs');

/** docs/names.md with real clients, certificates and name servers: its first program, and the ways of its table. */
export const names: Scenario = {
  name: 'names',
  needsOwnCluster: true,
  async run(environment) {
    const { cluster } = environment;
    environment.installPlugin();
    const tools = new ToolPods(environment);
    prepareClients(tools.folder, cluster.authority.path('ca.crt'));
    const { namespace } = cluster.outside.server;
    namespace.batch('addr replace 203.0.113.30/24 dev wan0');
    await using _database = await Database.start(namespace, cluster.authority, DATABASE, '203.0.113.30');
    using router = new NamedRouter(environment, tools);
    const { output } = await router.apply([['app.synth();', PRINT_ALIASES]]);
    const others = environment.makeNamespace('others');
    await tools.start(others, 'client');
    const admitted: Place = { kubectl: environment.kubectl, namespace: router.shop, pod: 'deployment/shop' };
    const other: Place = { kubectl: environment.kubectl, namespace: others, pod: 'client' };

    everyClient(admitted);
    const [auth, peer] = ['auth.bank.example', RESERVED];
    expect(seenBy(admitted, curl(auth))).toMatchObject({ peer, name: auth });
    noClientAcceptsAnotherName(other, router.addressOf(BANK));
    resolvesAsBefore(other);
    resolvesByFile(admitted, router.clusterIp(BANK));
    await tools.start(others, 'written-otherwise', { hostAliases: aliasesIn(output) });
    everyClient({ ...other, pod: 'written-otherwise' });
    const meaning = { ...FILES, node: NODE, namespace: router.namespace, database: router.clusterIp(DATABASE) };
    for (const [client, script] of Object.entries(documentedClients(tools.folder, meaning)))
      expect({ client, ...seenBy(other, script) }).toMatchObject({ client, peer: RESERVED });

    await otherHosts(router);
    everyClient(admitted);
    await byClusterDns(environment, router, other);
  },
};

/** Each connects by its host's own URL, and verifies it. */
function everyClient(place: Place): void {
  const peer = RESERVED;
  for (const [client, script] of Object.entries(httpsClients(FILES, BANK)))
    expect({ client, ...seenBy(place, script) }).toMatchObject({ client, peer, name: BANK });
  expect({ client: 'psql', ...seenBy(place, psql(DATABASE)) }).toMatchObject({ client: 'psql', peer });
}

/** Control: the clients do verify. The Service's own name is not in the certificate. */
function noClientAcceptsAnotherName(place: Place, service: string): void {
  const outcomes = Object.entries(httpsClients(FILES, service)).map(([client, script]) => {
    const { status, stderr } = tryIn(place, script);
    return { client, isRejected: status !== 0 && OTHER_NAME.test(stderr) };
  });
  expect(outcomes).toEqual(outcomes.map(({ client }) => ({ client, isRejected: true })));
}

/** Host aliases with an IPv4 address alone: the question for IPv6 alone goes on to DNS. */
function resolvesByFile(admitted: Place, clusterIp: string): void {
  expect(addressesOf(admitted, BANK, 'INET')).toBe(clusterIp);
  expect(addressesOf(admitted, BANK, 'UNSPEC')).toBe(clusterIp);
  expect(addressesOf(admitted, BANK, 'INET6')).toBe('2001:db8:113::26');
  // c-ares, which asks DNS whatever the file says.
  const script = `require('node:dns').resolve4('${BANK}', (_, found) => console.log(found.join()))`;
  expect(runIn(admitted, `${NODE} --eval "${script}"`).trim()).toBe('203.0.113.26');
}

const ALIASES = 'host aliases: ';
const PRINT_ALIASES = `app.synth();\nconsole.error('${ALIASES}' + JSON.stringify(router.hostAliases));`;

/** For pods that are not written with cdk8s-plus. */
function aliasesIn(output: string): readonly object[] {
  const line = output.split('\n').find((text) => text.startsWith(ALIASES))!;
  return JSON.parse(line.slice(ALIASES.length)) as object[];
}

/** One host goes, another comes, and the rest changes its order: nothing of those that stay is written. */
async function otherHosts(router: NamedRouter): Promise<void> {
  const stay = [BANK, DATABASE];
  const before = router.services(stay);
  const [bank, auth, database] = [/ {4}\{ name: 'api\..*\n/, / {4}\{ name: 'auth\..*\n/, / {4}\{ name: 'db\..*\n/];
  const added = "    { name: 'www.partner.example', ports: [443], addresses: ['203.0.113.25'] },\n";
  await router.apply([
    [bank, ''],
    [auth, ''],
    [database, `$&${added}${BANK_LINE}`],
    ["'auth.bank.example', ", ''],
  ]);
  expect(router.services(stay)).toEqual(before);
  expect(router.clusterIp('www.partner.example')).not.toBe('');
}

const BANK_LINE = `    { name: '${BANK}', ports: [443], addresses: ['203.0.113.26'] },\n`;

/** The cluster's DNS leads every pod to the router, in each way of the document. */
async function byClusterDns(environment: Environment, router: NamedRouter, other: Place): Promise<void> {
  await using dns = new ClusterDns(environment);
  const dnsNamespace = environment.makeNamespace('partner-dns', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const { lines, server, values } = await withDnsNames(router, dnsNamespace);
  const isLed = async (way: string) => {
    await led(environment, router, other);
    const answers = [curl(BANK), psql(DATABASE)].map((command) => seenBy(other, command).peer);
    expect({ way, answers }).toEqual({ way, answers: [RESERVED, RESERVED] });
  };

  // The ConfigMap that k3s and AKS import.
  await dns.restart();
  await isLed('coredns-custom');
  everyClient(other);
  environment.kubectl.run(['delete', 'configmap', 'coredns-custom', '--namespace=kube-system']);

  const documented = blocksOf('docs/names.md')
    .find(({ language }) => language === 'text')!
    .text.trimEnd();
  expect(lines).toContain(documented.replace('.partners.svc', `.${router.namespace}.svc`));
  await dns.use(COREFILE.replace('  kubernetes', `${lines.map((line) => `  ${line}\n`).join('')}  kubernetes`));
  await isLed('Corefile of kubeadm');

  const { head, files } = rke2Files(values);
  await dns.use(`${head}${COREFILE}`, files);
  await isLed('HelmChartConfig of RKE2');

  environment.kubectl.run(['rollout', 'status', 'deployment/names', `--namespace=${dnsNamespace}`, '--timeout=120s']);
  await dns.use(`${okdServer(server)}${COREFILE}`);
  await isLed('DNS operator of OKD');
  // Nothing but the zones is forwarded: without the small CoreDNS the other names resolve as before.
  environment.kubectl.run(['scale', 'deployment/names', `--namespace=${dnsNamespace}`, '--replicas=0']);
  await environment.until(
    'the small CoreDNS is gone',
    () => environment.podsWith(dnsNamespace, 'app.kubernetes.io/instance=names').length === 0,
  );
  await environment.until('the cached answer has ended', () => ask(environment, BANK, 'A').rcode === 'SERVFAIL');
  expect(ask(environment, 'auth.example', 'A')).toMatchObject({ rcode: 'NXDOMAIN' });
  expect(ask(environment, 'plain.partner.example', 'A').records).toMatchObject([{ data: '203.0.113.25' }]);
}

interface DnsNames {
  /** For a Corefile. */
  readonly lines: readonly string[];
  /** For OKD's DNS. */
  readonly server: DnsServer;
  /** Of RKE2's HelmChartConfig. */
  readonly values: string;
}

/** Adds what the document says about the cluster's DNS to the program. */
async function withDnsNames(router: NamedRouter, namespace: string): Promise<DnsNames> {
  const okd = "{ routers: [router], image: 'localhost/coredns:1', clusterIp: '10.96.0.53' }";
  const program = [
    "new CoreDnsNames(new Chart(app, 'core-dns'), 'names', { routers: [router] });",
    "new Rke2DnsNames(new Chart(app, 'rke2'), 'names', { routers: [router] });",
    `const names = new OkdDnsNames(new Chart(app, 'okd', { namespace: '${namespace}' }), 'names', ${okd});`,
    // As OKD's security context constraint does.
    "const user = JsonPatch.add('/spec/template/spec/securityContext/runAsUser', 1000680000);",
    'ApiObject.of(names.deployment).addJsonPatch(user);',
    'const lines = CoreDnsNames.corefileLines([router]);',
    "console.error('dns names: ' + JSON.stringify({ lines, server: names.dnsServer }));",
    '',
  ];
  const { output, manifests } = await router.apply(
    [
      ['import { App, Chart }', 'import { ApiObject, App, Chart, JsonPatch }'],
      ['import { EgressRouter,', 'import { CoreDnsNames, EgressRouter, OkdDnsNames, Rke2DnsNames,'],
      ['app.synth();', () => `${program.join('\n')}app.synth();`],
    ],
    ['HelmChartConfig'],
  );
  const [, printed] = /^dns names: (.*)$/m.exec(output)!;
  const { spec } = manifests.find(({ kind }) => kind === 'HelmChartConfig');
  return { ...JSON.parse(printed!), values: spec.valuesContent };
}

/** Resolves for every pod, also in one family alone, with the name of the question in the answer. */
async function led(environment: Environment, router: NamedRouter, other: Place): Promise<void> {
  const clusterIp = router.clusterIp(BANK);
  expect([addressesOf(other, BANK, 'INET'), addressesOf(other, BANK, 'UNSPEC')]).toEqual([clusterIp, clusterIp]);
  expect(addressesOf(other, BANK, 'INET6')).toMatch(/^socket\.gaierror/);
  expect(ask(environment, BANK, 'A')).toEqual({
    rcode: 'NOERROR',
    records: [{ name: BANK, type: 'A', data: clusterIp }],
  });
  expect(ask(environment, BANK, 'AAAA')).toEqual({ rcode: 'NOERROR', records: [] });
  expect(ask(environment, `www.${BANK}`, 'A').records).toMatchObject([{ data: '203.0.113.25' }]);
}

interface Answer {
  readonly rcode: string;
  readonly records: readonly { readonly name: string; readonly type: string; readonly data: string }[];
}

/** Asks the cluster's DNS from a node, and shows the whole answer. */
function ask(environment: Environment, name: string, type: string): Answer {
  const { network } = environment.cluster.workers[0]!.machine;
  return JSON.parse(network.run(process.execPath, QUESTION, SERVICES.dns, name, type)) as Answer;
}
