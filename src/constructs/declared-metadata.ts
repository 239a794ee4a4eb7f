import type { ApiObjectMetadata } from 'cdk8s';
import { Field } from '../domain/input/decoder';
import type { Issue } from '../domain/input/issue';

/**
 * Metadata with what it leaves out: the construct's id is the name, and the chart's namespace the namespace. Notes an issue where
 * it is no object.
 */
export function completeMetadata(given: Field, id: string, namespace: string | undefined): ApiObjectMetadata {
  const metadata = given.optional((field) => (field.isObject() ? (field.value as ApiObjectMetadata) : undefined)) ?? {};
  return { ...metadata, name: metadata.name ?? id, namespace: metadata.namespace ?? namespace };
}

/** Where the name of an object was said: in its metadata, or by the construct's id. */
export function nameField(given: Field, id: string, issues: Issue[]): Field {
  const name = given.member('name');
  return name.isPresent ? name : Field.root(id, issues, 'id');
}
