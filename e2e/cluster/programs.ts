import { join } from 'node:path';
import { execute } from './shell';

/** Folders of the programs that were built from their Go modules. */
export interface Programs {
  readonly kubernetes: string;
  readonly multus: string;
  readonly coredns: string;
}

/** Finds the programs. */
export function findPrograms(): Programs {
  return { kubernetes: findProgram('kubernetes'), multus: findProgram('multus'), coredns: findProgram('coredns') };
}

/** @returns the output folder of a folder beside this one @throws an error with the build command if it is not built */
export function findProgram(name: string): string {
  return execute(process.execPath, [join(__dirname, name, 'build.mjs'), '--path']).trim();
}
