import { argv, exit } from 'node:process';
import { startLinesServer } from '../test/kernel/lab/conversation';
import type { Service } from '../test/kernel/lab/echo';
import { PODS, RESERVED } from '../test/kernel/lab/layout';
import { type ShownConnection, showConnection } from './demo/connection';
import { frameText } from './demo/frame';
import { showIntrusion } from './demo/intrusion';
import { removeNamespaces } from './demo/kept-namespaces';
import { type RouterManifests, readManifests } from './demo/manifests';
import { Network } from './demo/network';
import { showRemovedTable } from './demo/removed-table';
import { RouterPod } from './demo/router-pod';
import { RouterProcess } from './demo/router-process';
import { showRuleChange } from './demo/rule-change';
import { explain, say } from './demo/said';
import { showSilentGateway } from './demo/silent-gateway';

// Run by bun, for the plugin's own netlink and packet sockets: nothing but Node.js, npm's packages and util-linux is
// needed. Shows on this machine's kernel what was synthesized: argv is the folder of the manifests, and `--keep` for a
// router that stays. Client, router, gateway and server are network namespaces. The plugin gets the
// NetworkAttachmentDefinition's configuration through its real command line, and the router's process the Deployment's
// arguments and capabilities.

/** The rules' servers, and one for the changed rule. */
const SERVERS: readonly Service[] = [
  'udp 203.0.113.25 80',
  'tcp 203.0.113.26 80',
  'tcp 203.0.113.26 443',
  'tcp 203.0.113.27 80',
  'tcp 2001:db8:113::26 443',
];

/** Prefix of the namespaces of a router that is kept. */
const KEPT = 'egress-demo';

/** ADD, and the main process of the router's pod. */
async function startRouter(network: Network, pod: RouterPod, manifests: RouterManifests): Promise<RouterProcess> {
  const { attachment, deployment, container } = manifests;
  await startLinesServer(network.server, ...SERVERS);
  const begin = performance.now();
  const mac = await pod.add();
  const milliseconds = Math.round(performance.now() - begin);
  say(
    `egress-router ADD net1 (NetworkAttachmentDefinition ${attachment}): ${milliseconds} ms, with conflict detection`,
  );
  explain(`net1 has ${Object.values(RESERVED).join(', ')} and MAC ${mac}`);
  explain(pod.tableText());
  const router = new RouterProcess(pod, manifests);
  const { answer } = await router.until('/readyz?verbose', (text) => text.includes('passed'));
  const args = container.args.map((arg) => arg.replace(/^--config=.*/s, '--config=…'));
  say(`egress-router ${args.join(' ')} (Deployment ${deployment})`);
  explain(answer.trim().split('\n').join(', '));
  return router;
}

/** The metrics for a monitoring system. */
function showMetrics(router: RouterProcess): void {
  say('GET /metrics');
  const isShown = (line: string) =>
    /^egress_router_rule_(connections|bytes)_total\{.*"8080"|^egress_router_rule_changes_total\{outcome="success/.test(
      line,
    );
  for (const line of router.get('/metrics').split('\n').filter(isShown)) explain(line);
}

/** The evidence: the server's answer, and the frame that the gateway received. */
function showProof({ server, peer, client, frame }: ShownConnection): void {
  say(`the first frame of ${client}'s connection, as the gateway received it from the LAN:`);
  for (const line of frameText(frame)) explain(line);
  say(`proven: server ${server} saw the reserved IP ${peer}, and the LAN saw the reserved MAC ${frame.sourceMac}`);
}

async function demonstrate(folder: string): Promise<void> {
  const manifests = readManifests(folder);
  using network = new Network();
  const made: Disposable[] = [network];
  endOnSignal(made);
  const pod = new RouterPod(network, manifests.config);
  using router = await startRouter(network, pod, manifests);
  made.unshift(router);
  await showConnection(network, `udp ${PODS.router.ipv4} 80`);
  await showConnection(network, `tcp ${PODS.router.ipv6} 8443`);
  const proof = await showConnection(network, `tcp ${PODS.router.ipv4} 8443`);
  await showIntrusion(network);
  await showRuleChange(network, router, manifests);
  showMetrics(router);
  await showSilentGateway(network, router);
  await showRemovedTable(network, pod, router);
  say(`SIGTERM: the process ended after ${await router.stop()} ms`);
  await pod.del();
  say('egress-router DEL net1');
  showProof(proof);
}

/** Leaves nothing of an interrupted demonstration. */
function endOnSignal(made: readonly Disposable[]): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      for (const each of made) each[Symbol.dispose]();
      exit(1);
    });
  }
}

/** The same router without a demonstration, until Ctrl+C: for a look at it, and to break it. */
async function keep(folder: string): Promise<void> {
  const manifests = readManifests(folder);
  removeNamespaces(`${KEPT}-`);
  using network = new Network(KEPT);
  const interrupted = new Promise((resolve) => {
    process.once('SIGINT', resolve).once('SIGTERM', resolve);
  });
  const pod = new RouterPod(network, manifests.config);
  using router = await startRouter(network, pod, manifests);
  showProof(await showConnection(network, `tcp ${PODS.router.ipv4} 8443`));
  say(`it runs until Ctrl+C, in the network namespaces ${KEPT}-router, -client, -node, -lan, -gateway and -server;`);
  say('docs/demo.md has commands to type in another terminal');
  await interrupted;
  await router.stop();
  await pod.del();
  say('egress-router DEL net1');
}

const [folder, option] = argv.slice(2);
(option === '--keep' ? keep : demonstrate)(folder!).catch((error: Error) => {
  console.error(error.message);
  exit(1);
});
