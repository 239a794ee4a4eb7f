import type { NetworkConfig } from '../router/network-config';
import { clientSets } from './client-sets';
import { healthSets } from './health-sets';
import { type MarkedRules, markedByPlace } from './marked-rules';
import type { NftTable } from './nft-table';
import { ownServices } from './own-services';
import { routerChains } from './router-chains';
import { ruleElements } from './rule-elements';

/** Name of the router's table in the pod's namespace. */
export const TABLE_NAME = 'egress_router';

/** Version of the layout. Increase it when this release cannot compare or change the table of an older one. */
const LAYOUT = 2;

/** The comment of the table: its layout and its router's interface. It identifies a second router in one pod. */
export function tableComment(link: string): string {
  return `egress-router layout ${LAYOUT} interface ${link}`;
}

/**
 * The router's nf_tables table.
 *
 * Every connection has the mark of its rule, and only that mark admits its packets, in both directions. So removing a
 * rule stops its connections at the next packet, replies and path-MTU errors pass with their connection, and packets of
 * no rule are dropped in both directions. Maps instead of rule lists keep the cost of a connection independent of the
 * number of rules.
 *
 * @param marked the redirected ports, where rules have marks already
 */
export function routerTable(
  config: NetworkConfig,
  link: string,
  primary: string,
  marked: MarkedRules = markedByPlace(config),
): NftTable {
  const own = config.addresses.map((reserved) => ownServices(reserved, marked));
  const { maps, sets } = ruleElements(config, marked);
  return {
    name: TABLE_NAME,
    comment: tableComment(link),
    maps,
    sets: [...sets, ...own, ...clientSets(config), ...healthSets(config)],
    chains: routerChains(config, { primary, link }, marked),
  };
}
