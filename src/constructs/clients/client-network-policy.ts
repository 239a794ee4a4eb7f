import { ApiObject, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Field } from '../../domain/input/decoder';
import { ConfigError, type Issue } from '../../domain/input/issue';
import { dropEmptyPorts, keepPatches } from '../patch-keeper';
import type { RouterDeclaration } from '../router-declaration';
import { AdmittedPorts } from './admitted-ports';
import { chartNamespace } from './chart-namespace';
import { fallbackPorts } from './fallback-ports';

/** Ports of the cluster's DNS: the Service's, and that of OKD's pods, which policies see. */
const DNS_PORTS = [53, 5353];

/** What a client's policy admits to, and whom. */
export interface ClientAccess {
  /** The router, with the rules that are added later. */
  readonly declaration: RouterDeclaration;
  readonly clients: kplus.IPodSelector;
}

/** The NetworkPolicy beside clients that lets them reach one router, and the cluster's DNS for its name. */
export class ClientNetworkPolicy extends Construct {
  public readonly networkPolicy: kplus.NetworkPolicy;
  private readonly router: kplus.INetworkPolicyPeer;
  private readonly admitted = new AdmittedPorts();

  public constructor(
    scope: Construct,
    id: string,
    private readonly access: ClientAccess,
  ) {
    super(scope, id);
    const { names, hasFallback, healthPort, features } = access.declaration;
    checkClients(access, Chart.of(this).namespace, 'allowClientEgress');
    this.networkPolicy = new kplus.NetworkPolicy(this, 'NetworkPolicy', {
      metadata: { name: `${names.router}-${kebabCase(id)}` },
      selector: access.clients,
      egress: { default: kplus.NetworkPolicyTrafficDefault.DENY },
    });
    this.router = kplus.Pods.select(this, 'Router', {
      labels: { ...names.selector },
      namespaces: namespaces(this, names.namespace),
    });
    dropEmptyPorts(ApiObject.of(this.networkPolicy), 'egress');
    if (hasFallback) this.networkPolicy.addEgressRule(this.router, fallbackPorts({ healthPort, ...features }));
    const everyPod = kplus.Pods.all(this, 'EveryPod', { namespaces: kplus.Namespaces.all(this, 'EveryNamespace') });
    const dns = DNS_PORTS.flatMap((port) => [kplus.NetworkPolicyPort.udp(port), kplus.NetworkPolicyPort.tcp(port)]);
    this.networkPolicy.addEgressRule(everyPod, dns);
    keepPatches(this);
    // cdk8s asks this before it renders, when all rules are there.
    this.node.addValidation({ validate: () => this.admitRules() });
  }

  private admitRules(): string[] {
    const { listeningPorts, hasFallback } = this.access.declaration;
    const ports = hasFallback ? [] : this.admitted.add(listeningPorts);
    if (ports.length > 0) this.networkPolicy.addEgressRule(this.router, ports);
    return [];
  }
}

const CLIENTS = 'pods of cdk8s-plus in the namespace of the policy, such as a Deployment or Pods.select(…)';

/**
 * Checks the clients of a policy: a NetworkPolicy selects pods of its own namespace, and without a selector all of
 * them.
 *
 * @throws ConfigError that names what is wrong
 */
export function checkClients(
  { clients, declaration }: ClientAccess,
  namespace: string | undefined,
  method: string,
): void {
  const issues: Issue[] = [];
  const field = Field.root(clients, issues, 'clients');
  const selector = clients as Partial<kplus.IPodSelector> | null | undefined;
  if (typeof selector?.toPodSelectorConfig !== 'function') field.refuse('is not a selector of pods', CLIENTS);
  else {
    const { namespaces: selected } = selector.toPodSelectorConfig();
    const own = selected === undefined ? chartNamespace(clients) : selected.names?.join();
    if ((own ?? namespace) !== namespace || selected?.labelSelector !== undefined)
      field
        .withValue(clients.node.path)
        .refuse(`is not in namespace "${namespace}" alone, where the policy is`, CLIENTS);
  }
  const { names } = declaration;
  if (names.namespace === undefined && namespace !== undefined) {
    const problem = 'is missing, and the policy would admit to pods of the namespace of the clients';
    Field.root(undefined, issues, 'metadata.namespace').refuse(problem, `the namespace of router "${names.router}"`);
  }
  if (issues.length > 0) throw new ConfigError(issues, `${method} of router "${names.router}"`);
}

/** A construct's id as part of an object's name: `BankClients` is `bank-clients`. */
export function kebabCase(id: string): string {
  return id
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
}

/** The router's namespace by the label that every namespace has; undefined: that of the policy. */
function namespaces(scope: Construct, name: string | undefined): kplus.Namespaces | undefined {
  if (name === undefined) return undefined;
  return kplus.Namespaces.select(scope, 'Namespace', { labels: { 'kubernetes.io/metadata.name': name } });
}
