import { Field } from '../../domain/input/decoder';
import { ConfigError, type Issue } from '../../domain/input/issue';
import { type ClusterNetwork, readClusterNetworks } from '../../domain/router/cluster-network';
import { DEFAULT_MAC_BUDGET, type Platform, readPlatform } from '../../domain/router/platform';
import type { ServiceIps } from '../../domain/router/service-ips';
import { checkMode, readMode } from '../effective-mode';
import { RouterMode } from '../router-mode';
import { readSyncWave } from '../sync-wave';
import { dedicatedNetworks, readServiceIpRange, type ServiceIpRange } from './service-ip-range';

/** Properties for `EgressRouterCluster`. */
export interface EgressRouterClusterProps {
  /**
   * Infrastructure that the cluster's nodes run on. A platform that cannot carry a second MAC address is refused, with
   * the reason.
   *
   * @default - not checked
   */
  readonly platform?: Platform;

  /**
   * Mode of the cluster's routers, with the options that they have in common: image, registry credentials, monitoring,
   * failover. A router can add to them and replace them.
   *
   * @default RouterMode.operator()
   */
  readonly mode?: RouterMode;

  /**
   * Networks of the cluster's pods, such as `10.128.0.0/14`. A router with a destination or a reserved address in one
   * of them is refused: packets to the cluster itself do not belong on the LAN.
   *
   * @default - not checked
   */
  readonly podCidrs?: string[];

  /**
   * Networks of the cluster's Services, such as `172.30.0.0/16`. Checked as `podCidrs` are.
   *
   * @default - not checked
   */
  readonly serviceCidrs?: string[];

  /**
   * Range that hosts of routers get the cluster IPs of their Services from, for host aliases.
   *
   * @default - the cluster chooses them, unless a host says its own
   */
  readonly serviceIps?: ServiceIpRange;

  /**
   * MAC addresses that one parent interface is to carry. A node's network card filters that many in hardware; with
   * more, the card falls back to software, or drops packets.
   *
   * @default 64
   * @see https://gitlab.com/qemu-project/qemu/-/blob/master/include/hw/virtio/virtio-net.h
   */
  readonly macBudget?: number;

  /**
   * Whether more routers than the budget are an error rather than a warning.
   *
   * @default false
   */
  readonly enforceMacBudget?: boolean;

  /**
   * Argo CD's sync wave of the routers' objects, unless a router says another.
   *
   * @default - no annotation
   * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
   */
  readonly argoCdSyncWave?: number;

  /**
   * Whether a warning about a router of this cluster ends synth as an error does: for CI, where standard error is not
   * read.
   *
   * @default false
   */
  readonly warningsAsErrors?: boolean;
}

/** Every key of `EgressRouterClusterProps`; the type makes it complete. */
const KEYS: Record<keyof EgressRouterClusterProps, true> = {
  platform: true,
  mode: true,
  podCidrs: true,
  serviceCidrs: true,
  serviceIps: true,
  macBudget: true,
  enforceMacBudget: true,
  argoCdSyncWave: true,
  warningsAsErrors: true,
};

/**
 * One cluster: what its routers have in common, and within which their addresses, MACs and names are unique. An app
 * that holds routers of several clusters has one of these for each.
 *
 * It is a plain value. The same name in one app means the same cluster.
 */
export class EgressRouterCluster {
  /** Name of the cluster, for messages. */
  public readonly name: string;
  /** Infrastructure that the nodes run on, if it is known. */
  public readonly platform?: Platform;
  /** Mode of the routers, with the options that they have in common. */
  public readonly mode: RouterMode;
  /** Networks of the pods, as given. */
  public readonly podCidrs: string[];
  /** Networks of the Services, as given. */
  public readonly serviceCidrs: string[];
  /** Range of the cluster IPs of hosts, as given. */
  public readonly serviceIps?: ServiceIpRange;
  /** MAC addresses that one parent interface is to carry. */
  public readonly macBudget: number;
  /** Whether more routers than the budget are an error. */
  public readonly enforceMacBudget: boolean;
  /** Argo CD's sync wave of the routers' objects, if they have one. */
  public readonly argoCdSyncWave?: number;
  /** Whether a warning ends synth as an error does. */
  public readonly warningsAsErrors: boolean;

  /**
   * The networks of pods and Services, decoded.
   *
   * @internal
   */
  public readonly _networks: readonly ClusterNetwork[];

  /**
   * The range of the cluster IPs of hosts, decoded.
   *
   * @internal
   */
  public readonly _serviceIps?: ServiceIps;

  /**
   * @param name name of the cluster, for messages
   * @param props what the routers have in common
   * @throws an error that names every field that is wrong, its value and what is accepted
   */
  public constructor(name: string, props: EgressRouterClusterProps = {}) {
    const issues: Issue[] = [];
    const root = Field.root(props, issues);
    const isObject = root.isObjectOf(Object.keys(KEYS));
    const given = isObject ? props : {};
    if (typeof name !== 'string' || name.trim() === '') {
      Field.root(name, issues, 'name').refuse('is not a name', 'a name for the cluster, for messages');
    }
    const flag = (key: string) => root.member(key).optional((field) => field.flag()) ?? false;
    this.name = name;
    this.platform = root.member('platform').optional(readPlatform);
    this.mode = root.member('mode').optional(readClusterMode) ?? RouterMode.operator();
    const services = readClusterNetworks(root.member('serviceCidrs'), 'Services');
    const known = [...readClusterNetworks(root.member('podCidrs'), 'pods'), ...services];
    this._serviceIps = root.member('serviceIps').optional((field) => readServiceIpRange(field, known));
    this._networks = services.length === 0 ? known : [...known, ...dedicatedNetworks(this._serviceIps)];
    this.macBudget =
      root.member('macBudget').optional((field) => field.integer(1, 65536, 'a number of MAC addresses')) ??
      DEFAULT_MAC_BUDGET;
    this.enforceMacBudget = flag('enforceMacBudget');
    this.argoCdSyncWave = root.member('argoCdSyncWave').optional(readSyncWave);
    this.warningsAsErrors = flag('warningsAsErrors');
    if (issues.length > 0) throw new ConfigError(issues, `cluster "${name}"`);
    this.podCidrs = [...(given.podCidrs ?? [])];
    this.serviceCidrs = [...(given.serviceCidrs ?? [])];
    if (given.serviceIps != null) this.serviceIps = { ...given.serviceIps };
  }
}

/** Reads the mode of all routers of a cluster. */
function readClusterMode(field: Field): RouterMode | undefined {
  const mode = readMode(field);
  if (mode === undefined) return undefined;
  checkMode(field, mode);
  const ignored = field.withValue(mode.standaloneOptions).member('ignoreDefaults');
  if (ignored.isPresent)
    ignored.refuse('has no defaults to ignore in a cluster', 'ignoreDefaults in the mode of one router');
  const options = mode.standaloneOptions;
  const plain = field.withValue({ link: options?.link?.macvlanOptions, standbyKeySecret: options?.standbyKeySecret });
  const ofOne = [
    plain.member('link').member('macAddress'),
    plain.member('link').member('standbyMacAddress'),
    plain.member('standbyKeySecret'),
  ].filter(({ isPresent }) => isPresent);
  for (const one of ofOne) {
    const key = one.path.split('.').at(-1)!;
    one.refuse(`would be ${OF_ONE[key]} of every router of the cluster`, `a ${key} in the mode of one router`);
  }
  return ofOne.length === 0 ? mode : undefined;
}

/** What one router has of its own. */
const OF_ONE: Readonly<Record<string, string>> = {
  macAddress: 'the MAC address',
  standbyMacAddress: "the standby's MAC address",
  standbyKeySecret: 'the key',
};

/** Whether a value is a cluster, of this copy of the library or of another. */
export function isCluster(value: unknown): value is EgressRouterCluster {
  const cluster = value as Partial<EgressRouterCluster> | undefined | null;
  return typeof cluster?.name === 'string' && typeof cluster.macBudget === 'number' && cluster.mode !== undefined;
}

/** The cluster of routers that name none. */
export const DEFAULT_CLUSTER = new EgressRouterCluster('default');

/** Reads the cluster of a construct: the given one, or that of constructs that name none. */
export function readCluster(field: Field): EgressRouterCluster {
  const { value } = field;
  if (isCluster(value)) return value;
  if (field.isPresent) field.refuse('is not a cluster', 'an EgressRouterCluster');
  return DEFAULT_CLUSTER;
}
