import { ApiObject, type ApiObjectMetadata, JsonPatch } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { Field } from '../../domain/input/decoder';
import type { Issue } from '../../domain/input/issue';
import { type DeclaredHost, readDeclaredHost } from '../../domain/router/declared-host';
import type { HostName } from '../../domain/values/host-name';
import type { Family } from '../../domain/values/ip-address';
import { RouterService } from '../clients/router-service';
import type { EgressRouterCluster } from '../cluster/egress-router-cluster';
import type { EgressRouterHost } from '../egress-router-host';
import { addOwnPatch, beforeWriting, keepPatches } from '../patch-keeper';
import type { RouterNames } from '../router-names';
import { HostAdmissions } from './host-admissions';
import { HostClusterIps } from './host-cluster-ips';
import { canonicalName, toAscii } from './host-text';

/** A host with its Service and the cluster IPs that lead to it. */
interface HostWithService {
  readonly service: kplus.Service;
  readonly clusterIps: readonly string[];
}

/**
 * The hosts of one router: a Service for each, its cluster IPs, and the workloads that resolve its name to them. What
 * is wrong with a host by itself, the router's declaration says.
 */
export class RouterHosts {
  public readonly admissions: HostAdmissions;
  private readonly clusterIps: HostClusterIps;
  private readonly hosts = new Map<HostName, HostWithService>();

  public constructor(
    private readonly scope: Construct,
    cluster: EgressRouterCluster,
    private readonly names: RouterNames,
    private readonly metadata: ApiObjectMetadata,
    /** The families of a host whose addresses DNS says. */
    private readonly resolvedFamilies: (host: DeclaredHost) => readonly Family[],
  ) {
    this.clusterIps = new HostClusterIps(scope, cluster, names);
    this.admissions = new HostAdmissions(scope.node.path);
  }

  /** Makes the Service of a host; of one without a right name, or that is there already, none. */
  public add(declared: EgressRouterHost): void {
    const context = { router: this.names.router, toAscii };
    const host = readDeclaredHost(Field.root(declared, []), context)?.host;
    if (host === undefined || this.hosts.has(host.name)) return;
    const ofAddresses = host.addresses.map(({ family }) => family);
    const families = [...new Set(ofAddresses.length > 0 ? ofAddresses : this.resolvedFamilies(host))].sort();
    const clusterIps = this.clusterIps.of(host, families).map(({ text }) => text);
    this.hosts.set(host.name, { service: this.makeService(host, families, clusterIps), clusterIps });
    this.admissions.add({ name: host.name, clusterIps });
  }

  /** The Service of a host, by its name in any spelling. */
  public serviceOf(name: string): kplus.Service | undefined {
    return this.hosts.get(canonicalName(String(name)))?.service;
  }

  /** Lines of a pod's /etc/hosts, one for each cluster IP. */
  public get aliases(): kplus.HostAlias[] {
    return [...this.hosts].flatMap(([name, { clusterIps }]) => clusterIps.map((ip) => ({ ip, hostnames: [name] })));
  }

  public get issues(): Issue[] {
    return [...this.clusterIps.issues, ...this.admissions.issues];
  }

  public get warnings(): string[] {
    return this.clusterIps.warnings;
  }

  /** What the Services take of the whole cluster. */
  public get reservations(): string[] {
    return this.clusterIps.reservations;
  }

  private makeService(host: DeclaredHost, families: readonly Family[], clusterIps: readonly string[]): kplus.Service {
    const names = { ...this.names, service: host.serviceName };
    const place = { id: `Host-${host.name}`, onBind: () => {} };
    const own = new RouterService(this.scope, names, this.metadata, { clusterIp: clusterIps[0] }, place);
    for (const port of host.ports) own.bindHostPort(port);
    own.useFamilies(families);
    const object = ApiObject.of(own.service);
    if (clusterIps.length > 1) addOwnPatch(object, JsonPatch.add('/spec/clusterIPs', [...clusterIps]));
    // Written only when synth has validated everything.
    beforeWriting(object, () => this.clusterIps.save());
    keepPatches(own.service);
    return own.service;
  }
}
