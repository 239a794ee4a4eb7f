import * as kplus from 'cdk8s-plus-28';
import type { Field } from '../../domain/input/decoder';

/** What a router's process does beyond answering probes. Each needs a capability, and a capability needs root. */
export interface RouterFeatures {
  readonly liveRules: boolean;
  readonly ruleMetrics: boolean;
  readonly watchConflicts: boolean;
}

/** The capability of each, as far as Kubernetes' words go. */
export const FEATURE_CAPABILITIES: Readonly<Record<keyof RouterFeatures, kplus.Capability>> = {
  liveRules: kplus.Capability.NET_ADMIN,
  ruleMetrics: kplus.Capability.NET_ADMIN,
  watchConflicts: kplus.Capability.NET_RAW,
};

const NAMES = Object.keys(FEATURE_CAPABILITIES) as (keyof RouterFeatures)[];

export function readFeatures(props: Field): RouterFeatures {
  const flag = (name: keyof RouterFeatures) => props.member(name).optional((field) => field.flag()) ?? false;
  // Which is an option of the plugin too, and checked with those.
  const liveRules = props.member('liveRules').value === true;
  return { liveRules, ruleMetrics: flag('ruleMetrics'), watchConflicts: flag('watchConflicts') };
}

/** Those that are switched on. */
export function usedFeatures(features: RouterFeatures): (keyof RouterFeatures)[] {
  return NAMES.filter((name) => features[name]);
}

/** The capabilities that they need, each once. */
export function neededCapabilities(features: RouterFeatures): kplus.Capability[] {
  return [...new Set(usedFeatures(features).map((name) => FEATURE_CAPABILITIES[name]))];
}
