import type { IpAddress } from '../values/ip-address';
import { withoutRules } from './besides-rules';
import { decodeConfigWithoutRules, encodeNetworkConfig, type NetworkConfig } from './network-config';
import type { ReservedAddress } from './reserved-address';
import { DEFAULT_HEALTH_PORT } from './router-options';

/** The file in a router's ConfigMap that has its complete configuration. */
export const CONFIG_MAP_KEY = 'config.json';

/** A host of the LAN that has to answer if the router works. */
export interface Neighbour {
  /** The reserved address that asks. */
  readonly source: IpAddress;
  readonly address: IpAddress;
  readonly isGateway: boolean;
}

/**
 * For each reserved address the gateway, or the first destination where there is none: that one is on the link. An address
 * without either sends nothing, and nobody is asked.
 */
export function neighboursOf(router: Pick<NetworkConfig, 'addresses' | 'rules' | 'fallbacks'>): Neighbour[] {
  return router.addresses.flatMap((reserved) => {
    const { gateway, cidr } = reserved;
    const address = gateway ?? firstRule(router, reserved)?.destination ?? fallbackOf(router, reserved);
    return address === undefined ? [] : [{ source: cidr.address, address, isGateway: gateway !== undefined }];
  });
}

/**
 * What the pod's own process has to know of a router, as a plain object for JSON: the plugin's configuration without its rules, which
 * may be ten thousand. Of an address without a gateway the first destination stays; not with live rules, which the process
 * learns from a file, and whose change is not to change its arguments.
 */
export function serveConfig(config: NetworkConfig): Record<string, unknown> {
  if (config.options.liveRules) return encodeNetworkConfig(withoutRules(config));
  const withoutGateway = config.addresses.filter(({ gateway }) => gateway === undefined);
  const rules = withoutGateway.flatMap((reserved) => firstRule(config, reserved) ?? []);
  const fallbacks = withoutGateway
    .filter((reserved) => firstRule(config, reserved) === undefined)
    .flatMap((reserved) => fallbackOf(config, reserved) ?? []);
  return encodeNetworkConfig({ ...config, rules, fallbacks });
}

/**
 * Decodes what the pod's own process is given: the plugin's configuration, with rules or without. Where it names no health port, the
 * default's rules hold.
 *
 * @throws ConfigError with every issue found
 */
export function decodeServeConfig(input: unknown): NetworkConfig {
  return decodeConfigWithoutRules(withHealthPort(input));
}

/** A configuration that is not decoded yet, with a health port: the pod's own process answers on one even where none is named. */
export function withHealthPort(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const { healthPort } = input as { readonly healthPort?: unknown };
  return { ...input, healthPort: healthPort ?? DEFAULT_HEALTH_PORT };
}

function firstRule({ rules }: Pick<NetworkConfig, 'rules'>, { cidr }: ReservedAddress) {
  return rules.find(({ destination }) => destination.family === cidr.address.family);
}

function fallbackOf({ fallbacks }: Pick<NetworkConfig, 'fallbacks'>, { cidr }: ReservedAddress): IpAddress | undefined {
  return fallbacks.find(({ family }) => family === cidr.address.family);
}
