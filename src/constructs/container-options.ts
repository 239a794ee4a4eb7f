import * as kplus from 'cdk8s-plus-28';
import type { Field } from '../config/decoder';

/** Props of the router's container that come as objects of cdk8s and cdk8s-plus. */
export interface ContainerOptions {
  readonly imagePullPolicy: kplus.ImagePullPolicy;
  readonly resources?: kplus.ContainerResources;
  readonly dockerRegistryAuth?: kplus.ISecret;
}

/**
 * Reads them. Plain values, such as `10m` from a YAML file, are refused: cdk8s-plus would take them and write nothing.
 */
export function readContainerOptions(props: Field): ContainerOptions {
  const policies = Object.values(kplus.ImagePullPolicy);
  const resources = props.member('resources');
  if (resources.isPresent && resources.isObjectOf(['cpu', 'memory', 'ephemeralStorage'])) {
    checkAmounts(resources.member('cpu'), 'amount', 'a Cpu, such as Cpu.millis(10)');
    checkAmounts(resources.member('memory'), 'toMebibytes', 'a Size, such as Size.mebibytes(64)');
    checkAmounts(resources.member('ephemeralStorage'), 'toMebibytes', 'a Size, such as Size.mebibytes(64)');
  }
  const auth = props.member('dockerRegistryAuth');
  if (auth.isPresent && !has(auth.value, 'name')) auth.refuse('is not a Secret', 'a Secret of cdk8s-plus');
  return {
    imagePullPolicy:
      props.member('imagePullPolicy').optional((field) => field.word(policies)) ?? kplus.ImagePullPolicy.IF_NOT_PRESENT,
    resources: resources.value as kplus.ContainerResources | undefined,
    dockerRegistryAuth: auth.value as kplus.ISecret | undefined,
  };
}

function checkAmounts(field: Field, member: string, accepted: string): void {
  if (!field.isPresent || !field.isObjectOf(['request', 'limit'])) return;
  for (const amount of [field.member('request'), field.member('limit')]) {
    if (amount.isPresent && !has(amount.value, member)) amount.refuse('is not of that type', accepted);
  }
}

function has(value: unknown, member: string): boolean {
  return typeof value === 'object' && value !== null && member in value;
}
