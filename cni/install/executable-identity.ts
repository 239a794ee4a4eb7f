import { MARKER } from '../protocol/usage';
import { partsOf } from './file-parts';

const MARKER_BEGINS = 'cdk8s-egress-router executable, version ';
const LONGEST_MARKER = 128;

/** The module's path, which Go writes into its executables. */
const OPENSHIFT_MODULE = 'github.com/openshift/egress-router-cni';

/** The owner of an executable. */
export type ExecutableIdentity =
  | { readonly owner: 'ours'; readonly version: string }
  | { readonly owner: 'openshift' }
  | { readonly owner: 'unknown' };

/**
 * Reads the owner of an executable without running it: a foreign program might do anything when it is called.
 */
export function fileIdentity(path: string): Promise<ExecutableIdentity> {
  return identityOf(partsOf(path));
}

/**
 * @param parts a program's content, cut anywhere. The marker also occurs in our own program as the text to search for,
 * but without a version after it
 */
export async function identityOf(parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<ExecutableIdentity> {
  let before = Buffer.alloc(0);
  let isOpenshift = false;
  for await (const part of parts) {
    const text = Buffer.concat([before, part]);
    const version = markedVersion(text);
    if (version !== undefined) return { owner: 'ours', version };
    isOpenshift ||= text.includes(OPENSHIFT_MODULE);
    before = text.subarray(-LONGEST_MARKER);
  }
  return { owner: isOpenshift ? 'openshift' : 'unknown' };
}

function markedVersion(text: Buffer): string | undefined {
  for (let at = text.indexOf(MARKER_BEGINS); at >= 0; at = text.indexOf(MARKER_BEGINS, at + 1)) {
    const [, version] = MARKER.exec(text.toString('latin1', at, at + LONGEST_MARKER)) ?? [];
    if (version !== undefined) return version;
  }
  return undefined;
}
