/** One flag of a subcommand: `--name`, or `--name=VALUE`. */
export interface Flag {
  /** Placeholder of the value in the help, such as `DIR`; absent for a flag without a value. */
  readonly value?: string;
  readonly help: string;
}
