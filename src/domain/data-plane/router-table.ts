import type { NetworkConfig } from '../router/network-config';
import { clientSets } from './client-sets';
import { healthSets } from './health-sets';
import { holdSets } from './hold';
import { type MarkedRules, markedByPlace, marksOf } from './marked-rules';
import type { NftTable } from './nft-table';
import { ownServices } from './own-services';
import { routerChains } from './router-chains';
import { markSets, ruleMaps } from './rule-elements';
import { spreadParts } from './spread-elements';

/** Name of the router's table in the pod's namespace. */
export const TABLE_NAME = 'egress_router';

/** Version of the layout. Increase it when this release cannot compare or change the table of an older one. */
const LAYOUT = 2;

/** The comment of the table: its layout and its router's interface. It identifies a second router in one pod. */
export function tableComment(link: string, layout = LAYOUT): string {
  return `egress-router layout ${layout} interface ${link}`;
}

/** Whether a comment is that of the interface's router, of any layout: a plugin also removes what another one made. */
export function isTableComment(comment: string | undefined, link: string): boolean {
  const [, layout] = /^egress-router layout (\d+) /.exec(comment ?? '') ?? [];
  return layout !== undefined && comment === tableComment(link, Number(layout));
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
  const own = config.addresses.map((reserved) => ownServices(reserved, marked, config.resolver));
  const spread = spreadParts(config, marked.spreads);
  return {
    name: TABLE_NAME,
    comment: tableComment(link),
    maps: [...ruleMaps(config, marked.rules), ...spread.maps],
    sets: [
      ...markSets(config, marksByFamily(config, marked)),
      ...spread.sets,
      ...own,
      ...clientSets(config),
      ...healthSets(config),
      ...holdSets(config),
    ],
    chains: routerChains(config, { primary, link }, marked),
  };
}

function marksByFamily({ addresses }: NetworkConfig, { rules, spreads, fallbacks }: MarkedRules): number[] {
  return addresses.flatMap(({ cidr: { address: own } }) =>
    marksOf({
      rules: rules.filter(({ rule }) => rule.destination.family === own.family),
      spreads: spreads.filter(({ family }) => family === own.family),
      fallbacks: fallbacks.filter(({ address }) => address.family === own.family),
    }),
  );
}
