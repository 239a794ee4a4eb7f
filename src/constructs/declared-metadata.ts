import type { ApiObjectMetadata } from 'cdk8s';
import { Field } from '../domain/input/decoder';
import type { Issue } from '../domain/input/issue';

/**
 * Completes metadata: the construct's id is the name, and the chart's namespace the namespace. Notes an issue for a
 * value that is not an object.
 */
export function completeMetadata(given: Field, id: string, namespace: string | undefined): ApiObjectMetadata {
  const metadata = given.optional((field) => (field.isObject() ? (field.value as ApiObjectMetadata) : undefined)) ?? {};
  return { ...metadata, name: metadata.name ?? id, namespace: metadata.namespace ?? namespace };
}

/** The field of an object's name: in its metadata, or the construct's id. */
export function nameField(given: Field, id: string, issues: Issue[]): Field {
  const name = given.member('name');
  return name.isPresent ? name : Field.root(id, issues, 'id');
}
