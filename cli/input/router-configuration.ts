import { ConfigError } from '../../src/domain/input/issue';
import { valueText } from '../../src/domain/input/value-text';
import { decodeNetworkConfig, type NetworkConfig } from '../../src/domain/router/network-config';
import { NAME_LABEL, NAME_LABEL_VALUE, OPERATOR_NAMES } from '../../src/domain/router/object-names';
import { DEFAULT_PLUGIN_NAME } from '../../src/domain/values/plugin-name';
import { InputError } from './input-error';
import { type KubernetesObject, member, record, records } from './kubernetes-object';

type Json = Readonly<Record<string, unknown>>;

/** The content of a NetworkAttachmentDefinition: a router, or the name of another plugin. */
export type AttachedPlugin = { readonly router: NetworkConfig } | { readonly foreign: string };

/** @throws InputError with every issue, for a router whose configuration the plugin would reject */
export function attachedPlugin(definition: KubernetesObject): AttachedPlugin {
  const text = member(definition.body, 'spec', 'config');
  // Without a config, Multus uses the file of that name in the node's CNI directory.
  if (text === undefined || text === '') return { foreign: 'the configuration on the node' };
  const whole = parse(text, definition.place);
  const plugins = Array.isArray(whole.plugins) ? records(whole.plugins) : [whole];
  const own = plugins.find((plugin) => isRouter(plugin, definition));
  if (own === undefined) return { foreign: plugins.map(({ type }) => pluginText(type)).join(', ') || 'none' };
  // The runtime passes the list's name and version on to each plugin.
  const { name = own.name, cniVersion = own.cniVersion } = whole;
  return { router: decode({ ...own, name, cniVersion }, `${definition.place}: spec.config`) };
}

/** @throws InputError with every issue */
export function bareRouter(configuration: Json, place: string): AttachedPlugin {
  const isOurs = isRouter(configuration, undefined);
  return isOurs ? { router: decode(configuration, place) } : { foreign: pluginText(configuration.type) };
}

/**
 * The configuration that the Cluster Network Operator renders from an EgressRouter resource. It ignores
 * `networkInterface`.
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

/** Paths of the resource by paths of the configuration: messages name what the user wrote. */
const FIELDS_OF_RESOURCE: readonly (readonly [RegExp, string])[] = [
  [/^ip\.addresses\[(\d+)\]/, 'spec.addresses[$1].ip'],
  [/^ip\.addresses/, 'spec.addresses'],
  [/^ip\.gateways\[(\d+)\]/, 'spec.addresses[$1].gateway'],
  [/^ip\.gateway/, 'spec.addresses[0].gateway'],
  [/^ip\.destinations/, 'spec.redirect.redirectRules'],
  [/^ip\.fallbackIP/, 'spec.redirect.fallbackIP'],
];

/** A redirect rule as the operator's template prints it, or unchanged if it is malformed. */
function wordText(value: unknown): string[] {
  if (value === undefined) return [];
  return [typeof value === 'object' ? JSON.stringify(value) : String(value)];
}

/** The type of another plugin, not checked. */
function pluginText(type: unknown): string {
  if (type === undefined) return 'without a type';
  return typeof type === 'string' && /^[\w.-]+$/.test(type) ? type : valueText(type);
}

/** Recognizes a router by its plugin's name, by this library's labels, or by keys that no other plugin has. */
function isRouter(plugin: Json, definition: KubernetesObject | undefined): boolean {
  const ip = record(plugin.ip);
  return (
    plugin.type === DEFAULT_PLUGIN_NAME ||
    definition?.metadata.labels[NAME_LABEL] === NAME_LABEL_VALUE ||
    (ip !== undefined && Array.isArray(ip.addresses) && Array.isArray(ip.destinations))
  );
}

function parse(text: unknown, place: string): Json {
  try {
    const value = typeof text === 'string' ? record(JSON.parse(text)) : undefined;
    if (value !== undefined) return value;
  } catch {
    // Reported below, as for values that are not objects.
  }
  throw new InputError(
    `${place}: spec.config: ${valueText(text)} is not a JSON object; accepted: the plugin's configuration as JSON text`,
  );
}

/** @param fields paths to report instead, where the configuration was rendered from another object */
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
