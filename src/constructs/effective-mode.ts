import { withoutNullish } from '../domain/input/collections';
import { Field } from '../domain/input/decoder';
import { readNameResolver } from '../domain/router/name-resolver';
import { readOptions } from '../domain/router/router-options';
import { RouterModeKind, readLink, readNetworkInterface, readUnprivilegedPort } from '../domain/router/router-spec';
import { readPluginName } from '../domain/values/plugin-name';
import { OPERATOR_ROUTER_KEYS } from './operator/operator-router-options';
import type { RouterMode } from './router-mode';
import { readIgnoredDefaults, withoutIgnored } from './standalone/cluster-default';
import { readConnectionDurations } from './standalone/connection-timeouts';
import { readContainerOptions } from './standalone/container-options';
import { checkResolver, resolverOptions } from './standalone/dns-resolver';
import { readFailover } from './standalone/failover';
import { readImageName } from './standalone/image-name';
import { readMonitoring } from './standalone/monitoring';
import { readFeatures } from './standalone/router-features';
import { readScheduling } from './standalone/scheduling';
import { STANDALONE_ROUTER_KEYS } from './standalone/standalone-router-options';

/**
 * The mode of a router with its options as one plain object, each option from the router, its network or its cluster.
 */
export interface EffectiveMode {
  readonly kind: RouterModeKind;
  readonly [option: string]: unknown;
}

type Options = Record<string, unknown>;

/** Options that are objects of options: a member that the router leaves out is the cluster's. */
const NESTED = ['link', 'failover', 'scheduling', 'monitoring', 'connectionTimeouts'];

const MODE = 'RouterMode.standalone({ … }) or RouterMode.operator()';

/** Reads the mode of a router or of a cluster. Options are checked by `checkModeKeys` and by the readers of each. */
export function readMode(field: Field): RouterMode | undefined {
  return isMode(field.value) ? field.value : field.refuse(whatIsWrong(field.value), MODE);
}

/** Whether a value is a mode, of this copy of the library or of another. */
export function isMode(value: unknown): value is RouterMode {
  const mode = value as Partial<RouterMode> | null | undefined;
  // A plain object with the options beside `kind` would lose them.
  const isStandalone = mode?.kind === RouterModeKind.STANDALONE && isOptions(mode.standaloneOptions);
  return isStandalone || (mode?.kind === RouterModeKind.OPERATOR && isOptions(mode.operatorOptions));
}

/** The custom resource has a field `mode` too, and OpenShift's SDN router had modes of other names. */
function whatIsWrong(value: unknown): string {
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  if (text === 'redirect') return 'is the mode of the custom resource, which every router has and no prop says';
  const isKind = /^(standalone|operator)$/.test(text);
  return proxyModeProblem(value) ?? `is not a RouterMode${isKind ? ` (did you mean RouterMode.${text}()?)` : ''}`;
}

/** What is wrong with a mode of OpenShift's SDN router; undefined for any other value. */
export function proxyModeProblem(value: unknown): string | undefined {
  const proxy = typeof value === 'string' ? /http|dns/i.exec(value)?.[0].toUpperCase() : undefined;
  return proxy && `is the ${proxy}-proxy mode of OpenShift's SDN router, which is not supported`;
}

/** Notes an issue for each option of a mode that is unknown or wrong by itself. */
export function checkMode(field: Field, mode: RouterMode): void {
  checkModeKeys(field, mode);
  const options = field.withValue(plainOptions(mode));
  if (mode.kind === RouterModeKind.OPERATOR) {
    readNetworkInterface(options.member('networkInterface'));
    return;
  }
  readOptions(options, readUnprivilegedPort, readConnectionDurations);
  options.member('link').optional(readLink);
  options.member('resolver').optional((member) => readNameResolver(member, []));
  readFailover(options.member('failover'));
  readScheduling(options.member('scheduling'));
  readContainerOptions(options);
  readFeatures(options);
  readMonitoring(options.member('monitoring'), []);
  options.member('image').optional(readImageName);
  options.member('pluginName').optional(readPluginName);
  for (const key of ['operatorNames', 'standby']) options.member(key).optional((member) => member.flag());
}

/** Notes an issue for each unknown option of a mode, and for a link that is not one. */
export function checkModeKeys(field: Field, mode: RouterMode): void {
  const options = field.withValue(optionsOf(mode));
  options.isObjectOf(mode.kind === RouterModeKind.STANDALONE ? STANDALONE_ROUTER_KEYS : OPERATOR_ROUTER_KEYS);
  const link = options.member('link');
  if (link.isPresent && linkOptions(link.value) === undefined) link.refuse('is not a Link', 'Link.macvlan({ … })');
  checkResolver(options.member('resolver'));
  readIgnoredDefaults(options.member('ignoreDefaults'));
}

/**
 * A router's mode: its own, or its cluster's. An option of its own wins; then the network's parent interface counts,
 * then the cluster's option.
 */
export function effectiveMode(
  own: RouterMode,
  ofCluster: RouterMode,
  parentInterface: string | undefined,
): EffectiveMode {
  const { kind } = own;
  const options = own === ofCluster ? {} : plainOptions(own);
  const ignored = readIgnoredDefaults(Field.root(options.ignoreDefaults, []));
  const ofAll = withoutIgnored(plainOptions(ofCluster), ignored);
  const defaults = ofCluster.kind === kind ? applicable(ofAll, options) : {};
  const merged = { ...defaults, ...options };
  for (const key of NESTED) {
    const members = [defaults[key], options[key]].filter((one) => one !== undefined);
    if (members.length === 2 && members.every(isOptions))
      merged[key] = Object.assign({}, ...members.map(withoutNullish));
  }
  if (kind === RouterModeKind.STANDALONE)
    return { ...merged, link: withParent(merged, options, parentInterface), kind };
  const ofNetwork = parentInterface === undefined ? undefined : { macvlan: { master: parentInterface } };
  return { networkInterface: options.networkInterface ?? ofNetwork ?? defaults.networkInterface, kind };
}

/** The link, with the network's parent interface unless the router itself names one. */
function withParent(merged: Options, own: Options, parentInterface: string | undefined): object {
  return { ...(merged.link as object), ...withoutNullish({ parentInterface }), ...(own.link as object) };
}

/** The options of a cluster that apply to a router: the interval is for routers with a PodMonitor. */
function applicable(defaults: Options, own: Options): Options {
  const [ofCluster, ofRouter] = [defaults.monitoring, own.monitoring];
  if (!isOptions(ofCluster) || !isOptions(ofRouter) || (ofRouter as Options).podMonitor !== false) return defaults;
  const { scrapeInterval: _, ...monitoring } = ofCluster as Options;
  return { ...defaults, monitoring };
}

function isOptions(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function plainOptions(mode: RouterMode): Options {
  const raw = optionsOf(mode);
  const options = isOptions(raw) ? withoutNullish(raw) : {};
  if (options.link !== undefined) options.link = linkOptions(options.link) ?? {};
  if (options.resolver !== undefined) options.resolver = resolverOptions(options.resolver) ?? {};
  return options;
}

function optionsOf(mode: RouterMode): unknown {
  return (mode.kind === RouterModeKind.STANDALONE ? mode.standaloneOptions : mode.operatorOptions) ?? {};
}

/** The options of a Link, of this copy of the library or of another. */
function linkOptions(link: unknown): object | undefined {
  const options = (link as { readonly macvlanOptions?: unknown } | null | undefined)?.macvlanOptions;
  return typeof options === 'object' && options !== null ? options : undefined;
}
