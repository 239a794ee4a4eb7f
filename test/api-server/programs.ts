import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where the programs lie that the tests run. */
export interface Programs {
  readonly etcd: string;
  readonly apiServer: string;
  readonly kubectl: string;
}

/**
 * Finds the programs, or throws an error whose message is the sentence of {@link missingRequirement}. A given cluster
 * brings its own store, so etcd is only looked for when the server is to be ours.
 */
export function findPrograms(ownServer: boolean): Programs {
  const folder = builtFolder();
  return {
    etcd: ownServer ? findEtcd() : '',
    apiServer: join(folder, 'kube-apiserver'),
    kubectl: join(folder, 'kubectl'),
  };
}

/** Says exactly what this machine lacks for the tests against an API server and how to get it. */
export function missingRequirement(ownServer: boolean): string | undefined {
  try {
    findPrograms(ownServer);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

let built: string | undefined;

/** Asks build.mjs, which alone knows what the folder's name is made of. */
function builtFolder(): string {
  if (built) return built;
  const script = join(__dirname, 'build.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--path'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr.trim() || `${script} --path ended with status ${status}.`);
  built = stdout.trim();
  return built;
}

function findEtcd(): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/bin'];
  const found = folders.map((folder) => join(folder, 'etcd')).find(isExecutable);
  if (!found) throw new Error('The program `etcd` is missing: run `apt-get install etcd-server`.');
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
