import type { Field } from '../../src/domain/input/decoder';
import { readMacAddress } from '../../src/domain/values/mac-address';
import { readPairAddress } from './address-pair';
import { readUuid } from './uuid';

/** The inputs of an `AllowedAddressPair` as they are in Pulumi's state: canonical, and without a secret. */
export interface PairInputs {
  readonly portId: string;
  readonly ipAddress: string;
  readonly macAddress: string;
  readonly cloud?: string;
  readonly region?: string;
  readonly keepAdopted?: boolean;
  readonly allowUnguardedWrite?: boolean;
}

/** How each input is read; those behind the first three may be absent. */
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

/** What a pair has to have. */
export const PAIR_IDENTITY = ['portId', 'ipAddress', 'macAddress'] as const;

/** What makes its resource another one. */
export const PAIR_PLACE = ['portId', 'ipAddress'] as const;
