import { RESERVED } from './layout';
import type { PluginConfig } from './plugin';

/** The rules of OKD's own example. */
export const OKD_RULES = ['80 UDP 203.0.113.25', '8080 TCP 203.0.113.26 80', '8443 TCP 203.0.113.26 443'];

/** The same for IPv6; a rule of each family may have one port. */
export const IPV6_RULES = ['80 UDP 2001:db8:113::25', '8080 TCP 2001:db8:113::26 80', '8443 TCP 2001:db8:113::26 443'];

export const IPV4_ONLY = { addresses: [`${RESERVED.ipv4}/24`], gateway: '192.168.12.1', destinations: OKD_RULES };
export const IPV6_ONLY = { addresses: [`${RESERVED.ipv6}/64`], gateway: 'fe80::1', destinations: IPV6_RULES };
export const DUAL_STACK = {
  addresses: [`${RESERVED.ipv4}/24`, `${RESERVED.ipv6}/64`],
  gateways: ['192.168.12.1', 'fe80::1'],
  destinations: [...OKD_RULES, ...IPV6_RULES],
};

/** A configuration as the runtime hands it to the plugin. Tests that are not about conflicts do not wait for any. */
export function networkConfig(name: string, ip: object, more: PluginConfig = {}): PluginConfig {
  return {
    cniVersion: '1.1.0',
    name,
    type: 'egress-router',
    interfaceType: 'macvlan',
    interfaceArgs: { mode: 'bridge', master: 'lan0' },
    detectConflicts: false,
    ip,
    ...more,
  };
}
