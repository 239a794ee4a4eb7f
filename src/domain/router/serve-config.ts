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
 * Decodes the configuration of the pod's own process: the plugin's configuration, with or without rules. Without a
 * health port, the default one applies.
 *
 * @throws ConfigError with every issue found
 */
export function decodeServeConfig(input: unknown): NetworkConfig {
  return decodeConfigWithoutRules(withHealthPort(input));
}

/** Adds the default health port to an encoded configuration: the pod's own process always answers on one. */
export function withHealthPort(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const { healthPort } = input as { readonly healthPort?: unknown };
  return { ...input, healthPort: healthPort ?? DEFAULT_HEALTH_PORT };
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
