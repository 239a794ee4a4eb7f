import type { HostName } from '../values/host-name';
import { textHashDigits } from '../values/text-hash';

/** The longest name of a Service. */
const LONGEST = 63;

/**
 * The name of the Service of a host: the router's name and the host's, with `-` for `.` and `--` for `-`, so that no
 * two hosts share one. A long one is cut, and ends with a hash of the whole.
 */
export function hostServiceName(router: string, host: HostName): string {
  const name = `${router}-${host.replaceAll('-', '--').replaceAll('.', '-')}`;
  if (name.length <= LONGEST) return name;
  const digits = textHashDigits(`${router} ${host}`);
  return `${name.slice(0, LONGEST - digits.length - 1)}-${digits}`;
}
