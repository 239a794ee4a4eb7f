import { readdirSync } from 'node:fs';
import type { Namespace } from './namespace';

/** Where the plugin notes what it made. */
const STORE = '/run/egress-router/attachments';

/** What a namespace holds, as text to compare before with after. */
export interface NetworkState {
  readonly links: string;
  readonly addresses: string;
  readonly routes: string;
  readonly rules: string;
  readonly table: string;
  readonly settings: string;
}

/** Everything that the plugin could have left in a namespace. */
export function networkState(namespace: Namespace): NetworkState {
  const { links, addresses, ...rest } = sections(
    namespace.run(
      'sh',
      '-ec',
      `echo '== links'; ip -details link
       echo '== addresses'; ip addr
       echo '== routes'; ip -4 route show table all; ip -6 route show table all
       echo '== rules'; ip -4 rule; ip -6 rule
       echo '== table'; nft --stateless list ruleset
       echo '== settings'; grep -rs . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf /proc/sys/net/ipv4/ip_forward | sort`,
    ),
  ) as unknown as NetworkState;
  return { links, addresses, ...rest };
}

function sections(text: string): Record<string, string> {
  const parts = text.split(/^== (.*)$/m).slice(1);
  const named: Record<string, string> = {};
  for (let index = 0; index < parts.length; index += 2) named[parts[index]!] = parts[index + 1]!.trim();
  return named;
}

/** The plugin's notes of attachments of a network. */
export function storedAttachments(network: string): string[] {
  try {
    return readdirSync(STORE).filter((name) => name.includes(network));
  } catch {
    return [];
  }
}
