import { readFileSync } from 'node:fs';
import { ServeError } from './serve-error';

/** Bits of linux/capability.h. */
const CAPABILITIES = { NET_ADMIN: 12n, NET_RAW: 13n } as const;

export type Capability = keyof typeof CAPABILITIES;

/**
 * Refuses to start without a capability, and names the missing fields of a pod's `securityContext`.
 *
 * @param flag of the subcommand that needs it
 * @param status the content of `/proc/self/status`
 * @throws ServeError
 * @see proc_pid_status(5)
 */
export function requireCapability(capability: Capability, flag: string, status = ownStatus()): void {
  if (has(status, 'CapEff', capability)) return;
  const uid = field(status, 'Uid');
  const missing = [
    // A container's added capabilities are in the bounding set, from which execve(2) grants them only to root.
    ...(uid === '0' ? [] : [`runAsUser: 0 (it is ${uid}, and an added capability has no effect for it)`]),
    ...(has(status, 'CapBnd', capability) ? [] : [`capabilities: { add: [${capability}] }`]),
  ];
  const reason = missing.length > 0 ? `its securityContext lacks ${missing.join(' and ')}` : 'the runtime removed it';
  throw new ServeError(`--${flag} needs the capability ${capability}, which the container lacks: ${reason}`);
}

function ownStatus(): string {
  return readFileSync('/proc/self/status', 'utf8');
}

function has(status: string, set: 'CapEff' | 'CapBnd', capability: Capability): boolean {
  return ((BigInt(`0x${field(status, set)}`) >> CAPABILITIES[capability]) & 1n) === 1n;
}

/** The first value of a line; of `Uid`, the real one. */
function field(status: string, name: string): string {
  return new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? '0';
}
