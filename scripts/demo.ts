import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, exit } from 'node:process';
import { Yaml } from 'cdk8s';
import { Capture } from '../test/kernel/lab/capture';
import { ask, type Service, startEcho } from '../test/kernel/lab/echo';
import { LAN, PODS, RESERVED } from '../test/kernel/lab/layout';
import type { PluginConfig } from '../test/kernel/lab/plugin';
import { Scene } from '../test/kernel/lab/scene';
import { missingRequirements } from '../test/kernel/support/requires';

// What was synthesized, on this machine's kernel: argv is the folder of the manifests. Client, router, gateway and server are
// network namespaces, and the plugin gets the NetworkAttachmentDefinition's configuration through its real command line.

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly config: string };
}

interface Request {
  readonly service: Service;
  readonly server: string;
}

const REQUESTS: readonly Request[] = [
  { service: `tcp ${PODS.router.ipv4} 8080`, server: '203.0.113.26 port 80' },
  { service: `udp ${PODS.router.ipv4} 80`, server: '203.0.113.25 port 80' },
  { service: `tcp ${PODS.router.ipv6} 8443`, server: '2001:db8:113::26 port 443' },
];

const RESERVED_ADDRESSES: readonly string[] = Object.values(RESERVED);

function attachment(folder: string): Manifest {
  const manifests = readdirSync(folder).flatMap((file) => Yaml.load(join(folder, file)) as Manifest[]);
  const found = manifests.find(({ kind }) => kind === 'NetworkAttachmentDefinition');
  if (found === undefined) throw new Error(`${folder} has no NetworkAttachmentDefinition`);
  return found;
}

/** Asks a server through the router, and says what both saw. */
async function show(scene: Scene, { service, server }: Request): Promise<void> {
  const [protocol, address, port] = service.split(' ');
  const filter = `${protocol} and (src host ${RESERVED.ipv4} or src host ${RESERVED.ipv6})`;
  const capture = await Capture.start(scene.lab.gateway.namespace, 'lan0', filter);
  const { peer, error } = await ask(scene.client.namespace, service);
  const macs = [...new Set((await capture.stop()).map(({ source }) => source))];
  const client = address!.includes(':') ? scene.client.ipv6 : scene.client.ipv4;
  console.log(`  ${protocol!.toUpperCase()} from ${client} to the router's port ${port}`);
  if (peer === undefined || !RESERVED_ADDRESSES.includes(peer)) throw new Error(`${server} saw ${peer ?? error}`);
  console.log(`      server ${server} saw ${peer}; the LAN saw MAC ${macs.join(', ')}`);
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
  console.log(`  TCP from LAN host ${stranger.ipv4} by ${RESERVED.ipv4} to ${client.ipv4} port 7000`);
  console.log(`      no answer (${foreign.error}); the same port answers the client's node, ${own.peer}`);
}

async function demonstrate(folder: string): Promise<void> {
  const { metadata, spec } = attachment(folder);
  using scene = new Scene();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      scene[Symbol.dispose]();
      exit(1);
    });
  }
  const config = JSON.parse(spec.config) as PluginConfig;
  await scene.serve();
  const begin = performance.now();
  const { json } = await scene.router.add(config);
  const milliseconds = Math.round(performance.now() - begin);
  console.log(
    `  cni/dist/egress-router ADD net1 (NetworkAttachmentDefinition ${metadata.name}): ${milliseconds} ms, with conflict detection`,
  );
  console.log(`      net1 has ${Object.values(RESERVED).join(', ')} and MAC ${json.interfaces![0]!.mac}`);
  for (const request of REQUESTS) await show(scene, request);
  await intrude(scene);
  await scene.router.del(config);
  console.log('  cni/dist/egress-router DEL net1');
}

async function main(): Promise<void> {
  console.log('\nThe same for real: client ─ router ─ gateway ─ server in network namespaces of this machine');
  const missing = missingRequirements(['ip', 'nft', 'tcpdump']);
  if (missing.length > 0) {
    console.log(`  not shown here: it needs ${missing.join('; ')}`);
    if (env.CI) exit(1);
    return;
  }
  await demonstrate(argv[2]!);
}

main().catch((error: Error) => {
  console.error(error.message);
  exit(1);
});
