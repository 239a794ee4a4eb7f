import { isDeepStrictEqual } from 'node:util';
import type { NetworkConfig } from '../../src/domain/router/network-config';
import type { RedirectRule } from '../../src/domain/router/redirect-rule';
import type { IpAddress } from '../../src/domain/values/ip-address';
import type { Router } from '../input/router';
import { configInForce } from './live-rules';

/** The line for rules that stand in another order, and do the same. */
export const ORDER_OF_RULES = '~ order of the rules';

/** The differences of what the plugin, and the pod's own process, get of a router, a line each; `+`, `-` or `~` at the front. */
export function configDifferences(old: Router, now: Router): string[] {
  const [before, after] = [configInForce(old, now), configInForce(now, old)];
  const ofRules = ruleDifferences(before, after);
  const isReordered = ofRules.length === 0 && !isDeepStrictEqual([...rules(before)], [...rules(after)]);
  return [...settingDifferences(old, now), ...ofRules, ...(isReordered ? [ORDER_OF_RULES] : [])];
}

function settingDifferences(before: Router, after: Router): string[] {
  const [old, now] = [settings(before), settings(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) =>
    differenceLine(name, old.get(name), now.get(name)),
  );
}

/** Everything but the rules, by the words in which the plugin's configuration has it. */
function settings({ provisioning, config }: Router): Map<string, string> {
  const { addresses, macvlan, macAddress, options, type, name, cniVersion } = config;
  const entries: (readonly [string, unknown])[] = [
    ...addresses.flatMap(({ cidr, gateway }) => {
      const family = `IPv${cidr.address.family}`;
      return [[`${family} address`, cidr.text] as const, [`${family} gateway`, gateway?.text] as const];
    }),
    // The operator's plugin draws one at every start.
    ['MAC', provisioning === 'operator' ? undefined : macAddress],
    ...Object.entries(macvlan).map(([key, value]) => [`interfaceArgs.${key}`, value] as const),
    ...Object.entries(options),
    ['plugin', type],
    ['network name', name],
    ['cniVersion', cniVersion],
  ];
  return new Map(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])));
}

/** Where ports lead that did not before, a line each. The order of rules makes no difference. */
export function ruleDifferences(before: NetworkConfig, after: NetworkConfig): string[] {
  // One port may lead to a destination of each family; the lines say which only where there are both.
  const isDual = new Set([...destinations(before), ...destinations(after)].map(({ family }) => family)).size > 1;
  const [old, now] = [rules(before, isDual), rules(after, isDual)];
  const ports = [...new Set([...now.keys(), ...old.keys()])];
  return ports.flatMap((port) => differenceLine(port, old.get(port), now.get(port), ' → '));
}

function destinations({ rules, fallbacks }: NetworkConfig): IpAddress[] {
  return [...rules.map(({ destination }) => destination), ...fallbacks];
}

/** Where each port goes, a fallback's every other port included. */
function rules({ rules, fallbacks }: NetworkConfig, isDual = true): Map<string, string> {
  const ofFamily = ({ family }: IpAddress) => (isDual ? ` (IPv${family})` : '');
  return new Map([
    ...rules.map((rule) => [`${rule.port} ${rule.protocol}${ofFamily(rule.destination)}`, targetText(rule)] as const),
    ...fallbacks.map((address) => [`every other port${ofFamily(address)}`, address.text] as const),
  ]);
}

/** `203.0.113.26:443`, `[2001:db8:113::26]:443` */
function targetText({ destination, targetPort }: RedirectRule): string {
  return destination.family === 6 ? `[${destination.text}]:${targetPort}` : `${destination.text}:${targetPort}`;
}

function differenceLine(name: string, old: string | undefined, now: string | undefined, leadsTo = ' '): string[] {
  if (old === now) return [];
  if (old === undefined) return [`+ ${name}${leadsTo}${now}`];
  if (now === undefined) return [`- ${name}${leadsTo}${old}`];
  return [`~ ${name}: ${old} → ${now}`];
}
