import type { Field } from '../../src/domain/input/decoder';
import type { AddressPair } from './address-pair';
import { PAIR_INPUTS, readUuid } from './pair-inputs';

/** The inputs of a `DisabledPortSecurity` in Pulumi's state: canonical, and without secrets. */
export interface PortSecurityInputs {
  readonly portId: string;
  readonly routerPairs?: readonly AddressPair[];
  readonly cloud?: string;
  readonly region?: string;
  readonly allowUnguardedWrite?: boolean;
}

/** The reader of each input; those after the first are optional. */
export const PORT_SECURITY_INPUTS: {
  readonly [K in keyof PortSecurityInputs]-?: (field: Field) => PortSecurityInputs[K] | undefined;
} = {
  portId: (field) => readUuid(field, 'the id of a port'),
  routerPairs: (field) =>
    field.optional((present) => present.elements('a list of { ipAddress, macAddress }').flatMap(readPair)),
  cloud: PAIR_INPUTS.cloud,
  region: PAIR_INPUTS.region,
  allowUnguardedWrite: PAIR_INPUTS.allowUnguardedWrite,
};

function readPair(field: Field): AddressPair[] {
  if (!field.isObjectOf(['ipAddress', 'macAddress'])) return [];
  const ipAddress = PAIR_INPUTS.ipAddress(field.member('ipAddress'));
  const macAddress = PAIR_INPUTS.macAddress(field.member('macAddress'));
  return ipAddress === undefined || macAddress === undefined ? [] : [{ ipAddress, macAddress }];
}
