import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { Namespace } from '../test/kernel/lab/namespace';
import { type NetworkState, networkState } from '../test/kernel/lab/state';
import { canonicalTable } from '../test/kernel/support/canonical-table';
import type { Environment, Pod } from './environment';
import { pidOf } from './kernel-state';

const ROOT = resolve(__dirname, '..');
const CLI = ['--import', 'tsx', join(ROOT, 'cli', 'main.ts')];

/** A router's state in its pod's namespace, without the numbers of marks, which vary. */
export type RouterState = Omit<NetworkState, 'table'> & { readonly table: readonly string[] };

/** The state of the kernel of a router's pod. */
export function heldState(environment: Environment, pod: Pod): RouterState {
  using namespace = Namespace.ofProcess(uniqueName('pod'), pidOf(environment, pod));
  return routerState(namespace);
}

/**
 * The state that `plan`'s commands make in a namespace with the same parent and primary interface. @param router its
 * namespace and name
 */
export function plannedState(yaml: string, router: string): RouterState {
  using namespace = Namespace.create(uniqueName('plan'), { 'ipv6/conf/all/accept_dad': '0' });
  namespace.batch(...cable('lan0'), ...cable('eth0'), 'address add 10.244.0.2/24 dev eth0');
  const plan = spawnSync(process.execPath, [...CLI, 'plan', '-', `--router=${router}`], {
    cwd: ROOT,
    input: yaml,
    encoding: 'utf8',
  });
  if (plan.status !== 0) throw new Error(`plan ${router}: ${plan.stderr}`);
  const { status, stderr } = namespace.try(['env', 'PARENT=lan0', 'sh'], plan.stdout);
  if (status !== 0) throw new Error(`${stderr}\n${plan.stdout}`);
  return routerState(namespace);
}

function routerState(namespace: Namespace): RouterState {
  const { links, addresses, routes, rules, settings } = networkState(namespace);
  // The pod's primary interface is the cluster network's; local routes are the kernel's.
  const own = (lines: readonly string[]) => lines.filter((line) => /\bnet1\b/.test(line));
  const ofAll = settings.filter((line) => /\/(ip_forward|all\/forwarding):/.test(line));
  return {
    links: own(links),
    addresses: own(addresses),
    routes: routes.filter((line) => /\btable 100\b|\bnet1\b/.test(line)),
    rules,
    table: canonicalTable(namespace),
    settings: [...own(settings), ...ofAll],
  };
}

/** An interface that leads nowhere. */
function cable(name: string): string[] {
  return [`link add ${name} type veth peer name ${name}end`, `link set ${name}end up`, `link set ${name} up`];
}

const uniqueName = (role: string) => `e2e-${role}-${randomBytes(3).toString('hex')}`;
