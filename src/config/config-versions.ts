import { decodeNetworkConfig, type NetworkConfig } from './network-config';
import type { RedirectRule } from './redirect-rule';
import { ruleKey } from './redirect-table';

/** A configuration that a version before it helps to decode. */
interface Known {
  /** Everything but the rules, as JSON. */
  readonly rest: string;
  /** The rules by their texts. */
  readonly rules: ReadonlyMap<string, RedirectRule>;
}

/** The plugin's configuration as far as it matters here: an object with a list of texts. */
interface Input {
  readonly ip: { readonly destinations: readonly string[] };
}

/**
 * Decodes versions of one configuration, one after the other. Where only rules differ, those that were there before are not
 * decoded again: of ten thousand rules, that is nearly all the time that a change takes.
 */
export class ConfigVersions {
  private known: Known | undefined;

  /** The same as `decodeNetworkConfig`. @throws ConfigError with every issue found */
  public decode(input: unknown): NetworkConfig {
    const config = this.decodeDifference(input) ?? decodeNetworkConfig(input);
    this.known = isInput(input) ? remembered(input, config.rules) : undefined;
    return config;
  }

  /** Nothing where there is no short way, or an issue: the long way finds each, and where it stands. */
  private decodeDifference(input: unknown): NetworkConfig | undefined {
    const { known } = this;
    if (known === undefined || !isInput(input) || restOf(input) !== known.rest) return undefined;
    const { destinations } = input.ip;
    const fresh = destinations.filter((text) => !known.rules.has(text));
    const kept = destinations.find((text) => known.rules.has(text));
    if (kept === undefined) return undefined;
    const decoded = decodedOrNothing({ ...input, ip: { ...input.ip, destinations: [...fresh, kept] } });
    if (decoded === undefined) return undefined;
    const freshRules = decoded.rules.values();
    const rules = destinations
      .filter((text) => known.rules.has(text) || isRule(text))
      .map((text) => known.rules.get(text) ?? freshRules.next().value!);
    return new Set(rules.map(ruleKey)).size === rules.length ? { ...decoded, rules } : undefined;
  }
}

function isInput(input: unknown): input is Input {
  const destinations = (input as Partial<Input> | null)?.ip?.destinations;
  return Array.isArray(destinations) && destinations.every((text) => typeof text === 'string');
}

function restOf(input: Input): string {
  return JSON.stringify({ ...input, ip: { ...input.ip, destinations: [] } });
}

function remembered(input: Input, rules: readonly RedirectRule[]): Known {
  const texts = input.ip.destinations.filter(isRule);
  return { rest: restOf(input), rules: new Map(texts.map((text, index) => [text, rules[index]!])) };
}

/** A fallback is an address alone. */
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
