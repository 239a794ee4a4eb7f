/**
 * What a pod of a pair is.
 *
 * | role | its link |
 * |---|---|
 * | `waiting` | down: another pod has the standby's MAC address |
 * | `standby` | up, with the standby's MAC address |
 * | `probing` | up: asks the LAN whether the address is free |
 * | `holder` | up, with the holder's MAC address and the reserved address |
 * | `muted` | down: a holder that cannot know whether its standby has taken over |
 * | `returning` | up, with a MAC address of its own: a muted pod that listens whether the address has another holder |
 * | `resigned` | down: a holder that leaves the address to its standby |
 * | `ended` | down: the pod is being deleted |
 */
export type Role =
  | { readonly name: 'waiting'; readonly since: number }
  | {
      readonly name: 'standby';
      readonly since: number;
      /** Whether the holder was heard on this LAN, so that its silence says something. */
      readonly trusts: boolean;
      /** When the own beat was sent which the holder last echoed: since then it knows its standby. */
      readonly knownAt: number;
    }
  | {
      readonly name: 'probing';
      readonly since: number;
      /** A holder that was mute has a MAC address of its own meanwhile. */
      readonly from: 'standby' | 'muted';
      readonly sent: number;
      readonly probes: number;
      readonly trusts: boolean;
      readonly knownAt: number;
    }
  | {
      readonly name: 'holder';
      readonly since: number;
      /** Of a probe for the address that the standby broadcast: it does not hear the answers. */
      readonly challengedAt?: number;
      /** Of the question to the standby after a pause. */
      readonly askedAt?: number;
    }
  | { readonly name: 'muted'; readonly since: number }
  | { readonly name: 'returning'; readonly since: number }
  | { readonly name: 'resigned'; readonly since: number; readonly ends: boolean }
  | { readonly name: 'ended'; readonly since: number };

export type RoleName = Role['name'];

export const ROLE_NAMES: readonly RoleName[] = [
  'waiting',
  'standby',
  'probing',
  'holder',
  'muted',
  'returning',
  'resigned',
  'ended',
];

/** What the link of a role is. `asking` is up with a MAC address that no other pod has. */
export type LanState = 'down' | 'listening' | 'asking' | 'held';

export function lanState(role: Role): LanState {
  switch (role.name) {
    case 'standby':
      return 'listening';
    case 'returning':
      return 'asking';
    case 'probing':
      return role.from === 'standby' ? 'listening' : 'asking';
    case 'holder':
      return 'held';
    default:
      return 'down';
  }
}
