import { join, resolve } from 'node:path';
import { LAN_PREFIX, PARENT, SERVER } from './network';

export const PLUGIN = resolve(__dirname, '../../cni/dist/egress-router');
export const REFERENCE_PLUGINS = '/usr/lib/cni';

/** The wanted router. All rules have one target; a benchmark uses the last one. */
export interface RouterRequest {
  readonly address: string;
  readonly rules: readonly string[];
  readonly counters?: boolean;
}

/** A plugin and its configuration. */
export interface Contestant {
  readonly title: string;
  readonly executable: string;
  readonly netconf: (request: RouterRequest) => object;
}

/** The minimum: a macvlan interface with a fixed address, without routing and rules. */
export const FLOOR: Contestant = {
  title: 'macvlan + static (no rules)',
  executable: join(REFERENCE_PLUGINS, 'macvlan'),
  netconf: ({ address }) => ({
    cniVersion: '0.4.0',
    name: 'floor',
    type: 'macvlan',
    master: PARENT,
    mode: 'bridge',
    ipam: { type: 'static', addresses: [{ address: `${address}/${LAN_PREFIX}`, gateway: SERVER }] },
  }),
};

export const OURS: Contestant = {
  title: 'egress-router',
  executable: PLUGIN,
  netconf: (request) => ({
    ...operatorNetconf(request),
    detectConflicts: false,
    ...(request.counters ? { counters: true } : {}),
  }),
};

/** An earlier release of ours, to see what changed since. */
export function baseline(): Contestant | undefined {
  const executable = process.env.BASELINE_PLUGIN;
  return executable ? { ...OURS, title: 'BASELINE_PLUGIN', executable } : undefined;
}

/** Any plugin that reads the format which OKD's operator renders, as the reference does. */
export function peer(): Contestant | undefined {
  const executable = process.env.PEER_PLUGIN;
  return executable ? { title: 'PEER_PLUGIN', executable, netconf: operatorNetconf } : undefined;
}

function operatorNetconf({ address, rules }: RouterRequest): object {
  return {
    cniVersion: '0.4.0',
    name: 'bench',
    type: 'egress-router',
    interfaceType: 'macvlan',
    interfaceArgs: { mode: 'bridge', master: PARENT },
    ip: { addresses: [`${address}/${LAN_PREFIX}`], destinations: rules, gateway: SERVER },
    log_file: '/dev/null',
    log_level: 'error',
  };
}

/** The port of the last of these rules. */
export const LAST_PORT = 20_000;

/**
 * `count` rules for the ports up to 20000: forty for each of many servers beyond the gateway, the last one to a real
 * server.
 */
export function rules(count: number, targetPort: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const fromLast = count - 1 - index;
    const server = fromLast === 0 ? SERVER : `198.18.0.${1 + Math.floor(fromLast / 40)}`;
    return `${LAST_PORT - fromLast} TCP ${server} ${targetPort}`;
  });
}
