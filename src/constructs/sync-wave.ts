import type { ApiObjectMetadata } from 'cdk8s';
import type { Field } from '../domain/input/decoder';

/** Reads a sync wave of Argo CD. */
export function readSyncWave(field: Field): number | undefined {
  return field.integer(-1000, 1000, 'a sync wave');
}

const ANNOTATION = 'argocd.argoproj.io/sync-wave';

/** Adds Argo CD's sync wave to the annotations of an object, unless the user's own annotations have one. */
export function withSyncWave(metadata: ApiObjectMetadata, wave: number | undefined, offset = 0): ApiObjectMetadata {
  if (wave == null || metadata.annotations?.[ANNOTATION] !== undefined) return metadata;
  return { ...metadata, annotations: { ...metadata.annotations, [ANNOTATION]: String(wave + offset) } };
}
