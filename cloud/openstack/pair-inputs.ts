import type { Field } from '../../src/domain/input/decoder';
import { readMacAddress } from '../../src/domain/values/mac-address';
import { readPairAddress } from './address-pair';

/** The inputs of an `AllowedAddressPair` in Pulumi's state: canonical, and without secrets. */
export interface PairInputs {
  readonly portId: string;
  readonly ipAddress: string;
  readonly macAddress: string;
  readonly cloud?: string;
  readonly region?: string;
  readonly keepAdopted?: boolean;
  readonly allowUnguardedWrite?: boolean;
}

/** The reader of each input; those after the first three are optional. */
export const PAIR_INPUTS: { readonly [K in keyof PairInputs]-?: (field: Field) => PairInputs[K] | undefined } = {
  portId: (field) => readUuid(field, 'the id of a port'),
  ipAddress: readPairAddress,
  macAddress: readMacAddress,
  cloud: (field) => field.given((given) => given.text('the name of a cloud in clouds.yaml')),
  region: (field) => field.given((given) => given.text('the name of a region')),
  keepAdopted: (field) => field.optional((present) => present.flag()),
  allowUnguardedWrite: (field) => field.optional((present) => present.flag()),
};

export const PAIR_INPUT_NAMES = Object.keys(PAIR_INPUTS) as (keyof PairInputs)[];

/** The required inputs. */
export const PAIR_IDENTITY = ['portId', 'ipAddress', 'macAddress'] as const;

/** A change of these inputs replaces the resource. */
export const PAIR_PLACE = ['portId', 'ipAddress'] as const;

/** Reads the id of an OpenStack resource, such as a port, into lower case with hyphens. */
export function readUuid(field: Field, meaning: string): string | undefined {
  const accepted = `${meaning}, a UUID such as "7b2c1d5e-0f7a-4b8e-9d35-2f6c8a1e4b90"`;
  const text = field.text(accepted);
  if (text === undefined) return undefined;
  const digits = text.replaceAll('-', '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(digits) || ![32, 36].includes(text.length)) return field.refuse('is not a UUID', accepted);
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
