import type { NetworkConfig } from '../../../src/domain/router/network-config';

/** A version of the file without mistakes. */
interface Version {
  readonly config: NetworkConfig;
}

/**
 * What the kernel has of the file. `version` is the last one without mistakes; absent, the kernel has the rules that it
 * had when the process started.
 */
export type RulesState<V extends Version> =
  | { readonly kind: 'in-force'; readonly version?: V }
  /** The file has mistakes: the rules of the last valid version stay. */
  | { readonly kind: 'rejected'; readonly version?: V; readonly fileProblem: string }
  /** The table does not have the version's rules: they are tried again each second. */
  | {
      readonly kind: 'waiting-for-table';
      readonly version: V;
      /** Why the last attempt failed; absent before the first. */
      readonly tableProblem?: string;
      /** Why the file on disk is rejected, where it is newer than the version. */
      readonly fileProblem?: string;
    };

/** After the file was read and rejected. A version that waits for the table goes on waiting. */
export function afterRejection<V extends Version>(state: RulesState<V>, fileProblem: string): RulesState<V> {
  if (state.kind === 'waiting-for-table') return { ...state, fileProblem };
  return { kind: 'rejected', version: state.version, fileProblem };
}

/** After another program changed the table, so that it differs from the version. */
export function afterTableChange<V extends Version>(state: RulesState<V>): RulesState<V> {
  const { version } = state;
  if (state.kind === 'waiting-for-table' || version === undefined) return state;
  return { kind: 'waiting-for-table', version, fileProblem: fileProblemOf(state) };
}

/**
 * After an attempt to put a version in force.
 *
 * @param tableProblem why it failed; undefined: it succeeded
 */
export function afterAttempt<V extends Version>(
  state: RulesState<V>,
  version: V,
  tableProblem: string | undefined,
): RulesState<V> {
  // A version that was read anew takes the place of a rejected file.
  const fileProblem = state.version === version ? fileProblemOf(state) : undefined;
  if (tableProblem !== undefined) return { kind: 'waiting-for-table', version, tableProblem, fileProblem };
  return fileProblem === undefined ? { kind: 'in-force', version } : { kind: 'rejected', version, fileProblem };
}

/** Problems of a state that the state before did not have: each is reported once, however often a retry meets it. */
export function newProblems<V extends Version>(before: RulesState<V>, now: RulesState<V>): string[] {
  const known = problemsOf(before);
  return problemsOf(now).filter((problem) => !known.includes(problem));
}

function problemsOf<V extends Version>(state: RulesState<V>): string[] {
  const table = state.kind === 'waiting-for-table' ? state.tableProblem : undefined;
  return [table, fileProblemOf(state)].filter((problem) => problem !== undefined);
}

function fileProblemOf<V extends Version>(state: RulesState<V>): string | undefined {
  return state.kind === 'in-force' ? undefined : state.fileProblem;
}
