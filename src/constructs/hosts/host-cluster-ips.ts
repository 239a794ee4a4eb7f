import type { IConstruct } from 'constructs';
import type { Issue } from '../../domain/input/issue';
import type { DeclaredHost } from '../../domain/router/declared-host';
import { isDnsAddress, isInDynamicBand, serviceIpKey } from '../../domain/router/service-ips';
import { type Cidr, contains } from '../../domain/values/cidr';
import type { Family, IpAddress } from '../../domain/values/ip-address';
import type { EgressRouterCluster } from '../cluster/egress-router-cluster';
import { ServiceIpFile } from '../cluster/service-ip-file';
import type { RouterNames } from '../router-names';

/** The cluster IPs of the hosts of one router: those that the declaration gives, and those of the cluster's range. */
export class HostClusterIps {
  private readonly file: ServiceIpFile | undefined;
  private readonly services: readonly Cidr[];
  /** Those of them in which the cluster's own Services are. */
  private readonly ofCluster: readonly Cidr[];
  private readonly all: IpAddress[] = [];
  private readonly found: Issue[] = [];
  private readonly missing: string[] = [];
  private ofRouter: IpAddress | undefined;

  public constructor(
    scope: IConstruct,
    private readonly cluster: EgressRouterCluster,
    private readonly names: RouterNames,
  ) {
    const { _serviceIps: range, _networks: networks = [] } = cluster;
    this.file = range === undefined ? undefined : ServiceIpFile.of(scope, range);
    const services = networks.filter(({ holders }) => holders === 'Services').map(({ cidr }) => cidr);
    this.ofCluster = networks
      .filter(({ holders, isDedicated }) => holders === 'Services' && !isDedicated)
      .map(({ cidr }) => cidr);
    const dedicated = range?.isDedicated ? range.ranges : [];
    this.services = [...new Map([...services, ...dedicated].map((cidr) => [cidr.text, cidr])).values()];
  }

  /** The cluster IPs of one host, in the order of its families where the range gives them. */
  public of(host: DeclaredHost, families: readonly Family[]): IpAddress[] {
    const given = host.clusterIps;
    const taken = given.length > 0 ? [] : families.flatMap((family) => this.take(host.name, family) ?? []);
    const addresses = [...given, ...taken];
    this.all.push(...addresses);
    return addresses;
  }

  /** Takes the cluster IP of the router's own Service. */
  public setOfRouter(address: IpAddress): void {
    this.ofRouter = address;
    this.reserve(address.text);
  }

  /** Keeps an address that a declaration gives from being taken. */
  public reserve(address: string): void {
    this.file?.reserve(this.cluster.name, address);
  }

  /** Writes down the addresses that were taken. */
  public save(): void {
    this.file?.save();
  }

  /** What is wrong with the addresses and the file. */
  public get issues(): Issue[] {
    const { file, missing } = this;
    const { _serviceIps: range } = this.cluster;
    const issues = [...(file?.issues ?? []), ...this.found];
    if (missing.length === 0 || range === undefined || issues.length > 0) return issues;
    const problem = `is frozen and has no address for ${missing.join(', ')}`;
    const accepted = 'the file with these, as synth without frozen writes it';
    return [{ path: 'cluster.serviceIps.file', value: range.file, problem, accepted }];
  }

  /** Addresses that another Service may have. */
  public get warnings(): string[] {
    const ofRouter = this.ofRouter === undefined ? [] : [{ of: 'service.clusterIp:', address: this.ofRouter }];
    const ofHosts = this.all.map((address) => ({ of: 'hosts: cluster IP', address }));
    return [...ofRouter, ...ofHosts].flatMap(({ of, address }) => {
      const risk = this.riskOf(address);
      return risk === undefined ? [] : [`${of} ${address.text} is ${risk}`];
    });
  }

  private riskOf(address: IpAddress): string | undefined {
    const dynamic = this.services.find((cidr) => isInDynamicBand(cidr, address));
    if (dynamic !== undefined)
      return (
        `in the part of ${dynamic.text} from which the cluster gives Services an address by itself: another Service ` +
        'may have it; choose one near the start of the network'
      );
    const ofDns = this.ofCluster.find((cidr) => isDnsAddress(cidr, address));
    if (ofDns === undefined) return undefined;
    return (
      `the address in ${ofDns.text} that the cluster's DNS Service has by convention; choose another one near the ` +
      'start of the network'
    );
  }

  /** What the Services take of the whole cluster, as reservations of a router. */
  public get reservations(): string[] {
    return this.all.map(({ text }) => `cluster IP ${text}`);
  }

  private take(host: string, family: Family): IpAddress | undefined {
    const { cluster, names, file } = this;
    const range = cluster._serviceIps;
    const cidr = range?.ranges.find(({ address }) => address.family === family);
    if (range === undefined || file === undefined || cidr === undefined) return undefined;
    const key = serviceIpKey(cluster.name, names.namespace, names.router, host, family);
    const address = file.addressOf(key, { cluster: cluster.name, family, range, networks: this.services });
    if (address === undefined && range.isFrozen) this.missing.push(key);
    else if (address === undefined) {
      const problem = `has no free address for ${key}`;
      this.note(cidr.text, problem, 'a larger range, or a file without the entries of hosts that are gone');
    } else if (!contains(cidr, address)) {
      const problem = `does not contain ${address.text}, which ${range.file} has for ${key}`;
      this.note(
        cidr.text,
        problem,
        'a range with it, or the file without this entry: the host then gets another address',
      );
    }
    return address;
  }

  private note(value: string, problem: string, accepted: string): void {
    // A file that cannot be read has an issue of its own.
    if (this.file?.issues.length === 0)
      this.found.push({ path: 'cluster.serviceIps.ranges', value, problem, accepted });
  }
}
