import type { Duration } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import type { Field } from '../../domain/input/decoder';
import { checkLabels } from '../../domain/values/object-metadata';
import { readPeers } from '../clients/network-policy-peers';
import { readSeconds } from './seconds';

/** `EgressRouterMonitoring` with every default filled in. */
export interface Monitoring {
  readonly podMonitor: boolean;
  readonly alerts: boolean;
  readonly labels: { readonly [key: string]: string };
  /** Absent: Prometheus' own. */
  readonly scrapeInterval?: Duration;
  /** Whom the router's NetworkPolicy admits to the health port. */
  readonly from: readonly kplus.INetworkPolicyPeer[];
}

/**
 * Reads `EgressRouterMonitoring`; undefined when it is absent.
 *
 * @param reserved labels that the router's own objects find each other by
 * @param namespace the router's, where it is known
 */
export function readMonitoring(field: Field, reserved: readonly string[], namespace?: string): Monitoring | undefined {
  if (!field.isPresent || !field.isObjectOf(KEYS)) return undefined;
  const flag = (name: string) => field.member(name).optional((member) => member.flag()) ?? true;
  const [podMonitor, alerts] = [flag('podMonitor'), flag('alerts')];
  const labels = field.member('labels');
  checkLabels(labels, reserved);
  const interval = field.member('scrapeInterval');
  const scrapeInterval = interval.optional(readInterval);
  if (interval.isPresent && !podMonitor) interval.refuse('has no PodMonitor to be in', 'nothing, or podMonitor: true');
  const from = field.member('from').optional((peers) => readPeers(peers, namespace)) ?? [];
  return { podMonitor, alerts, labels: { ...(labels.value as object | undefined) }, scrapeInterval, from };
}

const KEYS = ['podMonitor', 'alerts', 'labels', 'scrapeInterval', 'from'];

/** No interval at all is Prometheus' word for its own. */
function readInterval(field: Field): Duration | undefined {
  const duration = readSeconds(field);
  if (duration === undefined || duration.toSeconds() > 0) return duration;
  return field.refuse('is not an interval', 'a Duration of at least one second');
}
