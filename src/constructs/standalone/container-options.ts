import { type Size, SizeRoundingBehavior } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Field } from '../../domain/input/decoder';
import { readImageName } from './image-name';

/** Props of the router's container that come as objects of cdk8s and cdk8s-plus. */
export interface ContainerOptions {
  readonly imagePullPolicy: kplus.ImagePullPolicy;
  readonly resources?: kplus.ContainerResources;
  readonly dockerRegistryAuth?: kplus.ISecret;
  readonly standbyKeySecret?: kplus.ISecret;
}

/**
 * Reads them. Plain values, such as `10m` from a YAML file, are refused: cdk8s-plus would take them and write nothing.
 */
export function readContainerOptions(props: Field): ContainerOptions {
  const policies = Object.values(kplus.ImagePullPolicy);
  const resources = props.member('resources');
  if (resources.isPresent && resources.isObjectOf(['cpu', 'memory', 'ephemeralStorage'])) {
    checkAmounts(resources.member('cpu'), millis, 'a Cpu, such as Cpu.millis(10)');
    checkAmounts(
      resources.member('memory'),
      whole('toMebibytes'),
      'a Size of whole mebibytes, such as Size.mebibytes(64)',
    );
    checkAmounts(
      resources.member('ephemeralStorage'),
      whole('toGibibytes'),
      'a Size of whole gibibytes, such as Size.gibibytes(1)',
    );
  }
  return {
    imagePullPolicy:
      props.member('imagePullPolicy').optional((field) => field.word(policies)) ?? kplus.ImagePullPolicy.IF_NOT_PRESENT,
    resources: resources.value as kplus.ContainerResources | undefined,
    dockerRegistryAuth: readSecret(props.member('dockerRegistryAuth')),
    standbyKeySecret: readSecret(props.member('standbyKeySecret')),
  };
}

function readSecret(field: Field): kplus.ISecret | undefined {
  if (field.isPresent && !has(field.value, 'name')) field.refuse('is not a Secret', 'a Secret of cdk8s-plus');
  return field.value as kplus.ISecret | undefined;
}

/**
 * Reads the image of a container, which has to be there. A refused one becomes the empty text, so that construction can
 * go on.
 */
export function readImage(field: Field): string {
  return readImageName(field) ?? '';
}

/** Checks a request and a limit, each measured by `measure`. */
function checkAmounts(field: Field, measure: (value: unknown) => number | undefined, accepted: string): void {
  if (!field.isPresent || !field.isObjectOf(['request', 'limit'])) return;
  const read = (amount: Field) =>
    amount.optional(({ value }) => measure(value) ?? amount.refuse('is not one', accepted));
  const limitField = field.member('limit');
  const [request, limit] = [read(field.member('request')), read(limitField)];
  if (request !== undefined && limit !== undefined && request > limit)
    limitField.refuse('is less than the request', 'at least the request');
}

/** Thousandths of a CPU. */
function millis(value: unknown): number | undefined {
  const amount = has(value, 'amount') ? String((value as kplus.Cpu).amount) : '';
  const [, digits, unit] = /^([\d.]+)(m?)$/.exec(amount) ?? [];
  return digits === undefined ? undefined : Number(digits) * (unit === 'm' ? 1 : 1000);
}

/** The number of units that cdk8s-plus will write; it writes whole ones only. */
function whole(unit: 'toMebibytes' | 'toGibibytes'): (value: unknown) => number | undefined {
  return (value) => {
    if (!has(value, unit)) return undefined;
    const units = (value as Size)[unit]({ rounding: SizeRoundingBehavior.NONE });
    return Number.isInteger(units) ? units : undefined;
  };
}

function has(value: unknown, member: string): boolean {
  return typeof value === 'object' && value !== null && member in value;
}
