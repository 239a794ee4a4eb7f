import { commonEnds } from '../input/collections';
import { decodeNetworkConfig, type NetworkConfig } from './network-config';
import type { RedirectRule } from './redirect-rule';
import { ruleKey } from './redirect-table';

/** The previous version. */
interface Known {
  /** Everything but the rules, as JSON. */
  readonly rest: string;
  readonly texts: readonly string[];
  /** The rule of each text; nothing for a fallback. */
  readonly entries: readonly (RedirectRule | undefined)[];
}

/** The part of the plugin's configuration that is read here: an object with a list of texts. */
interface Input {
  readonly ip: { readonly destinations: readonly string[] };
}

/**
 * Decodes successive versions of one configuration. If only rules differ, unchanged rules are not decoded again: with
 * ten thousand rules, decoding takes nearly all the time of a change.
 */
export class ConfigVersions {
  private known: Known | undefined;

  /** Like `decodeNetworkConfig`. @throws ConfigError with every issue found */
  public decode(input: unknown): NetworkConfig {
    const short = this.decodeDifference(input);
    if (short !== undefined) return short;
    const config = decodeNetworkConfig(input);
    this.known = isInput(input) ? remembered(input, config.rules) : undefined;
    return config;
  }

  /** Returns nothing without a shortcut or with an issue: the complete decoding then reports all issues. */
  private decodeDifference(input: unknown): NetworkConfig | undefined {
    const { known } = this;
    if (known === undefined || !isInput(input) || restOf(input) !== known.rest) return undefined;
    const texts = input.ip.destinations;
    const entries = keptEntries(known, texts);
    const fresh = texts.filter((_, index) => entries[index] === undefined);
    const kept = texts.find((_, index) => entries[index] !== undefined);
    if (kept === undefined) return undefined;
    const decoded = decodedOrNothing({ ...input, ip: { ...input.ip, destinations: [...fresh, kept] } });
    if (decoded === undefined) return undefined;
    // The hosts are the same, since the rest is: their rules are apart from each other and from the kept ones.
    const ofHosts = decoded.rules.filter(({ host }) => host !== undefined);
    const ofTexts = decoded.rules.slice(0, decoded.rules.length - ofHosts.length);
    if (!isApart(ofTexts.slice(0, -1), entries)) return undefined;
    const freshRules = ofTexts.values();
    const all = entries.map((rule, index) => rule ?? (isRule(texts[index]!) ? freshRules.next().value : undefined));
    this.known = { rest: known.rest, texts, entries: all };
    return { ...decoded, rules: [...all.filter((rule) => rule !== undefined), ...ofHosts] };
  }
}

/** The previous rule of each text, each used once. Fallbacks are read again. */
function keptEntries(known: Known, texts: readonly string[]): (RedirectRule | undefined)[] {
  const { front, back } = commonEnds(known.texts, texts, (a, b) => a === b);
  const oldEnd = known.texts.length - back;
  const moved = new Map<string, RedirectRule | undefined>();
  for (let index = front; index < oldEnd; index++) moved.set(known.texts[index]!, known.entries[index]);
  const middle = texts.slice(front, texts.length - back).map((text) => {
    const rule = moved.get(text);
    moved.delete(text);
    return rule;
  });
  return [...known.entries.slice(0, front), ...middle, ...known.entries.slice(oldEnd)];
}

/** Whether no new rule has the port of a kept one. */
function isApart(fresh: readonly RedirectRule[], kept: readonly (RedirectRule | undefined)[]): boolean {
  const keys = new Set(fresh.map(ruleKey));
  return keys.size === 0 || !kept.some((rule) => rule !== undefined && keys.has(ruleKey(rule)));
}

function isInput(input: unknown): input is Input {
  const destinations = (input as Partial<Input> | null)?.ip?.destinations;
  return Array.isArray(destinations) && destinations.every((text) => typeof text === 'string');
}

function restOf(input: Input): string {
  return JSON.stringify({ ...input, ip: { ...input.ip, destinations: [] } });
}

function remembered(input: Input, rules: readonly RedirectRule[]): Known {
  const texts = input.ip.destinations;
  const next = rules.values();
  return { rest: restOf(input), texts, entries: texts.map((text) => (isRule(text) ? next.next().value : undefined)) };
}

/** A fallback is an address without a port. */
function isRule(text: string): boolean {
  return /\S\s+\S/.test(text);
}

function decodedOrNothing(input: unknown): NetworkConfig | undefined {
  try {
    return decodeNetworkConfig(input);
  } catch {
    return undefined;
  }
}
