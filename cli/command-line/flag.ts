/** One flag of a subcommand: `--name`, or `--name=VALUE`. */
export interface Flag {
  /** What stands for the value in the help, such as `DIR`; absent when the flag takes none. */
  readonly value?: string;
  readonly help: string;
}
