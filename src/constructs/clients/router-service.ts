import { ApiObject, type ApiObjectMetadata, JsonPatch } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { type Family, familyName } from '../../domain/values/ip-address';
import { addOwnPatch } from '../patch-keeper';
import type { RedirectRule } from '../redirect-rule';
import { objectMetadata, type RouterNames } from '../router-names';
import { BindableService } from './bindable-service';
import type { EgressRouterServiceOptions } from './egress-router-service-options';

/** The Service through which clients reach one router: its ports follow from the rules. */
export class RouterService {
  public readonly service: BindableService;
  private families = '';

  /** @param onBind is called with each port that the user binds later, beside those of the options */
  public constructor(
    scope: Construct,
    names: RouterNames,
    metadata: ApiObjectMetadata,
    options: EgressRouterServiceOptions,
    onBind: (port: kplus.ServicePort) => void,
  ) {
    const annotations = { ...metadata.annotations, ...options.annotations };
    const labels = { ...metadata.labels, ...options.labels };
    const serviceMetadata = objectMetadata(names, names.service, { ...metadata, annotations, labels });
    const props = { metadata: serviceMetadata, type: options.type, clusterIP: options.clusterIp };
    this.service = new BindableService(scope, 'Service', props, onBind);
    // cdk8s-plus writes an empty list, which the API server drops: every apply would find a difference.
    const patches = [JsonPatch.remove('/spec/externalIPs')];
    const { externalTrafficPolicy, loadBalancerSourceRanges } = options;
    if (externalTrafficPolicy != null)
      patches.push(JsonPatch.add('/spec/externalTrafficPolicy', externalTrafficPolicy));
    if (loadBalancerSourceRanges != null)
      patches.push(JsonPatch.add('/spec/loadBalancerSourceRanges', [...loadBalancerSourceRanges]));
    addOwnPatch(ApiObject.of(this.service), ...patches);
    for (const [key, value] of Object.entries(names.selector)) this.service.selectLabel(key, value);
    for (const port of Array.isArray(options.ports) ? options.ports : []) this.service.bindOwn(port);
  }

  /** Adds the port of a rule, unless the Service has it: by the user's choice, or for the other address family. */
  public bindRule(rule: RedirectRule): void {
    this.service.bindRule({ port: rule?.port, protocol: rule?.protocol });
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
