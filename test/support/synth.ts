import { App, Chart } from 'cdk8s';
import { Protocol } from 'cdk8s-plus-28';
import type { EgressRouterProps, OperatorRouterOptions, StandaloneRouterOptions } from '../../src';
import { EgressRouter, RouterMode } from '../../src';
import { OPERATOR_ROUTER_KEYS } from '../../src/constructs/operator/operator-router-options';
import { STANDALONE_ROUTER_KEYS } from '../../src/constructs/standalone/standalone-router-options';

/** A Kubernetes object as tests look at it. */
// biome-ignore lint/suspicious/noExplicitAny: manifests are JSON, and a test reaches into them by name
export type Manifest = any;

/** A chart of a fresh app, as users have it. */
export function newChart(namespace: string | undefined = 'egress'): Chart {
  return new Chart(new App(), 'prod', { namespace });
}

/** The least that an operator-mode router needs. */
export const OPERATOR: EgressRouterProps = {
  addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
  redirectRules: [{ port: 8443, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 443 }],
};

/** The least that a standalone router needs, with changes. Those that are options of the mode go into the mode. */
export function standalone(changes: Partial<EgressRouterProps> & StandaloneRouterOptions = {}): EgressRouterProps {
  const [options, props] = divided(changes, STANDALONE_ROUTER_KEYS);
  return {
    ...OPERATOR,
    mode: RouterMode.standalone({ image: 'registry.example.com/egress-router:1', ...options }),
    ...props,
  };
}

/** The least that an operator-mode router needs, with changes. Those that are options of the mode go into the mode. */
export function operator(changes: Partial<EgressRouterProps> & OperatorRouterOptions = {}): EgressRouterProps {
  const [options, props] = divided(changes, OPERATOR_ROUTER_KEYS);
  return { ...OPERATOR, mode: RouterMode.operator(options), ...props };
}

/** The members of an object with these keys, and the others. */
function divided(object: object, keys: readonly string[]): [object, object] {
  const entries = Object.entries(object);
  const withKeys = (areIn: boolean) => Object.fromEntries(entries.filter(([key]) => keys.includes(key) === areIn));
  return [withKeys(true), withKeys(false)];
}

export const STANDALONE = standalone();

/** The objects of a chart. Validates the app, as `cdk8s synth` does. */
export function synth(chart: Chart): Manifest[] {
  return chart.toJson();
}

/** The only object of a kind. */
export function only(manifests: Manifest[], kind: string): Manifest {
  const found = manifests.filter((manifest) => manifest.kind === kind);
  expect(found).toHaveLength(1);
  return found[0];
}

/** The NetworkPolicy about a router's clients: the one beside it is about what its pod itself starts. */
export function clientPolicy(manifests: Manifest[]): Manifest {
  return only(
    manifests.filter(({ metadata }) => !metadata.name.endsWith('-own-egress')),
    'NetworkPolicy',
  );
}

/** The objects of a router with these props. */
export function synthRouter(props: EgressRouterProps, id = 'db'): Manifest[] {
  const chart = newChart();
  new EgressRouter(chart, id, props);
  return synth(chart);
}

/** The lines of the one error that a synth ends with; each line is an issue with its construct's path. */
export function synthErrors(chart: Chart): string[] {
  try {
    chart.toJson();
  } catch (error) {
    const [first, ...lines] = (error as Error).message.split('\n');
    if (first !== 'Validation failed with the following errors:') throw error;
    return lines.map((line) => line.trim());
  }
  return [];
}

/** The issues of a router whose props no compiler has checked. */
export function errorsOf(props: object, id = 'db'): string[] {
  const chart = newChart();
  new EgressRouter(chart, id, props as EgressRouterProps);
  return synthErrors(chart);
}
