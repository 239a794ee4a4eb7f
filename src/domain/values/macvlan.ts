import { withoutUndefined } from '../input/collections';
import type { Field } from '../input/decoder';
import { readParentName } from './interface-name';

/** Modes of a macvlan interface, as `ip link` and the plugin's configuration spell them. */
export const MACVLAN_MODES = ['bridge', 'private', 'vepa', 'passthru'] as const;
export type MacvlanMode = (typeof MACVLAN_MODES)[number];

/** The interface net1 and its parent interface. */
export interface Macvlan {
  readonly mode: MacvlanMode;
  /** The parent interface on the node; absent: the one with the node's default route. */
  readonly master?: string;
  /** In bytes; absent: the parent's. */
  readonly mtu?: number;
}

export const DEFAULT_MACVLAN: Macvlan = { mode: 'bridge' };

/**
 * Reads `{ mode, master, mtu }`, the names in both the EgressRouter resource and the plugin's configuration. The
 * reference implementation declares all of them as strings, so the MTU may be a quoted number.
 */
export function readMacvlan(field: Field): Macvlan | undefined {
  if (!field.isObjectOf(['mode', 'master', 'mtu'])) return undefined;
  return readMacvlanMembers({
    mode: field.member('mode'),
    master: field.member('master'),
    mtu: field.member('mtu'),
  });
}

/** Reads the members of a macvlan interface, whatever their keys are. */
export function readMacvlanMembers({ mode, master, mtu }: Readonly<Record<'mode' | 'master' | 'mtu', Field>>): Macvlan {
  return withoutUndefined({
    mode: mode.given((field) => field.wordInAnyCase(MACVLAN_MODES)) ?? DEFAULT_MACVLAN.mode,
    master: master.given(readParentName),
    mtu: mtu.given(readMtu),
  });
}

/** The minimum is IPv4's (RFC 791). */
function readMtu(field: Field): number | undefined {
  if (typeof field.value !== 'string') return field.integer(68, 65535, 'an MTU in bytes');
  const mtu = /^[1-9]\d{1,4}$/.test(field.value) ? Number(field.value) : 0;
  return mtu >= 68 && mtu <= 65535
    ? mtu
    : field.refuse('is not an MTU', 'an MTU in bytes, an integer from 68 to 65535');
}
