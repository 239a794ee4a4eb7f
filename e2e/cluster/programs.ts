import { join } from 'node:path';
import { execute } from './shell';

/** Folders of the programs that were built from their Go modules. */
export interface Programs {
  readonly kubernetes: string;
  readonly multus: string;
  readonly coredns: string;
}

/** Finds them. @throws an error that says which is not built, and how to build it */
export function findPrograms(): Programs {
  const find = (name: string) => execute(process.execPath, [join(__dirname, name, 'build.mjs'), '--path']).trim();
  return { kubernetes: find('kubernetes'), multus: find('multus'), coredns: find('coredns') };
}
