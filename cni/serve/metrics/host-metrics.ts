import type { AddressRefusal } from '../../../src/domain/names/address-policy';
import { hostsOf } from '../names/host-report';
import type { WatchedAddresses } from '../names/name-watch';
import { SeriesText } from './series-text';

/** The hosts whose addresses DNS says, in Prometheus' text format: there may be a thousand. */
export class HostMetrics {
  private readonly text = new SeriesText();

  public constructor(private readonly names: () => Iterable<WatchedAddresses>) {}

  /** Valid until the next call. */
  public bytes(): Uint8Array {
    const names = [...this.names()];
    const text = this.text.clear();
    writeResolved(text, names);
    const addresses = 'egress_router_host_addresses';
    text.metric(addresses, 'gauge', 'Addresses of the host that new connections get.');
    for (const each of names) text.series(addresses, labelsOf(each), each.state.held.length);
    const answer = 'egress_router_host_last_answer_timestamp_seconds';
    text.metric(answer, 'gauge', 'Time of the last answer with an address that is used, in seconds since the epoch.');
    for (const each of names) {
      if (each.lastAnswer !== undefined) text.series(answer, labelsOf(each), each.lastAnswer);
    }
    const outcomes = 'egress_router_host_answers_total';
    text.metric(outcomes, 'counter', 'Answers to questions for the host, by outcome; addresses is the good one.');
    for (const each of names) {
      for (const [outcome, count] of each.outcomes) {
        text.series(outcomes, `${labelsOf(each)},outcome="${outcome}"`, count);
      }
    }
    writeRefused(text, names);
    return text.bytes;
  }
}

/** The names of hosts need no escaping. */
function labelsOf({ name, family }: Pick<WatchedAddresses, 'name' | 'family'>): string {
  return `host="${name}",family="ipv${family}"`;
}

function writeResolved(text: SeriesText, names: readonly WatchedAddresses[]): void {
  const resolved = 'egress_router_host_resolved';
  text.metric(resolved, 'gauge', 'Whether the last question for the host led to an address.');
  for (const { name, kind } of hostsOf(names)) text.series(resolved, `host="${name}"`, kind === 'resolved' ? 1 : 0);
}

function writeRefused(text: SeriesText, names: readonly WatchedAddresses[]): void {
  const refused = 'egress_router_host_refused_addresses';
  text.metric(refused, 'gauge', 'Addresses of the last answer that are not used, by reason.');
  for (const each of names) {
    const reasons = new Map<AddressRefusal, number>();
    for (const { reason } of each.state.refused) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    for (const [reason, count] of reasons) text.series(refused, `${labelsOf(each)},reason="${reason}"`, count);
  }
}
