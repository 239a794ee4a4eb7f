import { ApiObject, type ApiObjectMetadata, JsonPatch } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { Field } from '../../domain/input/decoder';
import type { Issue } from '../../domain/input/issue';
import { type DeclaredHost, readDeclaredHost } from '../../domain/router/declared-host';
import type { HostName } from '../../domain/values/host-name';
import { type Family, parseIpAddress } from '../../domain/values/ip-address';
import type { EgressRouterServiceOptions } from '../clients/egress-router-service-options';
import { RouterService } from '../clients/router-service';
import type { EgressRouterCluster } from '../cluster/egress-router-cluster';
import type { EgressRouterHost } from '../egress-router-host';
import { addOwnPatch, beforeWriting, keepPatches } from '../patch-keeper';
import type { RouterNames } from '../router-names';
import { HostAdmissions } from './host-admissions';
import { HostClusterIps } from './host-cluster-ips';
import { canonicalName, toAscii } from './host-text';

/** What a router's declaration says of hosts and cluster IPs. */
interface Declared {
  readonly service: EgressRouterServiceOptions;
  readonly hosts: readonly EgressRouterHost[];
}

/** What the Services of hosts have of their router. */
interface RouterOfHosts {
  readonly names: RouterNames;
  readonly metadata: ApiObjectMetadata;
  /** Whether its pods write the slices of the Services themselves. */
  readonly standby: boolean;
}

/** A host with its Service. */
interface HostWithService {
  readonly host: DeclaredHost;
  readonly families: readonly Family[];
  readonly service: kplus.Service;
  /** The cluster IPs that lead to it, once they are settled. */
  clusterIps?: readonly string[];
}

/**
 * The hosts of one router: a Service for each, its cluster IPs, and the workloads that resolve its name to them. What
 * is wrong with a host by itself, the router's declaration says.
 *
 * Addresses of the cluster's range are taken as late as possible: a later declaration may give one of them.
 */
export class RouterHosts {
  public readonly admissions: HostAdmissions;
  private readonly clusterIps: HostClusterIps;
  private readonly hosts = new Map<HostName, HostWithService>();

  public constructor(
    private readonly scope: Construct,
    cluster: EgressRouterCluster,
    private readonly router: RouterOfHosts,
    /** The families of a host whose addresses DNS says. */
    private readonly resolvedFamilies: (host: DeclaredHost) => readonly Family[],
  ) {
    this.clusterIps = new HostClusterIps(scope, cluster, router.names);
    this.admissions = new HostAdmissions(scope.node.path);
  }

  /** Takes a router's declaration: its hosts, and the cluster IP of its own Service. */
  public declare({ service, hosts }: Declared): void {
    const address = typeof service.clusterIp === 'string' ? parseIpAddress(service.clusterIp) : '';
    if (typeof address !== 'string') this.clusterIps.setOfRouter(address);
    for (const host of hosts) this.add(host);
  }

  /** Makes the Service of a host; of one without a right name, or that is there already, none. */
  public add(declared: EgressRouterHost): void {
    const context = { router: this.router.names.router, toAscii };
    const host = readDeclaredHost(Field.root(declared, []), context)?.host;
    if (host === undefined || this.hosts.has(host.name)) return;
    const ofAddresses = host.addresses.map(({ family }) => family);
    const families = [...new Set(ofAddresses.length > 0 ? ofAddresses : this.resolvedFamilies(host))].sort();
    for (const { text } of host.clusterIps) this.clusterIps.reserve(text);
    this.hosts.set(host.name, { host, families, service: this.makeService(host, families) });
  }

  /** Settles the cluster IPs of the hosts so far, and the workloads that resolve to them. */
  private settle(): void {
    for (const one of this.hosts.values()) {
      if (one.clusterIps !== undefined) continue;
      one.clusterIps = this.clusterIps.of(one.host, one.families).map(({ text }) => text);
      useClusterIps(one.service, one.clusterIps);
      this.admissions.add({ name: one.host.name, clusterIps: one.clusterIps });
    }
  }

  /** The Service of a host, by its name in any spelling. */
  public serviceOf(name: string): kplus.Service | undefined {
    return this.hosts.get(canonicalName(String(name)))?.service;
  }

  /** The Services of the hosts so far. */
  public get services(): kplus.Service[] {
    return [...this.hosts.values()].map(({ service }) => service);
  }

  /** Lines of a pod's /etc/hosts, one for each cluster IP. */
  public get aliases(): kplus.HostAlias[] {
    this.settle();
    return [...this.hosts].flatMap(([name, { clusterIps = [] }]) =>
      clusterIps.map((ip) => ({ ip, hostnames: [name] })),
    );
  }

  public get issues(): Issue[] {
    this.settle();
    return [...this.clusterIps.issues, ...this.admissions.issues];
  }

  public get warnings(): string[] {
    this.settle();
    return this.clusterIps.warnings;
  }

  /** What the Services take of the whole cluster. */
  public get reservations(): string[] {
    this.settle();
    return this.clusterIps.reservations;
  }

  private makeService(host: DeclaredHost, families: readonly Family[]): kplus.Service {
    const { standby, metadata, ...router } = this.router;
    const names = { ...router.names, service: host.serviceName };
    const place = { id: `Host-${host.name}`, standby, onBind: () => {} };
    const own = new RouterService(this.scope, names, metadata, {}, place);
    for (const port of host.ports) own.bindHostPort(port);
    own.useFamilies(families);
    // Written only when synth has validated everything.
    beforeWriting(ApiObject.of(own.service), () => this.clusterIps.save());
    keepPatches(own.service);
    return own.service;
  }
}

/** cdk8s-plus reads the address when it writes the Service, and knows one. */
function useClusterIps(service: kplus.Service, clusterIps: readonly string[]): void {
  Object.assign(service, { clusterIP: clusterIps[0] });
  if (clusterIps.length > 1) addOwnPatch(ApiObject.of(service), JsonPatch.add('/spec/clusterIPs', [...clusterIps]));
}
