import { Dns } from '../../test/kernel/lab/dns';
import { type Partner, startPartners } from '../../test/kernel/support/partners';
import type { Edit } from '../../test/support/example';
import { curl } from '../../test/support/tls-clients';
import type { Environment } from '../environment';
import { type Place, runIn, seenBy, tryIn } from '../names/client';
import { BANK, isNode, resolvesAsBefore } from '../names/resolution';
import { ToolPods } from '../names/tool-pod';
import { PolicyAgents } from '../policy-agents';
import type { Scenario } from '../scenario';

const RESERVED = '192.168.12.99';
/** The bank's addresses, one after the other. */
const [FIRST, SECOND] = ['203.0.113.26', '203.0.113.28'];
const MOVED: Partner = [SECOND, 443, BANK];

/** What the example does not say: the way round is closed, for which the bank's networks have to be known. */
const EDITS: readonly Edit[] = [
  [
    "{ name: 'api.bank.example', ports: [443] }",
    `{ name: 'api.bank.example', ports: [443], allowedCidrs: ['${FIRST}/32', '${SECOND}/32'] }`,
  ],
  ['router.admit(shop);', "router.admit(shop);\nrouter.closeBypass(Chart.of(shop), 'no-bypass', shop);"],
].map(([from, to]) => ({ file: 'main.ts', from: from!, to: to! }));

/**
 * examples/hosts with policies in force: the admitted pods reach the bank by the router alone, others as before, and
 * the router follows the bank's name by questions that its own policy admits.
 */
export const resolvedHosts: Scenario = {
  name: 'resolved hosts, with NetworkPolicies enforced',
  isLong: true,
  needsOwnCluster: true,
  async run(environment) {
    const dns = await startOutside(environment);
    environment.installPlugin();
    const [partners, shop, others] = ['partners', 'shop', 'others'].map((role) => environment.makeNamespace(role));
    const tools = new ToolPods(environment);
    const texts = environment
      .synthesize('hosts', EDITS)
      .manifests.map((each) => JSON.stringify(tools.addTo(each, 'shop')));
    environment.kubectl.apply(texts.join('\n---\n'));
    const router = await environment.rolledOut(partners!, 'partners');
    environment.kubectl.run(['rollout', 'status', 'deployment/shop', `--namespace=${shop}`, '--timeout=120s']);
    await tools.start(others!, 'client');
    const { kubectl } = environment;
    const admitted: Place = { kubectl, namespace: shop!, pod: 'deployment/shop' };
    const other: Place = { kubectl, namespace: others!, pod: 'client' };
    const byRouter = curlAt(environment.clusterIp(partners!, 'partners-api-bank-example'));

    // Control: the agents are the ones that reject.
    expect(seenBy(other, byRouter)).toMatchObject({ peer: RESERVED, server: FIRST });
    expect(isNode(seenBy(admitted, curlAt(FIRST)).peer)).toBe(true);
    await using _agents = await PolicyAgents.start(environment);
    await environment.until('the policies are in force', () => isSilent(other, byRouter), 60);

    expect(seenBy(admitted, curl(BANK))).toMatchObject({ peer: RESERVED, name: BANK, server: FIRST });
    resolvesAsBefore(other);
    expect(isSilent(admitted, curlAt(FIRST))).toBe(true);
    // The agents of other nodes begin at other times, and lose packets until then.
    await environment.until('everything else is reached', () => everythingElse(admitted));
    await follows(environment, dns, admitted);
    // Other pods ask other DNS servers.
    resolvesAsBefore(other);
    await asksByItsPolicy(environment, dns, partners!);
    expect((await environment.ready(partners!, 'partners')).metadata.uid).toBe(router.metadata.uid);
  },
};

/** The bank's second server, and the DNS server of the example. */
async function startOutside({ cluster }: Environment): Promise<Dns> {
  const { gateway, server } = cluster.outside;
  server.namespace.batch(`addr replace ${SECOND}/24 dev wan0`);
  await startPartners(server.namespace, cluster.authority, [MOVED]);
  gateway.namespace.batch('addr replace 192.168.12.53/24 dev lan0');
  const dns = await Dns.start(gateway.namespace, '192.168.12.53');
  dns.say(zone(FIRST!));
  return dns;
}

const zone = (bank: string) => ({ [BANK]: { A: [bank] }, 'licence.vendor.example': { A: ['198.51.100.7'] } });

/** Asks for the bank at an address, whatever its name resolves to. */
const curlAt = (address: string) => `${curl(BANK, 3)} --resolve ${BANK}:443:${address}`;

/** Whether a client waits for an answer in vain. */
const isSilent = (place: Place, script: string) => tryIn(place, script).status === 28;

/** The closed way round leaves other servers, the cluster's DNS and the API server open. */
function everythingElse(admitted: Place): void {
  const { peer } = seenBy(admitted, '/program ask udp plain.partner.example 80');
  expect(isNode(peer)).toBe(true);
  expect(runIn(admitted, 'curl --silent --insecure --max-time 10 https://kubernetes.default.svc/version')).toContain(
    'gitVersion',
  );
}

/** The bank moves: DNS says so, and the next connections are led there. */
async function follows(environment: Environment, dns: Dns, admitted: Place): Promise<void> {
  dns.say(zone(SECOND!));
  await environment.until('the router follows', () => seenBy(admitted, curl(BANK)).server === SECOND, 30);
  expect(seenBy(admitted, curl(BANK))).toMatchObject({ peer: RESERVED, name: BANK, server: SECOND });
}

/** The router asks from its pod's own address, as long as its policy admits that. */
async function asksByItsPolicy({ kubectl, pause, until }: Environment, dns: Dns, namespace: string): Promise<void> {
  expect(dns.questions.map(({ from }) => from).every(isNode)).toBe(true);
  const policy = ['networkpolicy', 'partners-own-egress', `--namespace=${namespace}`];
  const patch = (type: string, content: unknown) =>
    kubectl.run(['patch', ...policy, `--type=${type}`, `--patch=${JSON.stringify(content)}`]);
  const asks = async (seconds: number) => {
    const before = dns.questions.length;
    await pause(seconds * 1000);
    return dns.questions.length > before;
  };
  const { spec } = kubectl.get<{ spec: { egress: unknown } }>(...policy);
  patch('json', [{ op: 'remove', path: '/spec/egress' }]);
  await until('no question gets out', async () => !(await asks(8)), 60);
  patch('merge', { spec: { egress: spec.egress } });
  await until('questions get out again', () => asks(1), 60);
}
