import { ConfigError } from '../../src/config/issue';
import { decodeNetworkConfig, type NetworkConfig } from '../../src/config/network-config';
import { DEFAULT_PLUGIN_NAME } from '../../src/config/plugin-name';
import { InputError } from './input-error';
import { type KubernetesObject, member, record } from './kubernetes-object';

type Json = Readonly<Record<string, unknown>>;

/** What a NetworkAttachmentDefinition asks for: a router of ours, or the plugin of somebody else by its name. */
export type AttachedPlugin = { readonly router: NetworkConfig } | { readonly foreign: string };

/** @throws InputError for a router whose configuration the plugin would refuse, with every issue */
export function attachedPlugin(definition: KubernetesObject): AttachedPlugin {
  const text = member(definition.body, 'spec', 'config');
  // Without one, the file of that name in the node's CNI directory counts.
  if (text === undefined || text === '') return { foreign: 'the configuration on the node' };
  const whole = parse(text, definition.place);
  const plugins = (Array.isArray(whole.plugins) ? whole.plugins : [whole]).map((plugin) => record(plugin) ?? {});
  const own = plugins.find((plugin) => isRouter(plugin, definition));
  if (own === undefined) return { foreign: plugins.map(({ type }) => String(type)).join(', ') };
  // The list's name and version are each plugin's, as the runtime hands them down.
  const { name = own.name, cniVersion = own.cniVersion } = whole;
  return { router: decode({ ...own, name, cniVersion }, `${definition.place}: spec.config`) };
}

/** @throws InputError with every issue */
export function bareRouter(configuration: Json, place: string): AttachedPlugin {
  const isOurs = isRouter(configuration, undefined);
  return isOurs ? { router: decode(configuration, place) } : { foreign: String(configuration.type) };
}

/**
 * What the Cluster Network Operator's template makes of an EgressRouter resource. It leaves `networkInterface` out.
 *
 * @see https://github.com/openshift/cluster-network-operator/blob/master/bindata/egress-router/001-egress-router.yaml
 */
export function operatorConfiguration(resource: KubernetesObject): NetworkConfig {
  const list = (value: unknown) => (Array.isArray(value) ? value : []) as Json[];
  const { addresses, redirect } = record(resource.body.spec) ?? {};
  const { redirectRules, fallbackIP } = record(redirect) ?? {};
  const gateways = list(addresses).flatMap(({ gateway }) => (gateway === undefined ? [] : [gateway]));
  const configuration = {
    cniVersion: '0.4.0',
    name: 'egress-router-cni-nad',
    type: DEFAULT_PLUGIN_NAME,
    interfaceType: 'macvlan',
    ip: {
      addresses: list(addresses).map(({ ip }) => ip),
      ...(gateways.length > 1 ? { gateways } : { gateway: gateways[0] }),
      destinations: list(redirectRules).map(({ port, protocol, destinationIP, targetPort }) =>
        [port, protocol, destinationIP, targetPort].filter((word) => word !== undefined).join(' '),
      ),
      fallbackIP,
    },
  };
  return decode(configuration, resource.place);
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
    const value = record(JSON.parse(String(text)));
    if (value !== undefined) return value;
  } catch {
    // Said below, for what is no object as well.
  }
  throw new InputError(`${place}: spec.config: ${JSON.stringify(String(text).slice(0, 60))} is no JSON object`);
}

function decode(configuration: unknown, place: string): NetworkConfig {
  try {
    return decodeNetworkConfig(configuration);
  } catch (error) {
    throw error instanceof ConfigError ? new InputError(new ConfigError(error.issues, place).message) : error;
  }
}
