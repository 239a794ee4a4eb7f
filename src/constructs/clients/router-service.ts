import { ApiObject, type ApiObjectMetadata, JsonPatch } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import type { HostPort } from '../../domain/router/host';
import { STANDBY_LABEL, STANDBY_SELECTOR } from '../../domain/router/object-names';
import { type Family, familyName } from '../../domain/values/ip-address';
import { addOwnPatch } from '../patch-keeper';
import { objectMetadata, type RouterNames } from '../router-names';
import { BindableService } from './bindable-service';
import type { EgressRouterServiceOptions } from './egress-router-service-options';
import type { ListeningPort } from './listening-ports';

/** Which Service of a router it is. */
export interface ServicePlace {
  /** Of the construct; absent: that of the router's own Service. */
  readonly id?: string;
  /** Whether the pods write the Service's slices themselves. */
  readonly standby: boolean;
  /** Called with each port that the user binds later, beside those of the options. */
  readonly onBind: (port: kplus.ServicePort) => void;
}

/** A Service through which clients reach one router: its own, or that of one of its hosts. */
export class RouterService {
  public readonly service: BindableService;
  private families = '';

  public constructor(
    scope: Construct,
    names: RouterNames,
    metadata: ApiObjectMetadata,
    options: EgressRouterServiceOptions,
    { id = 'Service', standby, onBind }: ServicePlace,
  ) {
    const annotations = { ...metadata.annotations, ...options.annotations };
    const labels = { ...metadata.labels, ...options.labels, ...(standby ? STANDBY_LABEL : {}) };
    const serviceMetadata = objectMetadata(names, names.service, { ...metadata, annotations, labels });
    const props = { metadata: serviceMetadata, type: options.type, clusterIP: options.clusterIp };
    this.service = new BindableService(scope, id, props, onBind);
    // cdk8s-plus writes an empty list, which the API server drops: every apply would find a difference.
    const patches = [JsonPatch.remove('/spec/externalIPs')];
    const { externalTrafficPolicy, loadBalancerSourceRanges } = options;
    if (externalTrafficPolicy != null)
      patches.push(JsonPatch.add('/spec/externalTrafficPolicy', externalTrafficPolicy));
    if (loadBalancerSourceRanges != null)
      patches.push(JsonPatch.add('/spec/loadBalancerSourceRanges', [...loadBalancerSourceRanges]));
    addOwnPatch(ApiObject.of(this.service), ...patches);
    const selector = standby ? STANDBY_SELECTOR : names.selector;
    for (const [key, value] of Object.entries(selector)) this.service.selectLabel(key, value);
    for (const port of Array.isArray(options.ports) ? options.ports : []) this.service.bindOwn(port);
  }

  /** Adds the port of a rule, unless the Service has it: by the user's choice, or for the other address family. */
  public bindRule(rule: ListeningPort): void {
    this.service.bindRule({ port: rule?.port, protocol: rule?.protocol as kplus.Protocol });
  }

  /** Adds a port of a host, which leads to the port of the router that stands for it. */
  public bindHostPort({ port, routerPort: targetPort, protocol }: HostPort): void {
    this.service.bindOwn({ port, targetPort, protocol: protocol as kplus.Protocol });
  }

  /**
   * The Service has the family of the rules: a cluster IP of the other one would lead to a port where no rule listens.
   * With both, the families stay unnamed: a cluster that has only one of them refuses a Service that names the other,
   * whatever the policy.
   */
  public useFamilies(families: readonly Family[]): void {
    const key = families.join();
    const [family] = families;
    if (family === undefined || key === this.families) return;
    this.families = key;
    const isDual = families.length > 1;
    addOwnPatch(
      ApiObject.of(this.service),
      JsonPatch.add('/spec/ipFamilyPolicy', isDual ? 'PreferDualStack' : 'SingleStack'),
      isDual ? JsonPatch.remove('/spec/ipFamilies') : JsonPatch.add('/spec/ipFamilies', [familyName(family)]),
    );
  }
}
