import { isDeepStrictEqual } from 'node:util';
import { encodeNameResolver, familiesOf, resolvedHosts, withinText } from '../../src/domain/router/name-resolver';
import type { NetworkConfig } from '../../src/domain/router/network-config';
import type { RedirectRule } from '../../src/domain/router/redirect-rule';
import type { Family } from '../../src/domain/values/ip-address';
import type { Router } from '../input/router';
import { configInForce } from './config-in-force';

/** The line for rules in another order, with the same effect. */
export const ORDER_OF_RULES = '~ order of the rules';

/**
 * Changes in the configuration of the plugin and the pod's process, one per line, starting with `+`, `-` or `~`.
 */
export function configChanges(old: Router, now: Router): string[] {
  const [before, after] = [configInForce(old, now), configInForce(now, old)];
  const ofRules = redirectRuleChanges(before, after);
  const isReordered = ofRules.length === 0 && !isDeepStrictEqual([...rules(before)], [...rules(after)]);
  return [...settingChanges(old, now), ...ofRules, ...(isReordered ? [ORDER_OF_RULES] : [])];
}

function settingChanges(before: Router, after: Router): string[] {
  const [old, now] = [settings(before), settings(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => changeLine(name, old.get(name), now.get(name)));
}

/** Everything but the rules, in the words of the plugin's configuration. */
function settings({ mode, config }: Router): Map<string, string> {
  const { addresses, resolver, macvlan, macAddress, options, type, name, podNamespace, cniVersion } = config;
  const entries: (readonly [string, unknown])[] = [
    ...addresses.flatMap(({ cidr, gateway }) => {
      const family = `IPv${cidr.address.family}`;
      return [[`${family} address`, cidr.text] as const, [`${family} gateway`, gateway?.text] as const];
    }),
    // The operator's plugin draws one at every start.
    ['MAC', mode === 'operator' ? undefined : macAddress],
    ...Object.entries(macvlan).map(([key, value]) => [`interfaceArgs.${key}`, value] as const),
    ...Object.entries(options),
    ...Object.entries(resolver === undefined ? {} : encodeNameResolver(resolver)).map(
      ([key, value]) => [`ip.resolver.${key}`, value] as const,
    ),
    ['plugin', type],
    ['network name', name],
    ['podNamespace', podNamespace],
    ['cniVersion', cniVersion],
  ];
  return new Map(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])));
}

/** Changed destinations of ports, one per line. The order of rules does not matter. */
export function redirectRuleChanges(before: NetworkConfig, after: NetworkConfig): string[] {
  // One port may have a destination of each family; lines name the family only if both are in use.
  const isDual = new Set([...families(before), ...families(after)]).size > 1;
  const [old, now] = [rules(before, isDual), rules(after, isDual)];
  const ports = [...new Set([...now.keys(), ...old.keys()])];
  return ports.flatMap((port) => changeLine(port, old.get(port), now.get(port), ' → '));
}

function families(config: NetworkConfig): Family[] {
  const destinations = [...config.rules.map(({ destination }) => destination), ...config.fallbacks];
  return [...destinations.map(({ family }) => family), ...resolvedPorts(config).map(({ family }) => family)];
}

/** The destination of each port, and of every other port for a fallback. */
function rules(config: NetworkConfig, isDual = true): Map<string, string> {
  const { rules, fallbacks } = config;
  const ofFamily = ({ family }: { readonly family: Family }) => (isDual ? ` (IPv${family})` : '');
  return new Map([
    ...rules.map((rule) => [`${rule.port} ${rule.protocol}${ofFamily(rule.destination)}`, targetText(rule)] as const),
    ...resolvedPorts(config).map(
      (each) => [`${each.routerPort} ${each.protocol}${ofFamily(each)}`, each.target] as const,
    ),
    ...fallbacks.map((address) => [`every other port${ofFamily(address)}`, address.text] as const),
  ]);
}

/** The ports of hosts whose addresses DNS says, for each family: they lead to `api.bank.example:443 (DNS)`. */
function resolvedPorts(config: NetworkConfig) {
  return resolvedHosts(config).flatMap((host) =>
    familiesOf(host, config.addresses).flatMap((family) =>
      host.ports.map((each) => ({ ...each, family, target: `${host.name}:${each.port} (DNS${withinText(host)})` })),
    ),
  );
}

/** `203.0.113.26:443`, `[2001:db8:113::26]:443`, and of a host `203.0.113.26:443 (api.bank.example)`. */
function targetText({ destination, targetPort, host }: RedirectRule): string {
  const address = destination.family === 6 ? `[${destination.text}]` : destination.text;
  return `${address}:${targetPort}${host === undefined ? '' : ` (${host})`}`;
}

function changeLine(name: string, old: string | undefined, now: string | undefined, leadsTo = ' '): string[] {
  if (old === now) return [];
  if (old === undefined) return [`+ ${name}${leadsTo}${now}`];
  if (now === undefined) return [`- ${name}${leadsTo}${old}`];
  return [`~ ${name}: ${old} → ${now}`];
}
