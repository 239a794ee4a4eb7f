import { Field } from '../../src/domain/input/decoder';
import { valueText } from '../../src/domain/input/value-text';
import { INTERFACE_NAME, readInterfaceName } from '../../src/domain/values/interface-name';
import { isLabel, isSubdomain } from '../../src/domain/values/kubernetes-name';
import { isQualified } from '../../src/domain/values/object-metadata';
import { InputError } from './input-error';

/*
 * Names that the API server would reject are rejected here, too: they end up in scripts, comments and terminals.
 */

/** Kinds whose names are printed; of other kinds only the kind is. */
const PRINTED: readonly string[] = [
  'ConfigMap',
  'Deployment',
  'EgressRouter',
  'NetworkAttachmentDefinition',
  'NetworkPolicy',
  'Service',
];

/** @throws InputError for an invalid apiVersion or kind */
export function checkKind(apiVersion: string, kind: string, at: string): void {
  if (!/^([a-z0-9.-]+\/)?[a-z0-9]+$/.test(apiVersion)) {
    throw refusal(
      at,
      'apiVersion',
      apiVersion,
      'is not an API version',
      'GROUP/VERSION, or a version of the core group',
    );
  }
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(kind)) {
    throw refusal(at, 'kind', kind, 'is not a kind', 'letters, digits and "-", beginning with a letter');
  }
}

/**
 * Checks the object's name, or its prefix that the API server completes.
 *
 * @throws InputError for a name that is invalid for the kind
 */
export function checkName(kind: string, name: string, isBeginning: boolean, at: string): void {
  if (!PRINTED.includes(kind)) return;
  if (isSubdomain(isBeginning ? `${name}x` : name)) return;
  const accepted = 'labels of lower-case letters, digits and "-" with "." between them, at most 253 characters';
  throw refusal(
    `${at}: ${kind}`,
    isBeginning ? 'metadata.generateName' : 'metadata.name',
    name,
    'is not a name',
    accepted,
  );
}

/** A name, made safe to print before it is checked. */
export function shownName(kind: string, name: string): string {
  return PRINTED.includes(kind) ? name : valueText(name);
}

/** @throws InputError for an invalid namespace name */
export function readNamespace(namespace: unknown, at: string): { readonly namespace?: string } {
  if (namespace === undefined || namespace === null || namespace === '') return {};
  if (typeof namespace === 'string' && isLabel(namespace)) return { namespace };
  const accepted = 'lower-case letters, digits and "-", at most 63';
  throw refusal(at, 'metadata.namespace', namespace, 'is not a namespace name', accepted);
}

/** @throws InputError for an invalid label value */
export function checkLabelValue(label: string, value: string, at: string): void {
  if (isQualified(value)) return;
  const accepted = 'letters, digits, "-", "_" and ".", beginning and ending with a letter or digit, at most 63';
  throw refusal(at, `metadata.labels[${JSON.stringify(label)}]`, value, 'is not a label value', accepted);
}

/** @throws InputError for an invalid interface name */
export function checkInterfaceName(name: string, path: string, at: string): void {
  if (readInterfaceName(Field.root(name, [])) === undefined) {
    throw refusal(at, path, name, 'is not an interface name', INTERFACE_NAME);
  }
}

function refusal(at: string, path: string, value: unknown, problem: string, accepted: string): InputError {
  return new InputError(`${at}: ${path}: ${valueText(value)} ${problem}; accepted: ${accepted}`);
}
