import { ConfigError } from '../../src/domain/input/issue';
import { decodeConfigWithoutRules, type NetworkConfig } from '../../src/domain/router/network-config';
import { DEFAULT_OPTIONS } from '../../src/domain/router/router-options';
import { isIpv6LinkLocal } from '../../src/domain/values/ip-address';
import { DEFAULT_PLUGIN_NAME } from '../../src/domain/values/plugin-name';
import { listAddresses } from '../netlink/route/address';
import { findLink, findLinkByIndex, type Link } from '../netlink/route/link';
import { listRoutes } from '../netlink/route/route';
import type { NetlinkSocket } from '../netlink/socket';

/**
 * Reconstructs a router without rules from the kernel, to examine the LAN if its configuration cannot be read.
 *
 * @param pod a socket of the pod's namespace
 * @param node a socket of the node's namespace, if accessible
 * @returns nothing if the kernel has too little of it
 */
export function configOfKernel(
  pod: NetlinkSocket,
  node: NetlinkSocket | undefined,
  linkName: string,
): NetworkConfig | undefined {
  const link = findLink(pod, linkName);
  if (link === undefined) return undefined;
  const own = listAddresses(pod).filter(({ interfaceIndex }) => interfaceIndex === link.index);
  const addresses = own.map(({ cidr }) => cidr).filter(({ address }) => !isIpv6LinkLocal(address));
  const gateways = addresses.flatMap(({ address: { family } }) => gatewayOf(pod, family, link) ?? []);
  try {
    return decodeConfigWithoutRules({
      name: 'unknown',
      type: DEFAULT_PLUGIN_NAME,
      mac: link.mac,
      interfaceArgs: { master: parentName(node, link) },
      ip: { addresses: addresses.map(({ text }) => text), gateways },
    });
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

function gatewayOf(pod: NetlinkSocket, family: 4 | 6, { index }: Link): string | undefined {
  const routes = listRoutes(pod, family, DEFAULT_OPTIONS.routingTable);
  return routes.find(({ destination, interfaceIndex }) => destination === undefined && interfaceIndex === index)
    ?.gateway?.text;
}

function parentName(node: NetlinkSocket | undefined, { parentIndex }: Link): string | undefined {
  return node === undefined || parentIndex === undefined ? undefined : findLinkByIndex(node, parentIndex)?.name;
}
