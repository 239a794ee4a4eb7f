import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { type Contestant, OURS, type RouterRequest } from './contestants';
import { inNamespace, ip, LAN, LAN_PREFIX, PARENT, podWithClient, SERVER, sysctl } from './network';
import { addressCommands } from './resolved-hosts';
import { call } from './run';

/** A router with traffic through it: client, pod, LAN. */
export interface Router {
  /** The namespace of the client. */
  readonly client: string;
  /** Where the client sends to: the pod's address on the primary interface. */
  readonly target: string;
}

interface Place {
  readonly client: string;
  readonly pod: string;
  readonly netns: string;
  readonly subnet: string;
  readonly address: string;
}

let places = 0;

/** The plugin's router with these rules. */
export function ourRouter(rules: readonly string[], contestant: Contestant = OURS): Router {
  return addedRouter(rules, contestant);
}

/** A router with one address for each of its hosts. */
export function resolvedRouter(contestant: Contestant): Router {
  return addedRouter([], contestant, (request) => addressCommands(contestant, request));
}

/** The same without the chain that checks every forwarded packet. */
export function uncheckedRouter(rules: readonly string[]): Router {
  return addedRouter(
    rules,
    OURS,
    () => 'flush chain inet egress_router forward; delete chain inet egress_router forward',
  );
}

/** @param change commands of `nft` after ADD */
function addedRouter(
  rules: readonly string[],
  contestant: Contestant,
  change: (request: RouterRequest) => string = () => '',
): Router {
  const { client, pod, netns, subnet, address } = place();
  const request = { address, rules };
  call({ verb: 'ADD', contestant, request, netns });
  inNamespace(pod, ['nft', '-f', '-'], change(request));
  return { client, target: `${subnet}.1` };
}

/** The minimum for one port, written by hand: DNAT, masquerade, no filter. */
export function handmadeRouter(port: number): Router {
  const { client, pod, subnet, address } = place();
  ip([`link add net1 link ${PARENT} netns ${pod} type macvlan mode bridge`]);
  ip([`address add ${address}/${LAN_PREFIX} dev net1`, 'link set net1 up'], pod);
  sysctl(pod, 'net.ipv4.ip_forward', '1');
  const ruleset = `
    table ip router {
      chain prerouting { type nat hook prerouting priority dstnat; iifname eth0 meta l4proto { tcp, udp } th dport ${port} dnat to ${SERVER}; }
      chain postrouting { type nat hook postrouting priority srcnat; oifname net1 masquerade; }
    }`;
  inNamespace(pod, ['nft', '-f', '-'], ruleset);
  return { client, target: `${subnet}.1` };
}

function place(): Place {
  const index = ++places;
  const [client, pod, subnet] = [`client-${index}`, `router-${index}`, `10.200.${index}`];
  return { client, pod, subnet, netns: podWithClient(pod, client, subnet), address: `192.0.8.${index}` };
}

/** Runs a server on the LAN while something is measured. */
export function withServer<T>(command: readonly string[], port: number, measure: () => T): T {
  const server = spawn('ip', ['netns', 'exec', LAN, ...command], { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    waitForListener(port);
    return measure();
  } finally {
    server.kill('SIGKILL');
  }
}

function waitForListener(port: number): void {
  const deadline = Date.now() + 60_000;
  while (inNamespace(LAN, ['ss', '-Hltn', `sport = :${port}`]) === '') {
    if (Date.now() > deadline) throw new Error(`nothing listens on port ${port} of the LAN's server`);
    spawnSync('sleep', ['0.02']);
  }
}

/** Sends the first packets, so that no figure contains their neighbour discovery, and a broken router is noticed. */
export function requireReachable({ client, target }: Router, port: number): void {
  execFileSync('ip', ['netns', 'exec', client, 'python3', '-c', CONNECT, target, String(port)]);
}

const CONNECT = 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)';
