import { type ApiObject, type ApiObjectMetadata, Lazy } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { encodeNetworkConfig } from '../../domain/router/network-config';
import type { RouterDeclaration } from '../router-declaration';
import { objectMetadata } from '../router-names';
import { withSyncWave } from '../sync-wave';
import { NetworkAttachmentDefinition } from './network-attachment-definition';
import { pairAccess } from './pair-access';
import { type ConfigMapFiles, routerConfigMap } from './router-config-map';
import { disruptionBudget, routerDeployment } from './router-deployment';
import { routerEgressPolicy } from './router-egress-policy';
import { podMonitor, prometheusRule } from './router-monitoring';
import { standaloneNetworkConfig } from './router-network-config';
import { resolverOf } from './router-resolver';

/** The objects that only a standalone router has. */
export class StandaloneObjects {
  /** @internal */
  public static _make(
    router: Construct,
    declaration: RouterDeclaration,
    metadata: ApiObjectMetadata,
    services: () => readonly kplus.Service[],
  ): StandaloneObjects {
    return new StandaloneObjects(router, declaration, metadata, services);
  }

  /** The network that the router's pod is attached to. */
  public readonly networkAttachmentDefinition: NetworkAttachmentDefinition;

  /** The Deployment of the router. */
  public readonly deployment: kplus.Deployment;

  /** The ConfigMap with the rules of `liveRules` and the Services of `standby`; undefined without both. */
  public readonly configMap?: kplus.ConfigMap;

  /**
   * The NetworkPolicy that denies everything that the router's pod itself starts on the cluster network, except for
   * questions to the DNS servers of `resolver`, and with `standby` the other pod and ports 443 and 6443 of the API
   * server. A container that you add and that needs more gets it by `egressPolicy.addEgressRule(…)`.
   */
  public readonly egressPolicy: kplus.NetworkPolicy;

  /** The PodDisruptionBudget; undefined without `failover.blockDrain` and `standby`. */
  public readonly podDisruptionBudget?: ApiObject;

  /** The PodMonitor; undefined unless `monitoring` asks for it. */
  public readonly podMonitor?: ApiObject;

  /** The PrometheusRule; undefined unless `monitoring` asks for it. */
  public readonly prometheusRule?: ApiObject;

  /** The ServiceAccount of the pods; undefined without `standby`. */
  public readonly serviceAccount?: kplus.ServiceAccount;

  /** The Role of the pods: EndpointSlices and a Secret, each by its name; undefined without `standby`. */
  public readonly role?: ApiObject;

  /** The RoleBinding of the pods; undefined without `standby`. */
  public readonly roleBinding?: ApiObject;

  /** @internal */
  public readonly _files: ConfigMapFiles;

  private constructor(
    router: Construct,
    declaration: RouterDeclaration,
    metadata: ApiObjectMetadata,
    services: () => readonly kplus.Service[],
  ) {
    const { names, failover, scheduling, container, features, image, healthPort, monitoring } = declaration;
    const resolver = resolverOf(declaration);
    const networkConfig = () => standaloneNetworkConfig(declaration);
    const before = withSyncWave(declaration.metadata, declaration.argoCdSyncWave, -1);
    this.networkAttachmentDefinition = new NetworkAttachmentDefinition(router, 'Network', {
      metadata: objectMetadata(names, names.networkAttachmentDefinition, before),
      config: Lazy.any({ produce: () => encodeNetworkConfig(networkConfig()) }),
    });
    this._files = {
      ...(features.liveRules ? { networkConfig } : {}),
      ...(features.standby ? { services } : {}),
    };
    if (features.liveRules || features.standby) this.configMap = routerConfigMap(router, names, before, this._files);
    if (features.standby) {
      const { standbyKeySecret: keySecret } = container;
      const serviceNames = () => services().map(({ name }) => name);
      const access = pairAccess(router, { names, metadata: before, services: serviceNames, keySecret });
      this.serviceAccount = access.serviceAccount;
      this.role = access.role;
      this.roleBinding = access.roleBinding;
    }
    this.egressPolicy = routerEgressPolicy(router, names, metadata, { resolver, standby: features.standby });
    const { configMap, serviceAccount } = this;
    const process = { names, container, features, image, healthPort, resolver, networkConfig, configMap };
    this.deployment = routerDeployment(router, { ...process, metadata, failover, scheduling, serviceAccount });
    if (failover.blockDrain || features.standby) this.podDisruptionBudget = disruptionBudget(router, names, metadata);
    if (monitoring?.podMonitor) this.podMonitor = podMonitor(router, names, metadata, monitoring);
    if (monitoring?.alerts) this.prometheusRule = prometheusRule(router, names, metadata, monitoring);
    router.node.defaultChild = this.deployment;
  }
}
