import { Field } from '../domain/input/decoder';
import { ConfigError, type Issue } from '../domain/input/issue';
import { DEFAULT_MAC_BUDGET, type Platform, readPlatform } from '../domain/router/platform';
import { Provisioning } from '../domain/router/router-spec';
import { readPluginName } from '../domain/values/plugin-name';
import { readImageName } from './image-name';

/** Properties for `EgressRouterCluster`. */
export interface EgressRouterClusterProps {
  /**
   * Where the cluster's nodes run. A platform that cannot carry a second MAC address is refused, with the reason.
   *
   * @default - not checked
   */
  readonly platform?: Platform;

  /**
   * Who makes the objects that run the cluster's routers.
   *
   * @default Provisioning.OPERATOR
   */
  readonly provisioning?: Provisioning;

  /**
   * Name of the CNI plugin that runs standalone routers: the file's name on the nodes. On OKD and OpenShift it must
   * not be `egress-router`, which the operator puts there itself.
   *
   * @default "egress-router"
   */
  readonly pluginName?: string;

  /**
   * Image of standalone routers.
   *
   * @default - every standalone router names its own
   */
  readonly image?: string;

  /**
   * MAC addresses that one parent interface is to carry. A node's network card filters that many in hardware;
   * beyond it falls back to software, or drops some.
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
}

/**
 * One cluster: what its routers have in common, and within which their addresses, MACs and names are unique. An app
 * that holds routers of several clusters has one of these for each.
 *
 * It is a plain value. The same name in one app means the same cluster.
 */
export class EgressRouterCluster {
  /** Name of the cluster, for messages. */
  public readonly name: string;
  /** Where the nodes run, if that is known. */
  public readonly platform?: Platform;
  /** Who makes the objects that run the routers. */
  public readonly provisioning: Provisioning;
  /** Name of the CNI plugin of standalone routers, unless a router says otherwise. */
  public readonly pluginName?: string;
  /** Image of standalone routers, unless a router says otherwise. */
  public readonly image?: string;
  /** MAC addresses that one parent interface is to carry. */
  public readonly macBudget: number;
  /** Whether more routers than the budget are an error. */
  public readonly enforceMacBudget: boolean;

  /**
   * @param name name of the cluster, for messages
   * @param props what the routers have in common
   * @throws an error that names every field that is wrong, its value and what is accepted
   */
  public constructor(name: string, props: EgressRouterClusterProps = {}) {
    const issues: Issue[] = [];
    const root = Field.root(props, issues);
    root.isObjectOf(['platform', 'provisioning', 'pluginName', 'image', 'macBudget', 'enforceMacBudget']);
    if (typeof name !== 'string' || name.trim() === '') {
      issues.push({
        path: 'name',
        value: name,
        problem: 'is no name',
        accepted: 'a name for the cluster, for messages',
      });
    }
    this.name = name;
    this.platform = root.member('platform').optional(readPlatform);
    this.provisioning =
      root.member('provisioning').optional((field) => field.word(Object.values(Provisioning))) ?? Provisioning.OPERATOR;
    this.pluginName = root.member('pluginName').optional(readPluginName);
    this.image = root.member('image').optional((field) => readImageName(field, 'the name of an image'));
    this.macBudget =
      root.member('macBudget').optional((field) => field.integer(1, 65536, 'a number of MAC addresses')) ??
      DEFAULT_MAC_BUDGET;
    this.enforceMacBudget = root.member('enforceMacBudget').optional((field) => field.flag()) ?? false;
    if (issues.length > 0) throw new ConfigError(issues, `cluster "${name}"`);
  }
}

/** Whether a value is a cluster, of this copy of the library or of another. */
function isCluster(value: unknown): value is EgressRouterCluster {
  const cluster = value as Partial<EgressRouterCluster> | undefined | null;
  return (
    typeof cluster?.name === 'string' && typeof cluster.macBudget === 'number' && cluster.provisioning !== undefined
  );
}

/** The cluster of routers that name none. */
export const DEFAULT_CLUSTER = new EgressRouterCluster('default');

/** Reads the cluster of a construct: the given one, or that of those who name none. */
export function readCluster(field: Field): EgressRouterCluster {
  const { value } = field;
  if (isCluster(value)) return value;
  if (field.isPresent) field.refuse('is not a cluster', 'an EgressRouterCluster');
  return DEFAULT_CLUSTER;
}
