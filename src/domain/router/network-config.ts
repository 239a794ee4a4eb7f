import { withoutUndefined } from '../input/collections';
import { Field, type Located } from '../input/decoder';
import { ConfigError, type Issue } from '../input/issue';
import { nearest } from '../input/nearest';
import { type IpAddress, readIpAddress } from '../values/ip-address';
import { readLabel } from '../values/kubernetes-name';
import { deriveMacAddress, type MacAddress, readMacAddress } from '../values/mac-address';
import { DEFAULT_MACVLAN, type Macvlan, readMacvlan } from '../values/macvlan';
import { readNetworkName, readPluginName } from '../values/plugin-name';
import { formatOf, isReadable } from './format-version';
import { readGateways } from './gateways';
import { encodeHost, type Host, type LocatedHosts, readHosts } from './host';
import { checkNames, encodeNameResolver, type NameResolver, readNameResolver } from './name-resolver';
import { checkPair, pairFields } from './pair';
import { destinationEntry, type LocatedRule, type RedirectRule, readDestinationEntry } from './redirect-rule';
import { checkRedirectTable, refuseNothingToRedirect } from './redirect-table';
import {
  checkMtu,
  type ReservedAddress,
  type ReservedAddresses,
  readReservedCidr,
  refuseSecondOfFamily,
} from './reserved-address';
import { encodeOptions, OPTION_KEYS, type RouterOptions, readOptions } from './router-options';

/**
 * The plugin's input, which is also the content of a NetworkAttachmentDefinition: one router, complete and consistent.
 * Written by `encodeNetworkConfig`, read by `decodeNetworkConfig`.
 */
export interface NetworkConfig {
  readonly cniVersion: string;
  /** Name of the network; unique in the cluster, because garbage collection works by network. */
  readonly name: string;
  /** Name of the plugin's executable on the node. */
  readonly type: string;
  /** The only namespace whose pods may use the network; absent: any, as in OKD's format. */
  readonly podNamespace?: string;
  readonly macvlan: Macvlan;
  /** One or two, of different families. */
  readonly addresses: readonly ReservedAddress[];
  /** The rules of destinations, then those that the hosts stand for. */
  readonly rules: readonly RedirectRule[];
  readonly hosts: readonly Host[];
  /** Resolves the names of hosts without addresses; absent: there are none, or only their names are known. */
  readonly resolver?: NameResolver;
  /** Destinations of all other ports; at most one for each family. */
  readonly fallbacks: readonly IpAddress[];
  readonly macAddress: MacAddress;
  /** Of whichever pod of a pair has not the address; absent: the router has one pod. */
  readonly standbyMac?: MacAddress;
  readonly options: RouterOptions;
}

/** CNI specification versions that a configuration may ask for. */
export const CNI_VERSIONS = ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const;

export const IP_KEYS = ['addresses', 'gateway', 'gateways', 'destinations', 'hosts', 'resolver', 'fallbackIP'];

const OWN_KEYS = [
  'formatVersion',
  'podNamespace',
  'interfaceType',
  'interfaceArgs',
  'ip',
  'mac',
  'standbyMac',
  ...OPTION_KEYS,
];

/** Keys of the CNI specification, which must not count as misspelled own keys. */
const CNI_KEYS = [
  'cniVersion',
  'cniVersions',
  'name',
  'type',
  'args',
  'capabilities',
  'runtimeConfig',
  'prevResult',
  'ipam',
  'ipMasq',
  'dns',
];

/**
 * Decodes the plugin's configuration.
 *
 * @param macArgument the `MAC` of the runtime's CNI_ARGS, which overrides `mac`
 * @throws ConfigError with every issue found
 */
export function decodeNetworkConfig(input: unknown, macArgument?: string): NetworkConfig {
  return decode(input, macArgument, { needsRules: true });
}

/**
 * Decodes a configuration that may lack rules and fallback.
 *
 * @throws ConfigError with every issue found
 */
export function decodeConfigWithoutRules(input: unknown): NetworkConfig {
  return decode(input, undefined, { needsRules: false });
}

interface Demands {
  /** Whether a configuration without rules and fallback is an issue. */
  readonly needsRules: boolean;
}

function decode(input: unknown, macArgument: string | undefined, demands: Demands): NetworkConfig {
  const issues: Issue[] = [];
  const config = readNetworkConfig(Field.root(input, issues), macField(macArgument, issues), demands);
  if (config === undefined || issues.length > 0) throw new ConfigError(issues);
  return config;
}

/** The field of `MAC` in the runtime's CNI_ARGS. */
export function macField(macArgument: string | undefined, issues: Issue[]): Field {
  return Field.root(macArgument, issues, 'CNI_ARGS MAC');
}

/**
 * Reads the plugin's configuration for a caller that reads more members of the same input and reports all issues
 * together.
 */
export function readNetworkConfig(
  root: Field,
  macArgument: Field,
  { needsRules }: Demands = { needsRules: true },
): NetworkConfig | undefined {
  if (!root.isObject()) return undefined;
  if (!isReadable(root.member('formatVersion'))) return undefined;
  refuseMisspelled(root);
  const runtime = root.member('runtimeConfig');
  runtime.optional((field) => field.isObject());
  root.member('interfaceType').given((field) => field.word(['macvlan']));
  const ip = root.member('ip');
  ip.isObjectOf(IP_KEYS);
  const options = readOptions(root);
  const { addresses, areComplete } = readAddresses(ip, runtime.member('ips'));
  const { rules: ofDestinations, fallbacks } = readDestinations(ip);
  const { hosts, rules: ofHosts, resolvedPorts, resolver } = readNames(ip, { needsRules, options, addresses });
  const rules = [...ofDestinations, ...ofHosts];
  const { healthPort } = options;
  if (needsRules) refuseNothingToRedirect(ip.member('destinations'), ip.member('hosts'), ip.member('fallbackIP'));
  const standbyMac = root.member('standbyMac').optional(readMacAddress);
  const isPair = standbyMac !== undefined;
  checkRedirectTable({ addresses, areComplete, rules, resolvedPorts, fallbacks, healthPort, isPair });
  const mac = readMac(root.member('mac'), macArgument, runtime.member('mac'));
  const macAddress =
    mac ?? (addresses.length > 0 ? deriveMacAddress(addresses.map(({ value }) => value.cidr.address)) : undefined);
  const cniVersion = root.member('cniVersion').given((field) => field.word(CNI_VERSIONS)) ?? '0.3.0';
  const name = readNetworkName(root.member('name'));
  const type = readPluginName(root.member('type'));
  const podNamespace = root.member('podNamespace').optional(readLabel);
  const interfaceArgs = root.member('interfaceArgs');
  const macvlan = interfaceArgs.optional(readMacvlan) ?? DEFAULT_MACVLAN;
  checkMtu(interfaceArgs.member('mtu'), macvlan, addresses);
  if (isPair) checkPair(pairFields(root), { macAddress, standbyMac, macvlan, addresses });
  if (macAddress === undefined || name === undefined || type === undefined) return undefined;
  return {
    cniVersion,
    name,
    type,
    ...(podNamespace === undefined ? {} : { podNamespace }),
    macvlan,
    addresses: addresses.map(({ value }) => value),
    rules: rules.map(({ value }) => value),
    hosts,
    ...(resolver === undefined ? {} : { resolver }),
    fallbacks: fallbacks.map(({ value }) => value),
    macAddress,
    ...(isPair ? { standbyMac } : {}),
    options,
  };
}

interface NamesContext extends Demands {
  readonly options: RouterOptions;
  readonly addresses: readonly Located<ReservedAddress>[];
}

/** The hosts, and what resolves those without addresses. */
function readNames(
  ip: Field,
  { needsRules, options, addresses }: NamesContext,
): LocatedHosts & { readonly resolver: NameResolver | undefined } {
  const field = ip.member('resolver');
  const resolver = field.optional((member) => readNameResolver(member));
  if (field.isPresent && !options.liveRules)
    field.refuse(
      "is for the pod's process, which puts addresses in force with liveRules",
      '"liveRules": true beside it',
    );
  const hosts = readHosts(ip.member('hosts'), { needsAddresses: needsRules, hasResolver: field.isPresent });
  if (resolver !== undefined) checkNames(resolver, hosts.allowedCidrs, addresses);
  return { ...hosts, resolver: resolver?.value };
}

/** The last given one wins; all are checked. */
function readMac(configured: Field, argument: Field, capability: Field): MacAddress | undefined {
  const own = configured.optional(readMacAddress);
  const ofArguments = argument.given(readMacAddress);
  return capability.given(readMacAddress) ?? ofArguments ?? own;
}

/** The configuration as a plain object for JSON, without options that have their default. */
export function encodeNetworkConfig(config: NetworkConfig): Record<string, unknown> {
  const { macvlan, options } = config;
  return withoutUndefined({
    cniVersion: config.cniVersion,
    name: config.name,
    type: config.type,
    formatVersion: formatOf(config),
    podNamespace: config.podNamespace,
    interfaceType: 'macvlan',
    interfaceArgs: withoutUndefined({
      mode: macvlan.mode,
      master: macvlan.master,
      mtu: macvlan.mtu === undefined ? undefined : String(macvlan.mtu),
    }),
    mac: config.macAddress,
    standbyMac: config.standbyMac,
    ip: withoutUndefined({
      addresses: config.addresses.map(({ cidr }) => cidr.text),
      ...encodeGateways(config.addresses),
      destinations: [
        ...config.rules.filter(({ host }) => host === undefined).map(destinationEntry),
        ...config.fallbacks.slice(1).map(({ text }) => text),
      ],
      hosts: config.hosts.length === 0 ? undefined : config.hosts.map(encodeHost),
      resolver: config.resolver && encodeNameResolver(config.resolver),
      fallbackIP: config.fallbacks[0]?.text,
    }),
    ...encodeOptions(options),
  });
}

/** One gateway uses the reference implementation's key; two need ours. */
function encodeGateways(addresses: readonly ReservedAddress[]): Record<string, unknown> {
  const gateways = addresses.flatMap(({ gateway }) => (gateway === undefined ? [] : [gateway.text]));
  return gateways.length > 1 ? { gateways } : { gateway: gateways[0] };
}

/** Misplaced and misnamed keys, with their correct paths. */
const MISPLACED = new Map([
  ['macAddress', 'mac'],
  ...['master', 'mode', 'mtu'].map((key) => [key, `interfaceArgs.${key}`] as const),
  ...IP_KEYS.map((key) => [key, `ip.${key}`] as const),
]);

/** A key similar to one of ours is a mistake; CNI allows any other. */
function refuseMisspelled(root: Field): void {
  const own = [...OWN_KEYS, ...CNI_KEYS];
  for (const key of Object.keys(root.value as object)) {
    if (own.includes(key)) continue;
    const hint = MISPLACED.get(key) ?? nearest(key, OWN_KEYS);
    if (hint !== undefined) root.member(key).refuseKey(hint, OWN_KEYS);
  }
}

/** @param ips the runtime's capability of that name, which overrides the configuration's addresses */
function readAddresses(ip: Field, ips: Field): ReservedAddresses {
  const accepted = 'a list of one reserved address of each family in use, such as ["192.168.12.99/24"]';
  const isReplaced = ips.isPresent && !(Array.isArray(ips.value) && ips.value.length === 0);
  const fields = (isReplaced ? ips : ip.member('addresses')).someElements(accepted);
  const cidrs = fields.flatMap((field) => {
    const value = readReservedCidr(field);
    return value === undefined ? [] : [{ value, field }];
  });
  const hasAllCidrs = cidrs.length > 0 && cidrs.length === fields.length;
  const { gateways, areComplete } = readGateways(ip, cidrs, hasAllCidrs);
  const addresses = cidrs.map(({ value: cidr, field }) => ({
    value: withoutUndefined({ cidr, gateway: gateways.get(cidr) }),
    field,
  }));
  refuseSecondOfFamily(addresses);
  return { addresses, areComplete: areComplete && hasAllCidrs };
}

function readDestinations(ip: Field): { rules: LocatedRule[]; fallbacks: Located<IpAddress>[] } {
  const rules: LocatedRule[] = [];
  const fallbacks: Located<IpAddress>[] = [];
  const fallback = ip.member('fallbackIP');
  const value = fallback.given((field) => readIpAddress(field));
  if (value !== undefined) fallbacks.push({ value, field: fallback });
  const list = ip.member('destinations');
  for (const field of list.isPresent ? list.elements('a list of redirect rules') : []) {
    const entry = readDestinationEntry(field);
    if (entry === undefined) continue;
    if ('rule' in entry) rules.push(entry.rule);
    else fallbacks.push(entry.fallback);
  }
  return { rules, fallbacks };
}
