import * as kplus from 'cdk8s-plus-28';
import type { Field } from '../../domain/input/decoder';

/** What a router's process does beyond answering probes. Each needs capabilities, and a capability needs root. */
export interface RouterFeatures {
  readonly liveRules: boolean;
  readonly ruleMetrics: boolean;
  readonly watchConflicts: boolean;
  readonly standby: boolean;
}

/** The capabilities of each, as far as Kubernetes' words go. */
export const FEATURE_CAPABILITIES: Readonly<Record<keyof RouterFeatures, readonly kplus.Capability[]>> = {
  liveRules: [kplus.Capability.NET_ADMIN],
  ruleMetrics: [kplus.Capability.NET_ADMIN],
  watchConflicts: [kplus.Capability.NET_RAW],
  standby: [kplus.Capability.NET_ADMIN, kplus.Capability.NET_RAW],
};

const NAMES = Object.keys(FEATURE_CAPABILITIES) as (keyof RouterFeatures)[];

export function readFeatures(props: Field): RouterFeatures {
  const flag = (name: keyof RouterFeatures) => props.member(name).optional((field) => field.flag()) ?? false;
  // Which the plugin's configuration has too, and are checked with it.
  const [liveRules, standby] = ['liveRules', 'standby'].map((name) => props.member(name).value === true);
  return {
    liveRules: liveRules!,
    ruleMetrics: flag('ruleMetrics'),
    watchConflicts: flag('watchConflicts'),
    standby: standby!,
  };
}

/** Those that are switched on. */
export function usedFeatures(features: RouterFeatures): (keyof RouterFeatures)[] {
  return NAMES.filter((name) => features[name]);
}

/** The capabilities that they need, each once. */
export function neededCapabilities(features: RouterFeatures): kplus.Capability[] {
  return [...new Set(usedFeatures(features).flatMap((name) => FEATURE_CAPABILITIES[name]))];
}
