import { execFileSync } from 'node:child_process';
import { argv, env, exit } from 'node:process';
import { Capture } from '../test/kernel/lab/capture';
import { Conversation, startLinesServer } from '../test/kernel/lab/conversation';
import { ask, type Service, startEcho } from '../test/kernel/lab/echo';
import { LAN, PODS, RESERVED } from '../test/kernel/lab/layout';
import { Scene } from '../test/kernel/lab/scene';
import { missingRequirements } from '../test/kernel/support/requires';
import { type RouterManifests, readManifests } from './demo/manifests';
import { RouterProcess } from './demo/router-process';

// What was synthesized, on this machine's kernel: argv is the folder of the manifests, and `--keep` for a router that stays. Client, router, gateway and server are
// network namespaces. The plugin gets the NetworkAttachmentDefinition's configuration through its real command line, and the
// router's process the Deployment's arguments and capabilities.

/** The rules' own servers, and one that a rule is changed to. */
const SERVERS: readonly Service[] = [
  'udp 203.0.113.25 80',
  'tcp 203.0.113.26 80',
  'tcp 203.0.113.26 443',
  'tcp 203.0.113.27 80',
  'tcp 2001:db8:113::26 443',
];

const RESERVED_ADDRESSES: readonly string[] = Object.values(RESERVED);

/** Prefix of the namespaces of a router that is kept. */
const KEPT = 'egress-demo';

const say = (line: string) => console.log(`  ${line}`);
const explain = (line: string) => console.log(`      ${line}`);

/** A client asks through the router, and keeps its connection; says what both ends saw. */
async function show(scene: Scene, service: Service): Promise<Conversation> {
  const [protocol, address, port] = service.split(' ');
  const filter = `${protocol} and (src host ${RESERVED.ipv4} or src host ${RESERVED.ipv6})`;
  const capture = await Capture.start(scene.lab.gateway.namespace, 'lan0', filter);
  const conversation = await Conversation.open(scene.client.namespace, service);
  const answer = await conversation.ask();
  const macs = [...new Set((await capture.stop()).map(({ source }) => source))];
  const [server, serverPort, peer] = answer?.split(' ') ?? [];
  const client = address!.includes(':') ? scene.client.ipv6 : scene.client.ipv4;
  say(`${protocol!.toUpperCase()} from ${client} to the router's port ${port}`);
  if (peer === undefined || !RESERVED_ADDRESSES.includes(peer)) throw new Error(`the client heard ${answer}`);
  explain(`server ${server} port ${serverPort} saw ${peer}; the LAN saw MAC ${macs.join(', ')}`);
  return conversation;
}

/** Somebody on the LAN takes the reserved address for a router into the cluster. */
async function intrude(scene: Scene): Promise<void> {
  const { client, node, lab } = scene;
  const stranger = lab.host('stranger', LAN.stranger);
  stranger.namespace.batch(`route add ${PODS.subnet4} via ${RESERVED.ipv4}`);
  const service: Service = `tcp ${client.ipv4} 7000`;
  await startEcho(client.namespace, service);
  const own = await ask(node.namespace, service);
  const foreign = await ask(stranger.namespace, service, { milliseconds: 1000 });
  if (own.peer === undefined) throw new Error(`${client.ipv4} port 7000 did not answer its own node: ${own.error}`);
  if (foreign.peer !== undefined) throw new Error(`${stranger.ipv4} reached ${client.ipv4} port 7000`);
  say(`TCP from LAN host ${stranger.ipv4} by ${RESERVED.ipv4} to ${client.ipv4} port 7000`);
  explain(`no answer (${foreign.error}); the same port answers the client's node, ${own.peer}`);
}

/** A rule gets another target while connections are open. */
async function retarget(scene: Scene, router: RouterProcess, manifests: RouterManifests): Promise<void> {
  const [changing, staying] = [`tcp ${PODS.router.ipv4} 8080`, `tcp ${PODS.router.ipv4} 8443`] as const;
  const old = await show(scene, changing);
  const other = await Conversation.open(scene.client.namespace, staying);
  await other.ask();
  const [from, to] = ['8080 TCP 203.0.113.26 80', '8080 TCP 203.0.113.27 80'];
  const changed = manifests.liveConfig.replace(from, to);
  if (changed === manifests.liveConfig) throw new Error(`ConfigMap ${manifests.configMap} has no rule ${from}`);

  const begin = performance.now();
  router.swap(changed);
  const heard = await endOf(old, begin);
  say(`ConfigMap ${manifests.configMap} changes: ${from} → ${to.split(' ')[2]}`);
  explain(`the open connection to port 8080: ${heard}`);
  const goesOn = await other.ask();
  if (goesOn !== `203.0.113.26 443 ${RESERVED.ipv4}`) throw new Error(`the other rule's connection heard ${goesOn}`);
  explain('the open connection to port 8443: goes on');
  await show(scene, changing);
}

/** Sends until the connection ends. @returns how */
async function endOf(conversation: Conversation, begin: number): Promise<string> {
  for (;;) {
    const answer = await conversation.ask(1000);
    const milliseconds = Math.round(performance.now() - begin);
    if (answer?.startsWith('error')) return `${answer.slice('error '.length)} after ${milliseconds} ms`;
    if (milliseconds > 3000) throw new Error(`it goes on for ${milliseconds} ms: ${answer}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What a monitoring system would read. */
function scrape(router: RouterProcess): void {
  say('GET /metrics');
  const isShown = (line: string) =>
    /^egress_router_rule_(connections|bytes)_total\{.*"8080"|^egress_router_rule_changes_total\{outcome="success/.test(
      line,
    );
  for (const line of router.get('/metrics').split('\n').filter(isShown)) explain(line);
}

/** The gateway's cable is out, and in again. */
async function silence({ lab }: Scene, router: RouterProcess): Promise<void> {
  const index = lab.gateway.namespace.ip<{ link_index: number }>('link', 'show', 'dev', 'lan0')[0]!.link_index;
  const port = lab.lan.ip<{ ifindex: number; ifname: string }>('link').find(({ ifindex }) => ifindex === index)!;
  lab.lan.batch(`link set ${port.ifname} down`);
  const { answer, milliseconds } = await router.until('/readyz', (text) => text.includes('failed'));
  say(`the gateway's cable is pulled out: not ready after ${milliseconds} ms`);
  for (const line of answer.split('\n').filter((text) => text.startsWith('[-]'))) explain(line);
  lab.lan.batch(`link set ${port.ifname} up`);
  const again = await router.until('/readyz', (text) => text === 'ok\n');
  say(`the cable is back: ready after ${again.milliseconds} ms`);
}

/** ADD, and the main process of the router's pod. */
async function startRouter(scene: Scene, manifests: RouterManifests): Promise<RouterProcess> {
  const { attachment, deployment, config, container } = manifests;
  await startLinesServer(scene.server, ...SERVERS);
  const begin = performance.now();
  const { json } = await scene.router.add(config);
  const milliseconds = Math.round(performance.now() - begin);
  say(
    `egress-router ADD net1 (NetworkAttachmentDefinition ${attachment}): ${milliseconds} ms, with conflict detection`,
  );
  explain(`net1 has ${RESERVED_ADDRESSES.join(', ')} and MAC ${json.interfaces![0]!.mac}`);
  const router = new RouterProcess(scene.router, manifests);
  const { answer } = await router.until('/readyz?verbose', (text) => text.includes('passed'));
  say(`egress-router ${container.args.join(' ')} (Deployment ${deployment})`);
  explain(answer.trim().split('\n').join(', '));
  return router;
}

async function demonstrate(folder: string): Promise<void> {
  const manifests = readManifests(folder);
  using scene = new Scene();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      scene[Symbol.dispose]();
      exit(1);
    });
  }
  using router = await startRouter(scene, manifests);
  await show(scene, `udp ${PODS.router.ipv4} 80`);
  await show(scene, `tcp ${PODS.router.ipv6} 8443`);
  await intrude(scene);
  await retarget(scene, router, manifests);
  scrape(router);
  await silence(scene, router);
  say(`SIGTERM: the process ended after ${await router.stop()} ms`);
  await scene.router.del(manifests.config);
  say('egress-router DEL net1');
}

/** The same router without a demonstration, until somebody interrupts: for a look at it, and to break it. */
async function keep(folder: string): Promise<void> {
  const manifests = readManifests(folder);
  removeNamespaces(`${KEPT}-`);
  using scene = new Scene(KEPT);
  const interrupted = new Promise((resolve) => {
    process.once('SIGINT', resolve).once('SIGTERM', resolve);
  });
  using router = await startRouter(scene, manifests);
  await show(scene, `tcp ${PODS.router.ipv4} 8443`);
  say(`it runs until Ctrl+C, in the network namespaces ${KEPT}-router, -client, -node, -lan, -gateway and -server;`);
  say('README.md has what to type in another terminal: "Look at it, break it, repair it"');
  await interrupted;
  await router.stop();
  await scene.router.del(manifests.config);
  say('egress-router DEL net1');
}

/** Of a run that was killed. One that goes on keeps its own. */
function removeNamespaces(prefix: string): void {
  const ip = (...args: string[]) => execFileSync('ip', ['netns', ...args], { encoding: 'utf8' }).split('\n');
  const names = ip('list').map((line) => line.split(' ')[0]!);
  const own = names.filter((name) => name.startsWith(prefix));
  const processes = own.flatMap((name) => ip('pids', name)).filter((pid) => pid !== '');
  if (processes.length > 0) {
    throw new Error(
      `a router runs here already: end it with Ctrl+C in its terminal, or with: kill ${processes.join(' ')}`,
    );
  }
  for (const name of own) ip('del', name);
}

async function main(): Promise<void> {
  console.log('\nThe same for real: client ─ router ─ gateway ─ server in network namespaces of this machine');
  const missing = missingRequirements(['ip', 'nft', 'tcpdump', 'setpriv']);
  if (missing.length > 0) {
    console.log(`  not shown here: it needs ${missing.join('; ')}`);
    if (env.CI) exit(1);
    return;
  }
  const [folder, option] = argv.slice(2);
  await (option === '--keep' ? keep(folder!) : demonstrate(folder!));
}

main().catch((error: Error) => {
  console.error(error.message);
  exit(1);
});
