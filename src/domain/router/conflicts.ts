import { addTo } from '../input/collections';
import type { Issue } from '../input/issue';
import { type Cidr, contains, networkAddress } from '../values/cidr';
import type { IpAddress } from '../values/ip-address';
import { DEFAULT_PLUGIN_NAME } from '../values/plugin-name';
import { type MacBudget, macAddressCount, macUserText } from './mac-budget';
import { RouterModeKind, type RouterSpec } from './router-spec';

/** A router of a cluster, with its name for messages. */
export interface Claimant {
  /** Path of the construct. */
  readonly path: string;
  readonly spec: RouterSpec;
  /** The objects that it creates, or that the operator creates for it, as `Kind/name`. */
  readonly objects: readonly string[];
  /** What its Service takes of the whole cluster: node ports as `node port TCP 30443`, and `cluster IP 172.30.0.9`. */
  readonly reservations?: readonly string[];
  /** Where a prop is in what the user wrote, if that was something else than props. */
  readonly pathOf?: (prop: string) => string;
}

export interface Conflicts {
  /** Issues by the path of the router that came second. */
  readonly issues: ReadonlyMap<string, readonly Issue[]>;
  readonly warnings: readonly string[];
}

/**
 * Finds conflicts between the routers of one cluster, in one pass: linear in the number of routers.
 */
export function findConflicts(cluster: string, claimants: readonly Claimant[], budget: MacBudget): Conflicts {
  const book = new ClaimBook(cluster);
  for (const claimant of claimants) book.enter(claimant);
  for (const claimant of claimants) book.checkGateways(claimant);
  for (const claimant of claimants) book.checkDestinations(claimant);
  for (const claimant of claimants) book.checkDnsServers(claimant);
  book.checkPlugins();
  return { issues: book.issues, warnings: [...book.warnings, ...book.checkMacBudget(budget)] };
}

/** Addresses and MACs are unique within a network: the segment of one parent interface. */
class ClaimBook {
  public readonly issues = new Map<string, Issue[]>();
  public readonly warnings: string[] = [];
  private readonly addresses = new Map<string, Claimant>();
  private readonly addressesAnywhere = new Map<string, Claimant>();
  private readonly macAddresses = new Map<string, Claimant>();
  private readonly objects = new Map<string, Claimant>();
  private readonly reservations = new Map<string, Claimant>();
  private readonly subnets = new Map<string, Claimant>();
  private readonly operatorNamespaces = new Map<string, Claimant>();
  private readonly defaultPluginRouters: Claimant[] = [];
  private readonly parents = new Map<string, Claimant[]>();
  private operatorRouter: Claimant | undefined;

  public constructor(private readonly cluster: string) {}

  public enter(claimant: Claimant): void {
    const addressTaken = this.enterAddresses(claimant);
    // A MAC follows from its address: a duplicate address already implies a duplicate MAC.
    if (!addressTaken) this.enterMacAddress(claimant);
    // The operator's objects have fixed names: a shared namespace already implies shared names.
    if (!this.enterOperatorNamespace(claimant)) this.enterObjects(claimant);
    this.enterReservations(claimant);
    this.enterSubnets(claimant);
    this.enterPlugin(claimant);
    this.enterParent(claimant);
  }

  public checkMacBudget({ addresses, isLimit }: MacBudget): string[] {
    const warnings: string[] = [];
    for (const [parent, claimants] of this.parents) {
      const specs = claimants.map(({ spec }) => spec);
      if (macAddressCount(specs) <= addresses) continue;
      const many = macUserText(specs);
      const accepted =
        'fewer routers on this interface, or a larger macBudget when the network cards filter more MAC addresses';
      const problem = `is one of ${many} on parent interface ${parent}, whose MAC budget is ${addresses}`;
      const last = claimants[claimants.length - 1]!;
      if (isLimit) this.note(last, 'mode.link.parentInterface', last.spec.macvlan.master, problem, accepted);
      else {
        warnings.push(
          `${this.cluster}: ${many} share parent interface ${parent}, whose MAC budget is ${addresses}: ` +
            'a node that runs more falls back to filtering in software',
        );
      }
    }
    return warnings;
  }

  private enterAddresses(claimant: Claimant): boolean {
    let isTaken = false;
    claimant.spec.addresses.forEach(({ cidr }, index) => {
      const earlier = claim(this.addresses, `${networkOf(claimant)} ${cidr.address.text}`, claimant);
      if (earlier === undefined) {
        this.warnOfUnnamedParent(claimant, cidr.address.text);
        return;
      }
      isTaken = true;
      const accepted = `an address that no other router of ${this.cluster} reserves on parent interface ${networkOf(claimant)}`;
      this.note(claimant, `addresses[${index}].ip`, cidr.text, `is also reserved by [${earlier.path}]`, accepted);
    });
    return isTaken;
  }

  /** A router does not forward for the LAN, so one with the address of the LAN's gateway takes the LAN down. */
  public checkGateways(claimant: Claimant): void {
    claimant.spec.addresses.forEach(({ gateway }, index) => {
      const holder = gateway && this.addresses.get(`${networkOf(claimant)} ${gateway.text}`);
      if (holder === undefined) return;
      const accepted = `a gateway whose address no router of ${this.cluster} reserves on parent interface ${networkOf(claimant)}`;
      this.note(claimant, `addresses[${index}].gateway`, gateway?.text, `is reserved by [${holder.path}]`, accepted);
    });
  }

  /** A router as the server of another: it forwards its own ports only, and to the servers of its rules. */
  public checkDestinations(claimant: Claimant): void {
    const { rules, fallback } = claimant.spec;
    for (const [index, { destination, host }] of rules.entries()) {
      this.checkDestination(claimant, host ?? pathOf(claimant, `redirectRules[${index}]`), destination);
    }
    if (fallback !== undefined) this.checkDestination(claimant, pathOf(claimant, 'fallbackIp'), fallback);
  }

  /** A router answers no questions, whichever network it is on. */
  public checkDnsServers(claimant: Claimant): void {
    for (const [index, { text }] of (claimant.spec.resolver?.servers ?? []).entries()) {
      const holder = this.addressesAnywhere.get(text);
      if (holder === undefined || holder === claimant) continue;
      const problem = `is the reserved address of [${holder.path}], which answers no question`;
      this.note(claimant, `mode.resolver.servers[${index}]`, text, problem, 'the IP address of a DNS server');
    }
  }

  private checkDestination(claimant: Claimant, field: string, { text }: IpAddress): void {
    const holder = this.addresses.get(`${networkOf(claimant)} ${text}`);
    if (holder === undefined || holder === claimant) return;
    this.warnings.push(
      `${this.cluster}: [${claimant.path}] ${field} leads to ${text}, the reserved address of [${holder.path}], which answers on net1 to nothing`,
    );
  }

  /** An unnamed interface may be the one that another router names. */
  private warnOfUnnamedParent(claimant: Claimant, address: string): void {
    const other = claim(this.addressesAnywhere, address, claimant);
    if (other === undefined || ![networkOf(other), networkOf(claimant)].includes(DEFAULT_NETWORK)) return;
    this.warnings.push(
      `${this.cluster}: ${address} is reserved by [${other.path}] on parent interface ${networkOf(other)} and by [${claimant.path}] on ` +
        `${networkOf(claimant)}: if that is one interface, two routers hold one address; name the interface in both`,
    );
  }

  private enterMacAddress(claimant: Claimant): void {
    for (const key of ['macAddress', 'standbyMacAddress'] as const) {
      const mac = claimant.spec[key];
      if (mac === undefined) continue;
      const earlier = claim(this.macAddresses, `${networkOf(claimant)} ${mac}`, claimant);
      // One that a router has twice has an issue of its own.
      if (earlier === undefined || earlier === claimant) continue;
      const accepted = `a MAC address that no other router of ${this.cluster} has on parent interface ${networkOf(claimant)}`;
      const isOfStandby = earlier.spec.standbyMacAddress === mac;
      const problem = `is also the MAC address of ${isOfStandby ? 'the standby of ' : ''}[${earlier.path}]`;
      this.note(claimant, `mode.link.${key}`, mac, problem, accepted);
    }
  }

  /** The operator's label and names are fixed, so two routers of a namespace would be the same objects. */
  private enterOperatorNamespace(claimant: Claimant): boolean {
    const { mode, operatorNames } = claimant.spec;
    if (mode !== RouterModeKind.OPERATOR && !operatorNames) return false;
    const earlier = claim(this.operatorNamespaces, namespaceOf(claimant), claimant);
    if (earlier === undefined) return false;
    const accepted =
      "one router a namespace with the operator's names; others in namespaces of their own, or standalone without operatorNames";
    const problem = `already holds [${earlier.path}], whose objects have the operator's fixed names and label too`;
    this.note(claimant, 'metadata.namespace', claimant.spec.namespace, problem, accepted);
    return true;
  }

  private enterObjects(claimant: Claimant): void {
    for (const object of claimant.objects) {
      const earlier = claim(this.objects, `${namespaceOf(claimant)} ${object}`, claimant);
      if (earlier === undefined) continue;
      const accepted = `a name whose objects no other router of ${this.cluster} has in namespace ${namespaceOf(claimant)}`;
      this.note(
        claimant,
        'metadata.name',
        claimant.spec.name,
        `makes ${object}, which [${earlier.path}] makes too`,
        accepted,
      );
      return;
    }
  }

  /** On a cluster with the operator, every node has an executable `egress-router` that is not ours. */
  public checkPlugins(): void {
    if (this.operatorRouter === undefined) return;
    const problem = `is also the operator's own executable, which [${this.operatorRouter.path}] runs with`;
    const accepted = 'another name for the plugin of standalone routers on this cluster';
    for (const claimant of this.defaultPluginRouters) {
      this.note(claimant, 'mode.pluginName', claimant.spec.pluginName, problem, accepted);
    }
  }

  /** A node port is one of every node, and a cluster IP is one of the cluster's Service network. */
  private enterReservations(claimant: Claimant): void {
    for (const reservation of claimant.reservations ?? []) {
      const earlier = claim(this.reservations, reservation, claimant);
      if (earlier === undefined || earlier === claimant) continue;
      const problem = `is also asked for by the Service of [${earlier.path}]`;
      this.note(claimant, 'service', reservation, problem, `one that no other router of ${this.cluster} asks for`);
    }
  }

  /** Two sizes of one subnet: one of the prefix lengths is a mistake, and some neighbours are unreachable. */
  private enterSubnets(claimant: Claimant): void {
    for (const { cidr } of claimant.spec.addresses) {
      const key = `${networkOf(claimant)} ${cidr.prefixLength} ${networkAddress(cidr).text}`;
      if (claim(this.subnets, key, claimant) !== undefined) continue;
      const other = [...this.subnets.values()].find(
        (earlier) => isOnSameLan(earlier, claimant) && differsFrom(earlier, cidr),
      );
      if (other === undefined) continue;
      this.warnings.push(
        `${this.cluster}: [${claimant.path}] has ${cidr.text} and [${other.path}] has another prefix length in the same subnet of parent interface ${networkOf(claimant)}: one of them is wrong`,
      );
    }
  }

  private enterPlugin(claimant: Claimant): void {
    if (claimant.spec.mode === RouterModeKind.OPERATOR) this.operatorRouter ??= claimant;
    else if (claimant.spec.pluginName === DEFAULT_PLUGIN_NAME) this.defaultPluginRouters.push(claimant);
  }

  private enterParent(claimant: Claimant): void {
    const parent = networkOf(claimant);
    const others = this.parents.get(parent);
    if (others === undefined) {
      this.parents.set(parent, [claimant]);
      return;
    }
    const passthru = [...others.slice(0, 1), claimant].find(({ spec }) => spec.macvlan.mode === 'passthru');
    if (passthru !== undefined) {
      const problem = `is also the parent interface of [${others[0]!.path}], and [${passthru.path}] takes it whole in passthru mode`;
      this.note(
        claimant,
        'mode.link.parentInterface',
        parent,
        problem,
        'a parent interface of its own for a router in passthru mode',
      );
    }
    others.push(claimant);
  }

  private note(claimant: Claimant, path: string, value: unknown, problem: string, accepted: string): void {
    addTo(this.issues, claimant.path, { path: pathOf(claimant, path), value, problem, accepted });
  }
}

function pathOf(claimant: Claimant, prop: string): string {
  return claimant.pathOf?.(prop) ?? prop;
}

/** Returns the earlier claimant of a key, or registers this one. */
function claim(table: Map<string, Claimant>, key: string, claimant: Claimant): Claimant | undefined {
  const holder = table.get(key);
  if (holder === undefined) table.set(key, claimant);
  return holder;
}

function isOnSameLan(one: Claimant, other: Claimant): boolean {
  return networkOf(one) === networkOf(other);
}

/** Whether a claimant has an address whose subnet overlaps with this one and has another size. */
function differsFrom({ spec }: Claimant, subnet: Cidr): boolean {
  return spec.addresses.some(
    ({ cidr }) =>
      cidr.prefixLength !== subnet.prefixLength && (contains(cidr, subnet.address) || contains(subnet, cidr.address)),
  );
}

/** The parent interface of routers that do not name one, in messages. */
const DEFAULT_NETWORK = "(the default route's)";

/** The operator does not pass the parent interface on: all its routers are on the default one. */
function networkOf({ spec }: Claimant): string {
  const master = spec.mode === RouterModeKind.OPERATOR ? undefined : spec.macvlan.master;
  return master ?? DEFAULT_NETWORK;
}

function namespaceOf({ spec }: Claimant): string {
  return spec.namespace ?? '(the current one)';
}
