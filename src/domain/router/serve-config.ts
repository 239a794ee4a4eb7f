import { ConfigError, type Issue } from '../input/issue';
import type { IpAddress } from '../values/ip-address';
import { withoutRules } from './besides-rules';
import { decodeConfigWithoutRules, encodeNetworkConfig, type NetworkConfig } from './network-config';
import type { RedirectRule } from './redirect-rule';
import type { ReservedAddress } from './reserved-address';
import { DEFAULT_HEALTH_PORT } from './router-options';

/** The file in a router's ConfigMap with its complete configuration. */
export const CONFIG_MAP_KEY = 'config.json';

/** A host on the LAN that must answer if the router works. */
export interface Neighbour {
  /** The reserved address that sends the probe. */
  readonly source: IpAddress;
  readonly address: IpAddress;
  readonly isGateway: boolean;
}

/**
 * For each reserved address the gateway, or without one the first destination, which is on the link. An address without
 * either sends nothing and has no peer.
 */
export function neighboursOf(router: Pick<NetworkConfig, 'addresses' | 'rules' | 'fallbacks'>): Neighbour[] {
  return router.addresses.flatMap((reserved) => {
    const { gateway, cidr } = reserved;
    const address = gateway ?? firstRule(router, reserved)?.destination ?? fallbackOf(router, reserved);
    return address === undefined ? [] : [{ source: cidr.address, address, isGateway: gateway !== undefined }];
  });
}

/**
 * The configuration of the pod's own process, as a plain object for JSON: the plugin's configuration without its rules,
 * of which there may be ten thousand. An address without a gateway keeps its first destination. Where rules are
 * counted, hosts keep their names and ports, for the metrics. With live rules nothing of these is kept: the process
 * reads them from a file, and a change must not change its arguments.
 */
export function serveConfig(config: NetworkConfig): Record<string, unknown> {
  if (config.options.liveRules) return encodeNetworkConfig(withoutRules(config));
  const withoutGateway = config.addresses.filter(({ gateway }) => gateway === undefined);
  const rules = withoutGateway.flatMap((reserved) => plainRule(firstRule(config, reserved)) ?? []);
  const fallbacks = withoutGateway
    .filter((reserved) => firstRule(config, reserved) === undefined)
    .flatMap((reserved) => fallbackOf(config, reserved) ?? []);
  const hosts = config.options.counters ? config.hosts.map((host) => ({ ...host, addresses: [] })) : [];
  return encodeNetworkConfig({ ...config, rules, hosts, fallbacks });
}

/**
 * Decodes the configuration of the pod's own process: the plugin's configuration, with or without rules.
 *
 * @throws ConfigError with every issue found
 */
export function decodeServeConfig(input: unknown): NetworkConfig {
  return decodeForServe(input, decodeConfigWithoutRules);
}

/**
 * Decodes a configuration for the pod's own process, which answers on the default health port where none is given. The
 * result has none then either: ADD made the pod without one, and its table is compared with this configuration.
 *
 * @param decode throws ConfigError
 * @throws ConfigError, also for a rule or a fallback that takes the default health port
 */
export function decodeForServe(input: unknown, decode: (input: unknown) => NetworkConfig): NetworkConfig {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return decode(input);
  const { healthPort } = input as { readonly healthPort?: unknown };
  if (healthPort !== undefined && healthPort !== null) return decode(input);
  const config = decode({ ...input, healthPort: DEFAULT_HEALTH_PORT });
  if (config.fallbacks.length > 0) throw new ConfigError([missingHealthPort(healthPort)]);
  const { healthPort: _, ...options } = config.options;
  return { ...config, options };
}

function missingHealthPort(value: unknown): Issue {
  return {
    path: 'healthPort',
    value,
    problem: `is missing beside a fallback, which takes port ${DEFAULT_HEALTH_PORT}, where the router answers probes`,
    accepted: `a port, such as ${DEFAULT_HEALTH_PORT}, in the network configuration and here`,
  };
}

function firstRule({ rules }: Pick<NetworkConfig, 'rules'>, { cidr }: ReservedAddress) {
  return rules.find(({ destination }) => destination.family === cidr.address.family);
}

/** The rule of a host as one of a destination. */
function plainRule(rule: RedirectRule | undefined): RedirectRule | undefined {
  return rule === undefined ? undefined : { ...rule, host: undefined };
}

function fallbackOf({ fallbacks }: Pick<NetworkConfig, 'fallbacks'>, { cidr }: ReservedAddress): IpAddress | undefined {
  return fallbacks.find(({ family }) => family === cidr.address.family);
}
