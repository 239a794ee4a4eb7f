import { Field } from '../../src/domain/input/decoder';
import { valueText } from '../../src/domain/input/value-text';
import { INTERFACE_NAME, readInterfaceName } from '../../src/domain/values/interface-name';
import { isLabel, isSubdomain } from '../../src/domain/values/kubernetes-name';
import { isQualified } from '../../src/domain/values/object-metadata';
import { InputError } from './input-error';

/*
 * What the API server would refuse as a name is refused here too: names end up in scripts, in comments and on terminals.
 */

/** Kinds whose names are printed; of all others only the kind is. */
const PRINTED: readonly string[] = [
  'ConfigMap',
  'Deployment',
  'EgressRouter',
  'NetworkAttachmentDefinition',
  'NetworkPolicy',
  'Service',
];

/** @throws InputError for text that no object has as its apiVersion and kind */
export function checkKind(apiVersion: string, kind: string, at: string): void {
  if (!/^([a-z0-9.-]+\/)?[a-z0-9]+$/.test(apiVersion)) {
    throw refusal(at, 'apiVersion', apiVersion, 'is no version', 'GROUP/VERSION, or a version of the core group');
  }
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(kind)) {
    throw refusal(at, 'kind', kind, 'is no kind', 'letters, digits and "-", beginning with a letter');
  }
}

/**
 * The object's name, or the beginning of one that the API server completes.
 *
 * @throws InputError for text that no object of the kind is called
 */
export function checkName(kind: string, name: string, isBeginning: boolean, at: string): void {
  if (!PRINTED.includes(kind)) return;
  if (isSubdomain(isBeginning ? `${name}x` : name)) return;
  const accepted = 'labels of lower-case letters, digits and "-" with "." between them, at most 253 characters';
  throw refusal(
    `${at}: ${kind}`,
    isBeginning ? 'metadata.generateName' : 'metadata.name',
    name,
    'is no name',
    accepted,
  );
}

/** A name that may not have been checked. */
export function shownName(kind: string, name: string): string {
  return PRINTED.includes(kind) ? name : valueText(name);
}

/** @throws InputError for what no namespace can be called */
export function readNamespace(namespace: unknown, at: string): { readonly namespace?: string } {
  if (namespace === undefined || namespace === null || namespace === '') return {};
  if (typeof namespace === 'string' && isLabel(namespace)) return { namespace };
  const accepted = 'lower-case letters, digits and "-", at most 63';
  throw refusal(at, 'metadata.namespace', namespace, 'is no namespace', accepted);
}

/** @throws InputError for text that no label has as its value */
export function checkLabelValue(label: string, value: string, at: string): void {
  if (isQualified(value)) return;
  const accepted = 'letters, digits, "-", "_" and ".", beginning and ending with a letter or digit, at most 63';
  throw refusal(at, `metadata.labels[${JSON.stringify(label)}]`, value, 'is no value of a label', accepted);
}

/** @throws InputError for text that no interface is called */
export function checkInterfaceName(name: string, path: string, at: string): void {
  if (readInterfaceName(Field.root(name, [])) === undefined) {
    throw refusal(at, path, name, 'is not an interface name', INTERFACE_NAME);
  }
}

function refusal(at: string, path: string, value: unknown, problem: string, accepted: string): InputError {
  return new InputError(`${at}: ${path}: ${valueText(value)} ${problem}; accepted: ${accepted}`);
}
