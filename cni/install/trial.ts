import { release } from 'node:os';
import { InstallError } from './install-error';
import type { Node, Outcome } from './node';

/** The first kernel with NAT in nf_tables' family `inet`; the runtime itself needs 5.1. */
const LEAST_KERNEL = [5, 2] as const;
const GLIBC = 'glibc 2.17 or newer';

/** The executable and settings of a trial. */
export interface Candidate {
  /** Its path on the node. */
  readonly file: string;
  /** Name of the plugin, as networks give it. */
  readonly plugin: string;
  /** The parent interface of routers; absent: the one of the node's default route. */
  readonly master: string | undefined;
}

/**
 * Checks whether an executable works on this node: it must start with the node's kernel, C library and CPU, and pass
 * STATUS, which tries macvlan and nf_tables.
 *
 * @throws InstallError with what the node lacks
 */
export async function requireToServe(node: Node, { file, plugin, master }: Candidate): Promise<void> {
  requireKernel(release());
  const start = await node.run(file, { args: ['--version'] });
  const problem = startProblem(start);
  if (problem !== undefined) throw new InstallError(`${file} does not run on this node: ${problem}`);
  const input = JSON.stringify(statusConfig(plugin, master));
  const answer = await node.run(file, { env: { CNI_COMMAND: 'STATUS', CNI_PATH: '/' }, input });
  if (answer.status !== 0) throw new InstallError(statusProblem(answer));
}

/** @param version such as `6.1.0-18-amd64` */
export function requireKernel(version: string): void {
  const [major = 0, minor = 0] = version.split(/[^\d]/).map(Number);
  const [leastMajor, leastMinor] = LEAST_KERNEL;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new InstallError(`this node's kernel is ${version}; accepted: Linux ${LEAST_KERNEL.join('.')} or newer`);
}

const START_ERRORS: Readonly<Record<string, string>> = {
  // The file exists, so its loader is missing.
  ENOENT: `it has no ${GLIBC}: a node with musl (Alpine, Talos) cannot run it`,
  ENOEXEC: 'it is for another architecture of CPU: the image was built, or pulled, for the wrong one',
  EACCES: "the directory's file system is mounted noexec, or a security module forbids it",
};

/** The reason why `--version` failed. */
export function startProblem({ status, signal, stderr, startError }: Outcome): string | undefined {
  if (startError !== undefined) return START_ERRORS[startError] ?? `it does not start (${startError})`;
  const [, missing] = /version `(GLIBC_[\d.]+)' not found/.exec(stderr) ?? [];
  if (missing !== undefined) return `the node's C library lacks ${missing}; accepted: ${GLIBC}`;
  if (signal === 'SIGILL') return 'its CPU lacks instructions; accepted: x86-64 with SSE4.2, or arm64';
  if (signal !== null) return `signal ${signal} ended it`;
  return status === 0 ? undefined : `it ended with ${status}: ${stderr.trim()}`;
}

/** Documentation addresses: STATUS does not use them. */
function statusConfig(plugin: string, master: string | undefined) {
  return {
    cniVersion: '1.1.0',
    name: 'egress-router-install',
    type: plugin,
    interfaceArgs: master === undefined ? {} : { master },
    ip: { addresses: ['192.0.2.2/24'], gateway: '192.0.2.1', destinations: ['443 TCP 203.0.113.26'] },
    log_level: 'panic',
  };
}

function statusProblem({ stdout, stderr, signal, status }: Outcome): string {
  try {
    const { msg, details } = JSON.parse(stdout) as { readonly msg: string; readonly details?: string };
    // The message of STATUS has the first problem, the details have all.
    return details === undefined ? msg : `this node cannot serve: ${details.replaceAll('\n', '; ')}`;
  } catch {
    return `STATUS ended with ${signal ?? status}: ${stderr.trim()}`;
  }
}
