import {
  type MarkedFallback,
  type MarkedRule,
  type MarkedRules,
  markedByPlace,
  NO_RULES,
} from '../../src/domain/data-plane/marked-rules';
import { type MarksInForce, markedAsInForce } from '../../src/domain/data-plane/marks-in-force';
import type { NftTable } from '../../src/domain/data-plane/nft-table';
import type { PortSpread } from '../../src/domain/data-plane/port-spread';
import type { RouterInterfaces } from '../../src/domain/data-plane/router-interfaces';
import { routerTable, TABLE_NAME } from '../../src/domain/data-plane/router-table';
import { marksMap, redirectMap } from '../../src/domain/data-plane/rule-elements';
import type { NetworkConfig } from '../../src/domain/router/network-config';
import { ruleKey } from '../../src/domain/router/redirect-table';
import { type Family, fromBytes } from '../../src/domain/values/ip-address';
import { nftRuleValues } from '../netlink/nftables/observed-rule';
import { type ObservedTable, readTable } from '../netlink/nftables/table';
import { tableDifferences } from '../netlink/nftables/table-differences';
import type { NetlinkSocket } from '../netlink/socket';
import { spreadsInForce } from './spreads-in-force';

/** The content of a router's table, and its problems. */
export interface RulesInForce {
  readonly marked: MarkedRules;
  /** Differences from the table that these rules would have in this configuration; one sentence each. */
  readonly differences: readonly string[];
}

/**
 * Reads the rules with their marks from the kernel's table. To find differences, it builds the table from these rules
 * again and compares.
 *
 * @param config of the router; its rules are ignored
 * @throws NetlinkError if the table cannot be read
 */
export function readRulesInForce(
  socket: NetlinkSocket,
  config: NetworkConfig,
  { link, primary }: RouterInterfaces,
): RulesInForce {
  const table = readTable(socket, TABLE_NAME);
  const marked = markedRules(table);
  return { marked, differences: tableDifferences(routerTable(config, link, primary, marked), table) };
}

/**
 * The rules that CHECK compares with: the configuration's with the kernel's marks, because live changes assign new
 * ones. With `liveRules`, the rules are the kernel's: the configuration has only the initial ones.
 *
 * @param table the kernel's table
 */
export function expectedRules(config: NetworkConfig, table: ObservedTable | undefined): MarkedRules {
  if (table === undefined) return markedByPlace(config);
  return config.options.liveRules ? markedRules(table) : markedAsInForce(config, marksInForce(table));
}

/** The table of these rules. @param table the kernel's table */
export function expectedTable(
  config: NetworkConfig,
  { link, primary }: RouterInterfaces,
  table: ObservedTable | undefined,
): NftTable {
  return routerTable(config, link, primary, expectedRules(config, table));
}

function marksInForce(table: ObservedTable): MarksInForce {
  const rules = FAMILIES.flatMap((family) =>
    elements(table, marksMap(family)).flatMap(({ protocol, port, value }): [key: number, mark: number][] =>
      value.length === 4 ? [[ruleKey({ protocol, port, destination: { family } }), value.u32()]] : [],
    ),
  );
  return {
    rules: new Map(rules),
    fallbacks: new Map(fallbacks(table).map(({ address, mark }) => [address.family, mark])),
    spreads: spreads(table),
  };
}

/** The rules of a router's table with the kernel's marks; empty without a table. */
export function markedRules(table: ObservedTable | undefined): MarkedRules {
  if (table === undefined) return NO_RULES;
  return {
    rules: FAMILIES.flatMap((family) => rulesOf(table, family)),
    spreads: spreads(table),
    fallbacks: fallbacks(table),
  };
}

const FAMILIES: readonly Family[] = [4, 6];

/** Bytes of an address. */
const LENGTHS: Readonly<Record<Family, number>> = { 4: 4, 6: 16 };

function elements({ sets }: ObservedTable, name: string) {
  return sets.find((set) => set.name === name)?.elements.byPort() ?? [];
}

function spreads(table: ObservedTable): PortSpread[] {
  return FAMILIES.flatMap((family) => spreadsInForce(table, family, LENGTHS[family]));
}

function rulesOf(table: ObservedTable, family: Family): MarkedRule[] {
  const marks = new Map(
    elements(table, marksMap(family)).map(({ protocol, port, value }) => [`${protocol}${port}`, value]),
  );
  const length = LENGTHS[family];
  return elements(table, redirectMap(family)).flatMap(({ protocol, port, value }) => {
    const mark = marks.get(`${protocol}${port}`);
    // Of another type: the comparison reports it.
    if (mark?.length !== 4 || value.length !== length + 4) return [];
    const destination = fromBytes([...value.bytes.subarray(0, length)]);
    return [{ mark: mark.u32(), rule: { protocol, port, destination, targetPort: value.u16be(length) } }];
  });
}

/** A rule that writes a mark and an address is a fallback; see `routerTable`. */
function fallbacks({ rules }: ObservedTable): MarkedFallback[] {
  return rules.flatMap((rule) => {
    const [mark, address] = rule.chain === 'prerouting' ? nftRuleValues(rule) : [];
    if (mark?.length !== 4 || (address?.length !== 4 && address?.length !== 16)) return [];
    return [{ mark: mark.u32(), address: fromBytes([...address.bytes]) }];
  });
}
