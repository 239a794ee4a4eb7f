import { ConfigError } from '../../src/domain/input/issue';
import { valueText } from '../../src/domain/input/value-text';
import { decodeNetworkConfig, type NetworkConfig } from '../../src/domain/router/network-config';
import { OPERATOR_NAMES } from '../../src/domain/router/operator-names';
import { DEFAULT_PLUGIN_NAME } from '../../src/domain/values/plugin-name';
import { InputError } from './input-error';
import { type KubernetesObject, member, record, records } from './kubernetes-object';

type Json = Readonly<Record<string, unknown>>;

/** What a NetworkAttachmentDefinition asks for: a router of ours, or the plugin of somebody else by its name. */
export type AttachedPlugin = { readonly router: NetworkConfig } | { readonly foreign: string };

/** @throws InputError for a router whose configuration the plugin would refuse, with every issue */
export function attachedPlugin(definition: KubernetesObject): AttachedPlugin {
  const text = member(definition.body, 'spec', 'config');
  // Without one, the file of that name in the node's CNI directory counts.
  if (text === undefined || text === '') return { foreign: 'the configuration on the node' };
  const whole = parse(text, definition.place);
  const plugins = Array.isArray(whole.plugins) ? records(whole.plugins) : [whole];
  const own = plugins.find((plugin) => isRouter(plugin, definition));
  if (own === undefined) return { foreign: plugins.map(({ type }) => pluginText(type)).join(', ') || 'none' };
  // The list's name and version are each plugin's, as the runtime hands them down.
  const { name = own.name, cniVersion = own.cniVersion } = whole;
  return { router: decode({ ...own, name, cniVersion }, `${definition.place}: spec.config`) };
}

/** @throws InputError with every issue */
export function bareRouter(configuration: Json, place: string): AttachedPlugin {
  const isOurs = isRouter(configuration, undefined);
  return isOurs ? { router: decode(configuration, place) } : { foreign: pluginText(configuration.type) };
}

/**
 * What the Cluster Network Operator's template makes of an EgressRouter resource. It leaves `networkInterface` out.
 *
 * @see https://github.com/openshift/cluster-network-operator/blob/master/bindata/egress-router/001-egress-router.yaml
 */
export function operatorConfiguration(resource: KubernetesObject): NetworkConfig {
  const { addresses, redirect } = record(resource.body.spec) ?? {};
  const { redirectRules, fallbackIP } = record(redirect) ?? {};
  const gateways = records(addresses).flatMap(({ gateway }) => (gateway === undefined ? [] : [gateway]));
  const configuration = {
    cniVersion: '0.4.0',
    name: OPERATOR_NAMES.networkAttachmentDefinition,
    type: DEFAULT_PLUGIN_NAME,
    interfaceType: 'macvlan',
    ip: {
      addresses: records(addresses).map(({ ip }) => ip),
      ...(gateways.length > 1 ? { gateways } : { gateway: gateways[0] }),
      destinations: records(redirectRules).map(({ port, protocol, destinationIP, targetPort }) =>
        [port, protocol, destinationIP, targetPort].flatMap(wordText).join(' '),
      ),
      fallbackIP,
    },
  };
  return decode(configuration, resource.place, FIELDS_OF_RESOURCE);
}

/** Where the resource has what the configuration has elsewhere: messages speak of what the user wrote. */
const FIELDS_OF_RESOURCE: readonly (readonly [RegExp, string])[] = [
  [/^ip\.addresses\[(\d+)\]/, 'spec.addresses[$1].ip'],
  [/^ip\.addresses/, 'spec.addresses'],
  [/^ip\.gateways\[(\d+)\]/, 'spec.addresses[$1].gateway'],
  [/^ip\.gateway/, 'spec.addresses[0].gateway'],
  [/^ip\.destinations/, 'spec.redirect.redirectRules'],
  [/^ip\.fallbackIP/, 'spec.redirect.fallbackIP'],
];

/** As the operator's template prints it, but for what has no place there. */
function wordText(value: unknown): string[] {
  if (value === undefined) return [];
  return [typeof value === 'object' ? JSON.stringify(value) : String(value)];
}

/** Somebody else's type, which nobody has checked. */
function pluginText(type: unknown): string {
  if (type === undefined) return 'without a type';
  return typeof type === 'string' && /^[\w.-]+$/.test(type) ? type : valueText(type);
}

/** By its plugin's name, by the labels of this library, or by the keys that no other plugin has. */
function isRouter(plugin: Json, definition: KubernetesObject | undefined): boolean {
  const ip = record(plugin.ip);
  return (
    plugin.type === DEFAULT_PLUGIN_NAME ||
    definition?.metadata.labels['app.kubernetes.io/name'] === 'egress-router' ||
    (ip !== undefined && Array.isArray(ip.addresses) && Array.isArray(ip.destinations))
  );
}

function parse(text: unknown, place: string): Json {
  try {
    const value = typeof text === 'string' ? record(JSON.parse(text)) : undefined;
    if (value !== undefined) return value;
  } catch {
    // Said below, for what is no object as well.
  }
  throw new InputError(
    `${place}: spec.config: ${valueText(text)} is no JSON object; accepted: the text of one, as the plugin gets it`,
  );
}

/** @param fields what issues' paths are called where the configuration was made of something else */
function decode(
  configuration: unknown,
  place: string,
  fields: readonly (readonly [RegExp, string])[] = [],
): NetworkConfig {
  try {
    return decodeNetworkConfig(configuration);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const issues = error.issues.map((issue) => {
      const [pattern, text] = fields.find(([each]) => each.test(issue.path)) ?? [];
      return pattern === undefined ? issue : { ...issue, path: issue.path.replace(pattern, text!) };
    });
    throw new InputError(new ConfigError(issues, place).message);
  }
}
