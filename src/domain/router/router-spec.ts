import { withoutUndefined } from '../input/collections';
import type { Field, Located } from '../input/decoder';
import { type IpAddress, parseIpAddress, readIpAddress } from '../values/ip-address';
import { readLabel, readServiceName, readSubdomain } from '../values/kubernetes-name';
import { deriveMacAddress, type MacAddress, readMacAddress } from '../values/mac-address';
import { DEFAULT_MACVLAN, type Macvlan, readMacvlan, readMacvlanMembers } from '../values/macvlan';
import { DEFAULT_PLUGIN_NAME, readPluginName } from '../values/plugin-name';
import type { ClusterNetwork } from './cluster-network';
import type { ConnectionTimeouts } from './connection-timeouts';
import { type DeclaredHost, readDeclaredHosts } from './declared-host';
import { type Names, readNames } from './declared-names';
import { hasStandby, readStandby } from './declared-standby';
import { checkNames, type NameResolver } from './name-resolver';
import { ROUTER_LABELS } from './object-names';
import { type Platform, readPlatform } from './platform';
import { type LocatedRule, type RedirectRule, readRedirectRule } from './redirect-rule';
import { checkRedirectTable, refuseNothingToRedirect } from './redirect-table';
import {
  checkMtu,
  type ReservedAddress,
  type ReservedAddresses,
  readGateway,
  readReservedCidr,
  refuseSecondOfFamily,
} from './reserved-address';
import { DEFAULT_HEALTH_PORT, DEFAULT_OPTIONS, type RouterOptions, readOptions } from './router-options';
import { readServiceOptions, SERVICE_KEYS } from './service-options';
import { checkServicePorts, type ServicePortContext } from './service-ports';

/** Who makes the objects that run a router. */
export enum RouterModeKind {
  /** The Cluster Network Operator of OKD and OpenShift, from an `EgressRouter` resource. */
  OPERATOR = 'operator',
  /** This library, at synth time. Works on any cluster with Multus. */
  STANDALONE = 'standalone',
}

/** A router as declared: decoded, complete, consistent in itself. */
export interface RouterSpec {
  readonly name: string;
  /** Absent: whatever namespace the manifests are applied to. */
  readonly namespace?: string;
  readonly serviceName: string;
  readonly mode: RouterModeKind;
  readonly platform?: Platform;
  readonly addresses: readonly ReservedAddress[];
  /** The redirect rules, then those that the hosts stand for. */
  readonly rules: readonly RedirectRule[];
  readonly hosts: readonly DeclaredHost[];
  /** Resolves the hosts without addresses; absent where nothing resolves names. */
  readonly resolver?: NameResolver;
  readonly fallback?: IpAddress;
  readonly macvlan: Macvlan;
  /** The MAC address of net1. Absent in operator mode: the operator's plugin draws one at every start of the pod. */
  readonly macAddress?: MacAddress;
  /** The MAC address of whichever pod of a pair has not the address. Absent without a standby. */
  readonly standbyMacAddress?: MacAddress;
  readonly pluginName: string;
  readonly options: RouterOptions;
  /** Whether the objects carry the names and the label of the operator's. */
  readonly operatorNames: boolean;
}

export interface RouterSpecContext {
  /** Where the name stands, when that is not `metadata.name`. */
  readonly name?: Field;
  /** Whether the router has a Service, whose ports are to be checked. */
  readonly hasService: boolean;
  /** Whether a router with neither a rule nor a fallback is refused; absent: it is. */
  readonly needsRules?: boolean;
  /** Ports of the Service beside those of its options. */
  readonly boundPorts?: readonly Field[];
  /** Whether an address was refused before: then nothing is compared with the addresses. */
  readonly hasRefusedAddress?: boolean;
  /** Reader of the connection timeouts, where they are not numbers of seconds. */
  readonly readTimeouts?: (field: Field) => ConnectionTimeouts | undefined;
  /** Converts a host's name in Unicode to ASCII; absent: such a name is refused. */
  readonly toAscii?: (text: string) => string;
  /** The cluster's networks; absent: not known. */
  readonly networks?: readonly ClusterNetwork[];
  /** The custom resource's field, when it is not an option of the mode. */
  readonly networkInterface?: Field;
}

/**
 * Reads a router from the members of a construct's props: what both modes have, and under `mode` what belongs to one.
 * Notes every issue; `refuseBeyondOperator` checks separately what operator mode cannot express.
 */
export function readRouterSpec(props: Field, context: RouterSpecContext): RouterSpec | undefined {
  const readName = context.hasService ? readServiceName : readSubdomain;
  const name = readName(context.name ?? props.member('metadata').member('name'));
  const namespace = props.member('metadata').member('namespace').optional(readLabel);
  const modeField = props.member('mode');
  const mode =
    modeField.member('kind').optional((field) => field.word(Object.values(RouterModeKind))) ?? RouterModeKind.OPERATOR;
  const isStandalone = mode === RouterModeKind.STANDALONE;
  const platform = props.member('platform').optional(readPlatform);
  const options = isStandalone
    ? { healthPort: DEFAULT_HEALTH_PORT, ...readOptions(modeField, readUnprivilegedPort, context.readTimeouts) }
    : DEFAULT_OPTIONS;
  const { healthPort } = options;
  const isPair = isStandalone && hasStandby(modeField);
  const names = readNames(modeField, isStandalone, options.liveRules, context.networks);
  const { addresses, areComplete, rules, hosts, fallback } = readTraffic(
    props,
    { name, healthPort, names, isPair },
    context,
  );
  // The operator's plugin does not read the fallback: nothing listens on its ports.
  const hasFallback = fallback !== undefined && isStandalone;
  const service = context.hasService
    ? readService(props, { rules, hasFallback, healthPort, boundPorts: context.boundPorts })
    : undefined;
  const networkInterface = context.networkInterface ?? modeField.member('networkInterface');
  const attachment = isStandalone
    ? readAttachment(modeField, networkInterface, addresses)
    : { macvlan: readNetworkInterface(networkInterface) };
  const pluginName = modeField.member('pluginName').optional(readPluginName) ?? DEFAULT_PLUGIN_NAME;
  const operatorNames = modeField.member('operatorNames').optional((field) => field.flag()) ?? false;
  if (name === undefined || !areComplete) return undefined;
  const reserved = addresses.map(({ value }) => value);
  return {
    name,
    namespace,
    serviceName: service ?? name,
    mode,
    platform,
    addresses: reserved,
    rules: rules.map(({ value }) => value),
    hosts,
    resolver: names.resolver?.value,
    fallback: fallback?.value,
    ...attachment,
    pluginName,
    options,
    operatorNames,
  };
}

/** The router's process runs without privilege, and not every container runtime lets it listen below 1024. */
export function readUnprivilegedPort(field: Field): number | undefined {
  return field.integer(1024, 65535, 'an unprivileged port number');
}

interface Traffic extends ReservedAddresses {
  readonly rules: readonly LocatedRule[];
  readonly hosts: readonly DeclaredHost[];
  readonly fallback: Located<IpAddress> | undefined;
}

interface TrafficParts {
  readonly name: string | undefined;
  readonly healthPort: number | undefined;
  readonly names: Names;
  readonly isPair: boolean;
}

/** What comes in and where it goes. */
function readTraffic(
  props: Field,
  { name: router, healthPort, names, isPair }: TrafficParts,
  context: RouterSpecContext,
): Traffic {
  const { hasRefusedAddress = false, needsRules = true } = context;
  const { addresses, areComplete: areRead } = readAddresses(props.member('addresses'));
  const areComplete = areRead && !hasRefusedAddress;
  const [rulesField, fallbackField] = [props.member('redirectRules'), props.member('fallbackIp')];
  const ofRules = readRules(rulesField);
  const serviceName = ownServiceName(props) ?? router;
  const { toAscii } = context;
  const ofHosts = readDeclaredHosts(props.member('hosts'), {
    router,
    serviceName,
    ...ownClusterIp(props.member('service').member('clusterIp')),
    rules: ofRules,
    healthPort,
    lacksForNames: names.lacking,
    toAscii,
  });
  const { resolver } = names;
  if (resolver !== undefined && addresses.length > 0) checkNames(resolver, ofHosts.allowedCidrs, addresses);
  const rules = [...ofRules, ...ofHosts.rules];
  const fallback = readFallback(fallbackField);
  const fallbacks = fallback === undefined ? [] : [fallback];
  if (needsRules) refuseNothingToRedirect(rulesField, props.member('hosts'), fallbackField);
  checkRedirectTable({ addresses, areComplete, rules, fallbacks, healthPort, isPair });
  return { addresses, areComplete, rules, hosts: ofHosts.hosts, fallback };
}

/** The cluster IP of the router's Service; what is wrong with it, the options of the Service say. */
function ownClusterIp(field: Field): { readonly clusterIp?: Located<IpAddress> } {
  const value = typeof field.value === 'string' ? parseIpAddress(field.value) : '';
  return typeof value === 'string' ? {} : { clusterIp: { value, field } };
}

/** The name of the Service, where it has one of its own; unchecked. */
function ownServiceName(props: Field): string | undefined {
  const { value } = props.member('service').member('name');
  return typeof value === 'string' ? value : undefined;
}

/** How a standalone router is attached to the LAN: by its link, and with the MAC addresses of its pods. */
function readAttachment(
  mode: Field,
  networkInterface: Field,
  addresses: readonly Located<ReservedAddress>[],
): Pick<RouterSpec, 'macvlan' | 'macAddress' | 'standbyMacAddress'> {
  const link = mode.member('link');
  const macvlan = link.isPresent ? (readLink(link) ?? DEFAULT_MACVLAN) : readNetworkInterface(networkInterface);
  checkMtu(link.member('mtu'), macvlan, addresses);
  if (link.isPresent && macvlan.mode === 'passthru') checkPassthru(link, macvlan);
  const given = link.member('macAddress');
  const isDerived = !given.isPresent && addresses.length > 0;
  const macAddress = isDerived
    ? deriveMacAddress(addresses.map(({ value }) => value.cidr.address))
    : given.optional(readMacAddress);
  const standbyMacAddress = readStandby(mode, { macvlan, macAddress, addresses });
  return { macvlan, macAddress, ...(standbyMacAddress === undefined ? {} : { standbyMacAddress }) };
}

const LINK_KEYS = ['mode', 'parentInterface', 'mtu', 'macAddress', 'standbyMacAddress'];

/** A link of the constructs names the parent interface by what it is; the plugin's configuration calls it `master`. */
export function readLink(link: Field): Macvlan | undefined {
  if (!link.isObjectOf(LINK_KEYS)) return undefined;
  return readMacvlanMembers({
    mode: link.member('mode'),
    master: link.member('parentInterface'),
    mtu: link.member('mtu'),
  });
}

/** Returns the Service's name, when it has one of its own. */
function readService(props: Field, context: Omit<ServicePortContext, 'hasNodePorts'>): string | undefined {
  const field = props.member('service');
  if (field.isPresent && !field.isObjectOf(SERVICE_KEYS)) return undefined;
  const type = readServiceOptions(field, ROUTER_LABELS);
  checkServicePorts(props, { ...context, hasNodePorts: type === 'NodePort' || type === 'LoadBalancer' });
  return field.member('name').optional(readServiceName);
}

function readAddresses(list: Field): ReservedAddresses {
  const accepted = 'a list of one { ip, gateway } for each address family in use';
  const fields = list.someElements(accepted);
  let areComplete = fields.length > 0;
  const addresses: Located<ReservedAddress>[] = [];
  for (const field of fields) {
    const cidr = field.isObjectOf(['ip', 'gateway']) ? readReservedCidr(field.member('ip')) : undefined;
    const gatewayField = field.member('gateway');
    // Of a refused address the subnet is unknown, but a gateway has to be an address in any case.
    const gateway = gatewayField.optional((member) => (cidr ? readGateway(member, cidr) : readIpAddress(member)));
    areComplete &&= cidr !== undefined && gatewayField.isPresent === (gateway !== undefined);
    if (cidr !== undefined) addresses.push({ value: withoutUndefined({ cidr, gateway }), field: field.member('ip') });
  }
  refuseSecondOfFamily(addresses);
  return { addresses, areComplete };
}

function readRules(list: Field) {
  if (!list.isPresent) return [];
  const fields = list.elements('a list of { port, protocol, destinationIp, targetPort }');
  return fields.flatMap((field) => readRedirectRule(field) ?? []);
}

function readFallback(field: Field): Located<IpAddress> | undefined {
  const value = field.optional((present) => readIpAddress(present));
  return value && { value, field };
}

export function readNetworkInterface(field: Field): Macvlan {
  if (!field.isPresent || !field.isObjectOf(['macvlan'])) return DEFAULT_MACVLAN;
  return field.member('macvlan').optional(readMacvlan) ?? DEFAULT_MACVLAN;
}

/**
 * A passthru macvlan writes its MAC address onto the parent interface itself, so the parent must be named (the default
 * is the node's own interface) and the MAC address given on purpose.
 */
function checkPassthru(link: Field, macvlan: Macvlan): void {
  const parent = link.member('parentInterface');
  const accepted = "the name of an interface that carries neither the node's address nor its default route";
  if (macvlan.master === undefined)
    parent.refuse('must be named in passthru mode, which takes the whole parent interface', accepted);
  const mac = link.member('macAddress');
  if (!mac.isPresent)
    mac.refuse('must be given in passthru mode, which writes it onto the parent interface', 'a unicast MAC address');
}
