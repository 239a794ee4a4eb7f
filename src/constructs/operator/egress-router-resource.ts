import { ApiObject, type ApiObjectMetadata, Chart, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { withoutUndefined } from '../../domain/input/collections';
import { Field } from '../../domain/input/decoder';
import { ConfigError, type Issue, issueText } from '../../domain/input/issue';
import { refuseMtu } from '../../domain/router/operator-limits';
import { type RouterSpec, readRouterSpec } from '../../domain/router/router-spec';
import type { MacvlanMode as MacvlanModeWord } from '../../domain/values/macvlan';
import { checkAnnotations, checkLabels } from '../../domain/values/object-metadata';
import { asErrors, ClusterRegistry } from '../cluster/cluster-registry';
import { type EgressRouterCluster, readCluster } from '../cluster/egress-router-cluster';
import { completeMetadata, nameField } from '../declared-metadata';
import type { EgressRouterAddress } from '../egress-router-address';
import { keepPatches } from '../patch-keeper';
import type { RedirectRule } from '../redirect-rule';
import { MacvlanMode, type NetworkInterface } from './network-interface';

/** Properties for `EgressRouterResource`. */
export interface EgressRouterResourceProps {
  /**
   * Metadata of the object.
   *
   * @default - the construct's id is the name
   */
  readonly metadata?: ApiObjectMetadata;

  /**
   * The cluster that the router belongs to.
   *
   * @default - one cluster for all routers of the app that name none
   */
  readonly cluster?: EgressRouterCluster;

  /** Reserved addresses. The operator's plugin uses the first one only. */
  readonly addresses: EgressRouterAddress[];

  /**
   * Where connections go, by port.
   *
   * @default - none: `fallbackIp` takes every port
   */
  readonly redirectRules?: RedirectRule[];

  /**
   * Where connections to a port without a rule go.
   *
   * @default - they are refused
   */
  readonly fallbackIp?: string;

  /**
   * The interface through which packets leave.
   *
   * @default - macvlan in bridge mode on the interface of the node's default route
   */
  readonly networkInterface?: NetworkInterface;
}

/**
 * The custom resource `EgressRouter` of the Cluster Network Operator, alone: for platforms that bring their own
 * Service. It is checked for what the resource can say, and against the other routers of the app; not for what the
 * operator of today makes of it (IPv6, several addresses). Most people use `EgressRouter`.
 *
 * @see https://github.com/openshift/api/blob/master/networkoperator/v1/types_egressrouter.go
 */
export class EgressRouterResource extends ApiObject {
  /**
   * @param scope the chart, or a construct in one
   * @param id name within the scope, and of the object unless `metadata.name` says otherwise
   * @param props what the resource says
   */
  public constructor(scope: Construct, id: string, props: EgressRouterResourceProps) {
    const issues: Issue[] = [];
    Field.root(props ?? undefined, issues).isObject('the props of an EgressRouter resource');
    const given = Field.root(props, issues).member('metadata');
    const metadata = completeMetadata(given, id, Chart.of(scope).namespace);
    checkLabels(given.member('labels'));
    checkAnnotations(given.member('annotations'));
    const field = Field.root({ ...props, metadata }, issues);
    field.isObjectOf(['metadata', 'cluster', 'addresses', 'redirectRules', 'fallbackIp', 'networkInterface']);
    const networkInterface = field.member('networkInterface');
    refuseMtu(networkInterface.member('macvlan').member('mtu'));
    const name = nameField(given, id, issues);
    const spec = readRouterSpec(field, { name, hasService: false, networkInterface });
    super(scope, id, {
      ...EGRESS_ROUTER_TYPE,
      metadata,
      spec: Lazy.any({ produce: () => resourceSpec(required(spec, issues)) }),
    });
    const cluster = readCluster(field.member('cluster'));
    const registry = ClusterRegistry.of(this, cluster);
    const { path } = this.node;
    registry.add({ claimant: spec && { path, spec, objects: [`EgressRouter/${spec.name}`] }, warnings: [] });
    this.node.addValidation({
      validate: () => [
        ...[...issues, ...registry.clusterIssues(this, cluster), ...registry.issuesOf(path)].map(issueText),
        ...(registry.warningsAreErrors ? asErrors(registry.warningsFor(path)) : []),
      ],
    });
    keepPatches(this);
  }
}

/** API version and kind of the custom resource. */
export const EGRESS_ROUTER_TYPE = { apiVersion: 'network.operator.openshift.io/v1', kind: 'EgressRouter' };

/** The `spec` of the custom resource. */
export function resourceSpec(spec: RouterSpec): Record<string, unknown> {
  const { macvlan, rules, fallback } = spec;
  return {
    mode: 'Redirect',
    networkInterface: { macvlan: withoutUndefined({ mode: MACVLAN_MODES[macvlan.mode], master: macvlan.master }) },
    addresses: spec.addresses.map(({ cidr, gateway }) => withoutUndefined({ ip: cidr.text, gateway: gateway?.text })),
    redirect: withoutUndefined({
      redirectRules: rules.map(({ port, protocol, destination, targetPort }) =>
        withoutUndefined({
          port,
          protocol,
          destinationIP: destination.text,
          targetPort: targetPort === port ? undefined : targetPort,
        }),
      ),
      fallbackIP: fallback?.text,
    }),
  };
}

const MACVLAN_MODES: Record<MacvlanModeWord, MacvlanMode> = {
  bridge: MacvlanMode.BRIDGE,
  private: MacvlanMode.PRIVATE,
  vepa: MacvlanMode.VEPA,
  passthru: MacvlanMode.PASSTHRU,
};

function required(spec: RouterSpec | undefined, issues: readonly Issue[]): RouterSpec {
  if (spec === undefined || issues.length > 0) throw new ConfigError(issues);
  return spec;
}
