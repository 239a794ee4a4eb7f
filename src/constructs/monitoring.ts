import type { Duration } from 'cdk8s';
import type { Field } from '../config/decoder';
import { checkLabels } from '../config/object-metadata';
import { readSeconds } from './seconds';

/** `EgressRouterMonitoring` with every default filled in. */
export interface Monitoring {
  readonly podMonitor: boolean;
  readonly alerts: boolean;
  readonly labels: { readonly [key: string]: string };
  /** Absent: Prometheus' own. */
  readonly scrapeInterval?: Duration;
}

/**
 * Reads it; nothing when nobody asked for it.
 *
 * @param reserved labels by which the router's own objects find each other
 */
export function readMonitoring(field: Field, reserved: readonly string[]): Monitoring | undefined {
  if (!field.isPresent || !field.isObjectOf(KEYS)) return undefined;
  const flag = (name: string) => field.member(name).optional((member) => member.flag()) ?? true;
  const [podMonitor, alerts] = [flag('podMonitor'), flag('alerts')];
  const labels = field.member('labels');
  checkLabels(labels, reserved);
  const interval = field.member('scrapeInterval');
  const scrapeInterval = interval.optional(readInterval);
  if (interval.isPresent && !podMonitor) interval.refuse('has no PodMonitor to be in', 'nothing, or podMonitor: true');
  return { podMonitor, alerts, labels: { ...(labels.value as object | undefined) }, scrapeInterval };
}

const KEYS = ['podMonitor', 'alerts', 'labels', 'scrapeInterval'];

/** No interval at all is Prometheus' word for its own. */
function readInterval(field: Field): Duration | undefined {
  const duration = readSeconds(field);
  if (duration === undefined || duration.toSeconds() > 0) return duration;
  return field.refuse('is no time', 'a Duration of at least one second');
}
