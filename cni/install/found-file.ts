import { lstatSync } from 'node:fs';
import { OWN_EXECUTABLE } from '../protocol/own-executable';
import { ownVersion } from '../protocol/usage';
import { fileIdentity } from './executable-identity';
import { haveSameContent, isBeginningOf } from './file-parts';
import { InstallError } from './install-error';

/** The file at the plugin's path on the node. */
export type FoundFile =
  | { readonly what: 'nothing' }
  /** This executable, as it was installed. */
  | { readonly what: 'installed' }
  /** Another build of ours, or this one damaged or not executable. */
  | { readonly what: 'ours'; readonly version: string }
  /** OKD's own plugin, installed by its operator. */
  | { readonly what: 'openshift' }
  | { readonly what: 'foreign' };

const OTHER_NAME =
  'give this installer and the routers another name (--plugin-name; pluginName of the EgressRouterCluster)';

/** Whether it is any build of ours. */
export function isOurs({ what }: FoundFile): boolean {
  return what === 'installed' || what === 'ours';
}

/** @throws InstallError for a directory, which a file cannot replace */
export async function lookAt(path: string): Promise<FoundFile> {
  const file = lstatSync(path, { throwIfNoEntry: false });
  if (file === undefined) return { what: 'nothing' };
  if (file.isDirectory())
    throw new InstallError(`${path} is a directory, where the plugin would be: remove it, or ${OTHER_NAME}`);
  if (!file.isFile()) return { what: 'foreign' };
  const isRunnable = (file.mode & 0o7777) === 0o755 && file.uid === 0;
  if (isRunnable && (await haveSameContent(OWN_EXECUTABLE, path))) return { what: 'installed' };
  // The marker is near the end, which a truncated copy lacks.
  if (await isBeginningOf(OWN_EXECUTABLE, path)) return { what: 'ours', version: ownVersion() };
  const { owner, ...rest } = await fileIdentity(path);
  switch (owner) {
    case 'ours':
      return { what: 'ours', ...(rest as { readonly version: string }) };
    case 'openshift':
      return { what: 'openshift' };
    case 'unknown':
      return { what: 'foreign' };
  }
}

/** @throws InstallError for a foreign file, with what to do about it */
export function requireOurs(path: string, found: FoundFile, force: boolean): void {
  if (found.what === 'openshift')
    throw new InstallError(`${path} is OKD's own plugin, which its routers need, and was not replaced; ${OTHER_NAME}`);
  if (found.what === 'foreign' && !force)
    throw new InstallError(
      `${path} is a foreign file, and was not replaced; ${OTHER_NAME}, or pass --force if nothing calls that file`,
    );
}

export function description(found: FoundFile): string {
  switch (found.what) {
    case 'nothing':
      return 'is missing';
    case 'installed':
      return 'is installed';
    case 'ours':
      return `is another build of ours, or a damaged one (version ${found.version})`;
    case 'openshift':
      return "is OKD's own plugin";
    case 'foreign':
      return 'is a foreign file';
  }
}
