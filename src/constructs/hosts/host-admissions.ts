import type * as kplus from 'cdk8s-plus-28';
import { Field } from '../../domain/input/decoder';
import type { Issue } from '../../domain/input/issue';
import type { HostName } from '../../domain/values/host-name';
import { canonicalName } from './host-text';

/** Which hosts of a router a workload is admitted to. */
export interface EgressRouterAdmitOptions {
  /**
   * Names of the hosts that the workload uses. Only these change its pods.
   *
   * @default - every host of the router, those added later included, and its redirect rules
   */
  readonly hosts?: string[];
}

/** A host with the cluster IPs that its name leads to. */
export interface NamedClusterIps {
  readonly name: HostName;
  readonly clusterIps: readonly string[];
}

/** The hosts that a workload is admitted to, by the path of the router; for another copy of this library too. */
const ADMITTED = Symbol.for('cdk8s-egress-router.admitted-hosts');
type Workload = kplus.AbstractPod & { [ADMITTED]?: Map<HostName, string> };

/** From this number on a pod's /etc/hosts, which every look-up reads from its start, is the wrong place for names. */
export const MOST_HOST_ALIASES = 500;

interface Admission {
  readonly workload: Workload;
  /** Absent: every host. */
  readonly hosts: readonly HostName[] | undefined;
}

/** The workloads that resolve a router's hosts to the Services of the router. */
export class HostAdmissions {
  private readonly admissions: Admission[] = [];
  private readonly hosts: NamedClusterIps[] = [];
  private readonly found: Issue[] = [];

  /** @param router path of the router */
  public constructor(private readonly router: string) {}

  /**
   * Admits a workload to hosts, those that come later included.
   *
   * @returns the hosts that it is admitted to; absent: every one. `false`: it is not a workload
   */
  public admit(workload: kplus.AbstractPod, options: EgressRouterAdmitOptions = {}): Admission | false {
    const field = Field.root({ admit: options }, this.found).member('admit');
    if (typeof (workload as Partial<kplus.AbstractPod> | null)?.addHostAlias !== 'function') {
      field
        .withValue(workload)
        .refuse('is not a workload', 'a Deployment, StatefulSet, DaemonSet, Job or Pod of cdk8s-plus');
      return false;
    }
    if (!field.isObjectOf(['hosts'])) return false;
    const list = field.member('hosts');
    const names = list.optional((each) =>
      each.someElements('a list of names of hosts').flatMap((one) => one.text('the name of a host') ?? []),
    );
    const admission = { workload, hosts: names?.map(canonicalName) };
    this.admissions.push(admission);
    for (const host of this.hosts) this.alias(admission, host);
    return admission;
  }

  /** Adds a host to the pods that are admitted to it. */
  public add(host: NamedClusterIps): void {
    this.hosts.push(host);
    for (const admission of this.admissions) this.alias(admission, host);
  }

  /** What is wrong with the admissions, now that all hosts are there. */
  public get issues(): Issue[] {
    const names = new Set(this.hosts.map(({ name }) => name));
    const unknown = this.admissions.flatMap(({ hosts = [] }) => hosts.filter((name) => !names.has(name)));
    const accepted = `a host of the router: ${[...names].join(', ') || 'it has none'}`;
    return [
      ...this.found,
      ...[...new Set(unknown)].map((value) => ({ path: 'admit.hosts', value, problem: 'is not a host', accepted })),
      ...this.crowded(),
    ];
  }

  private crowded(): Issue[] {
    const workloads = new Set(this.admissions.map(({ workload }) => workload));
    return [...workloads].flatMap(({ hostAliases, node }) => {
      if (hostAliases.length <= MOST_HOST_ALIASES) return [];
      const problem = `has ${hostAliases.length} host aliases, and a look-up reads them from the start`;
      const accepted = `at most ${MOST_HOST_ALIASES}: admit(workload, { hosts }) with those that it uses`;
      return [{ path: 'admit', value: node.path, problem, accepted }];
    });
  }

  private alias({ workload, hosts }: Admission, { name, clusterIps }: NamedClusterIps): void {
    if (hosts !== undefined && !hosts.includes(name)) return;
    workload[ADMITTED] ??= new Map();
    const earlier = workload[ADMITTED].get(name);
    if (earlier === this.router) return;
    if (clusterIps.length === 0) {
      this.note(
        name,
        'has no cluster IP, and a host alias needs one',
        'clusterIps of the host, or serviceIps of the cluster',
      );
    } else if (earlier !== undefined) {
      this.note(
        name,
        `is a host of [${earlier}] too, to which [${workload.node.path}] is admitted`,
        'one router for a name in a pod',
      );
    } else if (workload.hostAliases.some(({ hostnames }) => hostnames.includes(name))) {
      this.note(name, `has a host alias in [${workload.node.path}] already`, 'no alias of your own for it');
    } else {
      for (const ip of clusterIps) workload.addHostAlias({ ip, hostnames: [name] });
      workload[ADMITTED].set(name, this.router);
    }
  }

  private note(value: HostName, problem: string, accepted: string): void {
    this.found.push({ path: 'admit.hosts', value, problem, accepted });
  }
}
