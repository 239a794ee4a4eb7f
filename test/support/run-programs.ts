/**
 * Runs cdk8s programs in one process, for most of a run is the loading of libraries:
 *
 *     tsx run-programs.ts '[{ "main": "…/main.ts", "folder": "…" }, …]'
 *
 * Prints what each came to, as JSON: null, or the error that it ended with.
 */

/** A program, and the folder for its manifests. */
export interface Program {
  readonly main: string;
  readonly folder: string;
}

const programs = JSON.parse(process.argv[2]!) as Program[];
const errors = programs.map(({ main, folder }) => {
  process.env.CDK8S_OUTDIR = folder;
  try {
    require(main);
    return null;
  } catch (error) {
    return (error as Error).stack;
  }
});
process.stdout.write(JSON.stringify(errors));
