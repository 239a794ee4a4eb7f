import { ConfigError, type Issue } from '../../src/domain/input/issue';
import { decodeNetworkConfig } from '../../src/domain/router/network-config';

/** The issues for which a configuration is refused. */
export function refusals(given: unknown): readonly Issue[] {
  return issuesOf(() => decodeNetworkConfig(given));
}

/** The issues for which `decode` refuses its input. */
export function issuesOf(decode: () => unknown): readonly Issue[] {
  let accepted: unknown;
  try {
    accepted = decode();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).issues;
  }
  throw new Error(`accepted: ${JSON.stringify(accepted)}`);
}
