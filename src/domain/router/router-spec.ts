import type { Field, Located } from '../input/decoder';
import { withoutUndefined } from '../input/without-undefined';
import { type IpAddress, readIpAddress } from '../values/ip-address';
import { readLabel, readServiceName, readSubdomain } from '../values/kubernetes-name';
import { deriveMacAddress, type MacAddress, readMacAddress } from '../values/mac-address';
import { DEFAULT_MACVLAN, type Macvlan, readMacvlan } from '../values/macvlan';
import { checkAnnotations } from '../values/object-metadata';
import { DEFAULT_PLUGIN_NAME, readPluginName } from '../values/plugin-name';
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
import { checkServicePorts, type ServicePortContext } from './service-ports';

/** Who turns a router's declaration into the objects that run it. */
export enum Provisioning {
  /** OKD's and OpenShift's Cluster Network Operator, from an `EgressRouter` resource. */
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
  readonly provisioning: Provisioning;
  readonly platform?: Platform;
  readonly addresses: readonly ReservedAddress[];
  readonly rules: readonly RedirectRule[];
  readonly fallback?: IpAddress;
  readonly macvlan: Macvlan;
  /** The MAC of net1. Absent in operator mode: the operator's plugin draws one whenever the pod starts. */
  readonly macAddress?: MacAddress;
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
}

/**
 * Reads a router from the members of a construct's props. Notes every issue; what operator mode cannot express is
 * a check of its own (`refuseBeyondOperator`).
 */
export function readRouterSpec(props: Field, context: RouterSpecContext): RouterSpec | undefined {
  const readName = context.hasService ? readServiceName : readSubdomain;
  const name = readName(context.name ?? props.member('metadata').member('name'));
  const namespace = props.member('metadata').member('namespace').optional(readLabel);
  readMode(props.member('mode'));
  const provisioning =
    props.member('provisioning').optional((field) => field.word(Object.values(Provisioning))) ?? Provisioning.OPERATOR;
  const isStandalone = provisioning === Provisioning.STANDALONE;
  const platform = props.member('platform').optional(readPlatform);
  const options = isStandalone
    ? { healthPort: DEFAULT_HEALTH_PORT, ...readOptions(props, readUnprivilegedPort) }
    : DEFAULT_OPTIONS;
  const { healthPort } = options;
  const { addresses, areComplete, rules, fallback } = readTraffic(props, healthPort);
  // The operator's plugin does not read the fallback: nothing listens on its ports.
  const hasFallback = fallback !== undefined && isStandalone;
  const service = context.hasService ? readService(props, { rules, hasFallback, healthPort }) : undefined;
  const { macvlan, macAddress } = readAttachment(props, addresses, isStandalone);
  const pluginName = props.member('pluginName').optional(readPluginName) ?? DEFAULT_PLUGIN_NAME;
  const operatorNames = props.member('operatorNames').optional((field) => field.flag()) ?? false;
  if (name === undefined || !areComplete) return undefined;
  const reserved = addresses.map(({ value }) => value);
  const derive = () => deriveMacAddress(reserved.map(({ cidr }) => cidr.address));
  return {
    name,
    namespace,
    serviceName: service ?? name,
    provisioning,
    platform,
    addresses: reserved,
    rules: rules.map(({ value }) => value),
    fallback: fallback?.value,
    macvlan,
    macAddress: isStandalone ? (macAddress ?? derive()) : undefined,
    pluginName,
    options,
    operatorNames,
  };
}

/** The router's process runs without privilege, and not every container runtime lets it listen below 1024. */
function readUnprivilegedPort(field: Field): number | undefined {
  return field.integer(1024, 65535, 'an unprivileged port number');
}

interface Traffic extends ReservedAddresses {
  readonly rules: readonly LocatedRule[];
  readonly fallback: Located<IpAddress> | undefined;
}

/** What comes in and where it goes. */
function readTraffic(props: Field, healthPort: number | undefined): Traffic {
  const { addresses, areComplete } = readAddresses(props.member('addresses'));
  const [rulesField, fallbackField] = [props.member('redirectRules'), props.member('fallbackIp')];
  const rules = readRules(rulesField);
  const fallback = readFallback(fallbackField);
  const fallbacks = fallback === undefined ? [] : [fallback];
  refuseNothingToRedirect(rulesField, fallbackField);
  checkRedirectTable({ addresses, areComplete, rules, fallbacks, healthPort });
  return { addresses, areComplete, rules, fallback };
}

/** How the router is attached to the network outside. */
function readAttachment(props: Field, addresses: readonly Located<ReservedAddress>[], isStandalone: boolean) {
  const macvlan = readNetworkInterface(props.member('networkInterface'));
  const macAddress = props.member('macAddress').optional(readMacAddress);
  checkMtu(props.member('networkInterface').member('macvlan').member('mtu'), macvlan, addresses);
  if (macvlan.mode === 'passthru' && isStandalone) checkPassthru(props, macvlan);
  return { macvlan, macAddress };
}

/** Returns the Service's name, when it has one of its own. */
function readService(props: Field, context: Omit<ServicePortContext, 'hasNodePorts'>): string | undefined {
  const field = props.member('service');
  if (field.isPresent && !field.isObjectOf(['name', 'type', 'ports', 'annotations'])) return undefined;
  const type = field.member('type').optional((member) => member.word(['ClusterIP', 'NodePort', 'LoadBalancer']));
  checkAnnotations(field.member('annotations'));
  checkServicePorts(props, { ...context, hasNodePorts: type === 'NodePort' || type === 'LoadBalancer' });
  return field.member('name').optional(readServiceName);
}

/** Redirect is the only mode. The two others that OpenShift's SDN router had are refused by their names. */
function readMode(field: Field): void {
  const mode = typeof field.value === 'string' ? field.value : '';
  if (!field.isPresent || mode.toLowerCase() === 'redirect') return;
  const other = /(http|dns)/i.exec(mode)?.[1]?.toUpperCase();
  const known = `is the ${other}-proxy mode of OpenShift's SDN router, which is not supported`;
  field.refuse(other === undefined ? 'is not known' : known, 'Redirect');
}

function readAddresses(list: Field): ReservedAddresses {
  const accepted = 'a list of one { ip, gateway } for each address family in use';
  const fields = list.someElements(accepted);
  let areComplete = fields.length > 0;
  const addresses: Located<ReservedAddress>[] = [];
  for (const field of fields) {
    const cidr = field.isObjectOf(['ip', 'gateway']) ? readReservedCidr(field.member('ip')) : undefined;
    const gatewayField = field.member('gateway');
    const gateway = cidr && gatewayField.optional((member) => readGateway(member, cidr));
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

function readNetworkInterface(field: Field): Macvlan {
  if (!field.isPresent || !field.isObjectOf(['macvlan'])) return DEFAULT_MACVLAN;
  return field.member('macvlan').optional(readMacvlan) ?? DEFAULT_MACVLAN;
}

/**
 * A passthru macvlan writes its MAC onto the parent interface itself, so the parent must be named (the default is
 * the node's own interface) and the MAC chosen by somebody who knows that.
 */
function checkPassthru(props: Field, macvlan: Macvlan): void {
  const parent = props.member('networkInterface').member('macvlan').member('master');
  const accepted = "the name of an interface that carries neither the node's address nor its default route";
  if (macvlan.master === undefined)
    parent.refuse('must be named in passthru mode, which takes the whole parent interface', accepted);
  const mac = props.member('macAddress');
  if (!mac.isPresent)
    mac.refuse('must be given in passthru mode, which writes it onto the parent interface', 'a unicast MAC address');
}
