import type { Chart } from 'cdk8s';

/** The input of a router. All other values are the same, as in a fleet from a template. */
export interface RouterInput {
  readonly name: string;
  /** The last three octets of the reserved address, below 10.0.0.0/8. */
  readonly octets: readonly [number, number, number];
}

/** Makes the objects of one router in a chart. */
export type RouterWriter = (chart: Chart, input: RouterInput) => void;

export const NAMESPACE = 'egress';
export const IMAGE = 'registry.example.com/egress-router:0.1.0';

/** The `index`th router; names and addresses never repeat below 250³ routers. */
export function routerInput(index: number): RouterInput {
  const octet = (divisor: number) => (Math.floor(index / divisor) % 250) + 1;
  return { name: `router-${String(index).padStart(5, '0')}`, octets: [octet(62500), octet(250), octet(1)] };
}

/** The plugin's configuration for one router, written by hand. */
export function networkConfig(name: string, octets: RouterInput['octets']): object {
  return {
    cniVersion: '1.0.0',
    name: `${NAMESPACE}.${name}`,
    type: 'egress-router',
    formatVersion: 1,
    podNamespace: NAMESPACE,
    interfaceType: 'macvlan',
    interfaceArgs: { mode: 'bridge' },
    mac: `e2:65:0a:${octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':')}`,
    ip: {
      addresses: [`10.${octets.join('.')}/8`],
      gateway: '10.255.0.1',
      destinations: ['80 UDP 203.0.113.25', '8080 TCP 203.0.113.26 80', '8443 TCP 203.0.113.26 443'],
    },
    healthPort: 9180,
  };
}

/** The arguments of the pod's process for one router: the configuration without its rules. */
export function serveArguments(name: string, octets: RouterInput['octets']): string[] {
  const config = networkConfig(name, octets) as { readonly ip: object };
  const withoutRules = { ...config, ip: { ...config.ip, destinations: [] } };
  return ['serve', `--router=${NAMESPACE}/${name}`, `--config=${JSON.stringify(withoutRules)}`];
}
