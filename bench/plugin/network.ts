import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_ARP_RATE_FILE } from '../../cni/address-conflict/node-arp-rate';

/** The parent interface, and its peer: the LAN with gateway and server. */
export const PARENT = 'parent0';
export const LAN = 'lan';
/** A server behind no router, on the LAN itself: the shortest path that leaves the pod. */
export const SERVER = '192.0.2.1';
/** The network of routers' addresses, with room for thousands of ADDs. */
export const LAN_PREFIX = 16;

/** Where `ip netns` keeps them; here a file system that ends with this process. */
export const NAMESPACES = '/run/netns';

/** Makes new namespaces visible only to this process. */
export function prepareNode(): void {
  for (const folder of [NAMESPACES, '/run/egress-router']) {
    execFileSync('mkdir', ['-p', folder]);
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
  }
  // What ADD takes, not how long it waits for its turn behind the ADD before.
  writeFileSync(NODE_ARP_RATE_FILE, '1000\n');
  namespace(LAN, []);
  ip([
    'link set lo up',
    `link add ${PARENT} type veth peer name eth0 netns ${LAN}`,
    `link set ${PARENT} up`,
    `address add 192.0.2.2/${LAN_PREFIX} dev ${PARENT}`,
  ]);
  ip([`address add ${SERVER}/${LAN_PREFIX} dev eth0`, 'link set eth0 up'], LAN);
}

/** Makes a namespace and runs commands of `ip` in it. */
export function namespace(name: string, commands: readonly string[]): string {
  execFileSync('ip', ['netns', 'add', name]);
  ip(['link set lo up', ...commands], name);
  return join(NAMESPACES, name);
}

export function removeNamespaces(names: readonly string[]): void {
  execFileSync('ip', ['-batch', '-'], { input: names.map((name) => `netns delete ${name}\n`).join('') });
}

/** Runs commands of `ip`, all of them in one process. */
export function ip(commands: readonly string[], namespaceName?: string): void {
  const where = namespaceName === undefined ? [] : ['-netns', namespaceName];
  execFileSync('ip', [...where, '-batch', '-'], { input: `${commands.join('\n')}\n` });
}

/** A pod as ADD finds it: one interface of the cluster's network with the default route. */
export function emptyPod(name: string): string {
  return namespace(name, [
    'link add eth0 type veth peer name cluster0',
    'link set cluster0 up',
    'address add 10.128.0.5/23 dev eth0',
    'link set eth0 up',
    'route add default via 10.128.0.1',
  ]);
}

/** A pod with a client beyond its primary interface. */
export function podWithClient(pod: string, client: string, subnet: string): string {
  const path = namespace(pod, []);
  namespace(client, []);
  ip([`link add eth0 type veth peer name eth0 netns ${client}`], pod);
  ip([`address add ${subnet}.1/24 dev eth0`, 'link set eth0 up', `route add default via ${subnet}.2`], pod);
  ip([`address add ${subnet}.2/24 dev eth0`, 'link set eth0 up'], client);
  return path;
}

export function sysctl(namespaceName: string, key: string, value: string): void {
  const write = `/proc/sys/${key.replaceAll('.', '/')}`;
  execFileSync('ip', ['netns', 'exec', namespaceName, 'tee', write], {
    input: value,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
}

/** Runs a command in a namespace and returns what it printed. */
export function inNamespace(namespaceName: string, command: readonly string[], input = ''): string {
  return execFileSync('ip', ['netns', 'exec', namespaceName, ...command], { encoding: 'utf8', input });
}
