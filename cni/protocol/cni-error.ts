import { ConfigError, type Issue, issueText } from '../../src/domain/input/issue';
import { printableLines } from '../../src/domain/input/printable-text';
import { isOfKey } from '../../src/domain/input/unknown-key';
import { valueText } from '../../src/domain/input/value-text';
import {
  EAFNOSUPPORT,
  EAGAIN,
  EMFILE,
  ENFILE,
  ENOBUFS,
  ENOMEM,
  EOPNOTSUPP,
  EPERM,
  EPROTONOSUPPORT,
  ERESTART,
} from '../ffi/errno';

/** Error codes for the runtime: below 100 the specification's, from 100 on ours. */
export const CODES = {
  /** The configuration's CNI version, or the command in that version, is not supported. */
  INCOMPATIBLE_VERSION: 1,
  /** The configuration has a key that is not supported, and no other mistake; `details` has all such keys. */
  UNSUPPORTED_FIELD: 2,
  /** An environment variable is missing or malformed. */
  INVALID_ENVIRONMENT: 4,
  /** A file or standard input could not be read or written. */
  IO: 5,
  /** Standard input is not JSON. */
  DECODE: 6,
  /** The configuration is invalid; `details` has all issues. */
  INVALID_CONFIG: 7,
  /**
   * The kernel's state changed meanwhile, the node lacks memory, buffers or descriptors, or another call works in the
   * same pod: the same call may succeed later.
   */
  TRY_AGAIN_LATER: 11,
  /** STATUS: this node cannot run a router. */
  NOT_AVAILABLE: 50,
  /** A defect of the plugin itself. */
  INTERNAL: 100,
  /** The kernel rejected a request. */
  KERNEL: 101,
  /** Another host answers for the reserved address. */
  ADDRESS_CONFLICT: 102,
  /** The parent interface on the node is missing, down, without carrier, or taken. */
  PARENT_INTERFACE: 103,
  /** The pod's primary interface is missing, or the pod has no default route to find it by. */
  PRIMARY_INTERFACE: 104,
  /** The plugin lacks CAP_NET_ADMIN or CAP_SYS_ADMIN, or may not write a file. */
  PERMISSION: 105,
  /** The kernel lacks nf_tables, macvlan or IPv6. */
  KERNEL_FEATURE: 106,
  /** The pod has a router of this plugin, or an interface of that name, already. */
  EXISTS: 107,
  /** CNI_NETNS is not a network namespace, is gone, or is the node's own. */
  NAMESPACE: 108,
  /** CHECK: what ADD made has changed; `details` has each difference. */
  DIFFERENT: 109,
  /** The pod is in another namespace than the configuration's `podNamespace`. */
  OTHER_NAMESPACE: 110,
} as const;

/**
 * An error in the runtime's terms. Its texts may quote the configuration and the names of files and kernel objects, and
 * kubelet prints them in events: they are printable, with at most 100 lines.
 */
export class CniError extends Error {
  public readonly details: string | undefined;

  public constructor(
    public readonly code: number,
    message: string,
    details?: string,
  ) {
    super(printableLines(message));
    this.name = 'CniError';
    this.details = details === undefined ? undefined : printableLines(details);
  }
}

/** Converts any thrown value to an error for the runtime, without a stack, which only the log gets. */
export function toCniError(thrown: unknown): CniError {
  if (thrown instanceof CniError) return thrown;
  if (thrown instanceof ConfigError) return fromIssues(thrown.issues);
  // By shape, because the classes belong to upper layers or to the runtime.
  const { name, message, errno, code } = (thrown ?? {}) as Partial<Error> & { errno?: number; code?: unknown };
  if (message === undefined) return new CniError(CODES.INTERNAL, `internal error: ${String(thrown)}`);
  if (name === 'NamespaceError' && errno !== EPERM) return new CniError(CODES.NAMESPACE, message);
  if (errno === undefined) return new CniError(CODES.INTERNAL, `internal error: ${name}: ${message}`);
  return typeof code === 'string' ? fromFile(code, errno, message) : fromKernel(errno, message);
}

/** The specification has a code for unsupported keys, whose message must name the key and its value. */
function fromIssues(issues: readonly Issue[]): CniError {
  const details = issues.map((issue) => issueText(issue)).join('\n');
  const [{ path, value } = { path: '', value: undefined }] = issues;
  return issues.every(isOfKey)
    ? new CniError(CODES.UNSUPPORTED_FIELD, `unsupported field ${path}: ${valueText(value)}`, details)
    : new CniError(CODES.INVALID_CONFIG, 'invalid network configuration', details);
}

const LACKS_FEATURE = 'this kernel lacks a feature that the router needs';

/** What the node lacks for the moment, and a state that changed meanwhile. */
const PASSING: readonly number[] = [EAGAIN, ERESTART, ENOMEM, ENOBUFS, ENFILE, EMFILE];

function fromKernel(errno: number, message: string): CniError {
  if (errno === EPERM) {
    return new CniError(CODES.PERMISSION, message, 'the plugin needs CAP_NET_ADMIN and CAP_SYS_ADMIN on the node');
  }
  if ([EAFNOSUPPORT, EOPNOTSUPP, EPROTONOSUPPORT].includes(errno)) {
    return new CniError(CODES.KERNEL_FEATURE, message, LACKS_FEATURE);
  }
  if (PASSING.includes(errno)) return new CniError(CODES.TRY_AGAIN_LATER, message);
  return new CniError(CODES.KERNEL, message);
}

/** @param code such as `EACCES`, from the runtime's file functions */
function fromFile(code: string, errno: number, message: string): CniError {
  // The runtime's error numbers are negative.
  if (PASSING.includes(Math.abs(errno))) return new CniError(CODES.TRY_AGAIN_LATER, message);
  // Mostly settings of IPv6, if it is switched off at boot.
  if (code === 'ENOENT' && message.includes('/proc/sys/'))
    return new CniError(CODES.KERNEL_FEATURE, message, LACKS_FEATURE);
  return new CniError(code === 'EACCES' || code === 'EPERM' ? CODES.PERMISSION : CODES.IO, message);
}

/** The error object of the specification, for standard output. */
export function encodeError(cniVersion: string, { code, message, details }: CniError): string {
  return JSON.stringify({ cniVersion, code, msg: message, details });
}
