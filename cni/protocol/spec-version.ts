import { valueText } from '../../src/domain/input/value-text';
import { CNI_VERSIONS } from '../../src/domain/router/network-config';
import { CniError, CODES } from './cni-error';

/** The commands, and the version of the specification that introduced each. */
const COMMANDS = {
  ADD: '0.3.0',
  DEL: '0.3.0',
  CHECK: '0.4.0',
  STATUS: '1.1.0',
  GC: '1.1.0',
  VERSION: '0.3.0',
} as const;

export type Command = keyof typeof COMMANDS;
export type CniVersion = (typeof CNI_VERSIONS)[number];

const OLDEST: CniVersion = '0.3.0';
const NEWEST: CniVersion = '1.1.0';

/** @throws CniError if the environment names an unknown command */
export function readCommand(command: string | undefined): Command {
  if (command !== undefined && Object.hasOwn(COMMANDS, command)) return command as Command;
  throw new CniError(
    CODES.INVALID_ENVIRONMENT,
    `CNI_COMMAND ${JSON.stringify(command ?? '')} is not known`,
    `accepted: ${Object.keys(COMMANDS).join(', ')}`,
  );
}

/**
 * The version of the specification for the answer to a configuration. Without a version, as in old hand-written ones,
 * it is the oldest supported one.
 *
 * @throws CniError if it is not supported, or lacks the command
 */
export function readVersion(input: unknown, command: Command): CniVersion {
  const given = givenVersion(input);
  const version = given === undefined || given === '' ? OLDEST : CNI_VERSIONS.find((known) => known === given);
  if (version === undefined) throw incompatible(`cniVersion ${valueText(given)} is not supported`);
  if (CNI_VERSIONS.indexOf(version) < CNI_VERSIONS.indexOf(COMMANDS[command])) {
    throw incompatible(`cniVersion ${version} has no command ${command}, which came with ${COMMANDS[command]}`);
  }
  return version;
}

/** The version for the answer to a configuration that may be invalid or unreadable. */
export function answerVersion(input: unknown): CniVersion {
  const given = givenVersion(input);
  return CNI_VERSIONS.find((known) => known === given) ?? NEWEST;
}

/** The version of the answer to VERSION: the given one, also where it is not supported. */
export function repeatedVersion(input: unknown): string {
  const given = givenVersion(input);
  return typeof given === 'string' && /^\d{1,9}(\.\d{1,9}){2}$/.test(given) ? given : NEWEST;
}

/** The answer to VERSION. */
export function encodeVersions(cniVersion: string): string {
  return JSON.stringify({ cniVersion, supportedVersions: CNI_VERSIONS });
}

function givenVersion(input: unknown): unknown {
  return (input as { readonly cniVersion?: unknown } | null | undefined)?.cniVersion ?? undefined;
}

function incompatible(message: string): CniError {
  return new CniError(CODES.INCOMPATIBLE_VERSION, message, `supported: ${CNI_VERSIONS.join(', ')}`);
}
