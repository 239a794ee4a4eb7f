import { join } from 'node:path';
import { execute } from './shell';

/** Folders of the programs that were built from their Go modules. */
export interface Programs {
  readonly kubernetes: string;
  readonly multus: string;
  readonly coredns: string;
}

/** Finds them. */
export function findPrograms(): Programs {
  return { kubernetes: findProgram('kubernetes'), multus: findProgram('multus'), coredns: findProgram('coredns') };
}

/** @returns the folder of what a folder beside this one builds @throws an error that says that it is not built, and how to */
export function findProgram(name: string): string {
  return execute(process.execPath, [join(__dirname, name, 'build.mjs'), '--path']).trim();
}
