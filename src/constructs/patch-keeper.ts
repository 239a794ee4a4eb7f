import { isDeepStrictEqual } from 'node:util';
import { ApiObject, JsonPatch } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { exists, misfitOf, type Operation } from './json-pointer';

/** Marks an object whose patches are kept, for another copy of this library too. */
const KEPT = Symbol.for('cdk8s-egress-router.kept-patches');

/** What this module needs of cdk8s' ApiObject, whose list of patches is private. */
interface Patched {
  readonly kind: string;
  readonly name: string;
  patches: JsonPatch[];
  addJsonPatch(...patches: JsonPatch[]): void;
  toJson(): unknown;
  [KEPT]?: true;
}

/**
 * Makes JSON patches of users reach the YAML, for each object in a construct.
 *
 * cdk8s-plus applies patches to values of its own spelling (`clusterIp`) and then writes the fields that its version of
 * Kubernetes knows: a patch of `/spec/clusterIP`, or of a field that is newer, is lost without a message. Here each
 * patch that the written object does not show is applied to the written object instead, and one that fits neither ends
 * synth.
 *
 * @see https://github.com/cdk8s-team/cdk8s/issues/2163
 */
export function keepPatches(root: IConstruct): void {
  for (const construct of root.node.findAll()) {
    if (!ApiObject.isApiObject(construct)) continue;
    const object = construct as unknown as Patched;
    if (object[KEPT] === undefined) keepPatchesOf(object);
  }
}

/** Adds patches in cdk8s-plus' own spelling, which are known to be right. */
export function addOwnPatch(object: ApiObject, ...patches: JsonPatch[]): void {
  (object as unknown as Patched).patches.push(...patches);
}

/** Calls an action whenever an object is written: cdk8s writes after all validation has passed. */
export function beforeWriting(object: ApiObject, action: () => void): void {
  const written = object as unknown as Patched;
  const write = written.toJson.bind(written);
  written.toJson = () => {
    action();
    return write();
  };
}

/**
 * Removes the empty lists of ports that cdk8s-plus writes for rules about every port: the API server drops them, and
 * every apply would find a difference.
 */
export function dropEmptyPorts(policy: ApiObject, direction: 'ingress' | 'egress'): void {
  const object = policy as unknown as Patched;
  const write = object.toJson.bind(object);
  object.toJson = () => {
    const written = write() as { readonly spec: Readonly<Record<string, { ports?: unknown[] }[] | undefined>> };
    for (const rule of written.spec[direction] ?? []) if (rule.ports?.length === 0) delete rule.ports;
    return written;
  };
}

function keepPatchesOf(object: Patched): void {
  const patches: JsonPatch[] = [];
  object[KEPT] = true;
  const write = object.toJson.bind(object);
  object.addJsonPatch = (...operations) => {
    patches.push(...operations);
  };
  object.toJson = () => (patches.length === 0 ? write() : writeWith(object, patches, write));
}

/** Writes an object with the patches of its user, in their order. */
function writeWith(object: Patched, patches: readonly JsonPatch[], write: () => unknown): unknown {
  const own = [...object.patches];
  const after: JsonPatch[] = [];
  const writeAll = () => patched(write(), after);
  try {
    let written = writeAll();
    for (const patch of patches) {
      const operation = (patch as unknown as { _toJson(): Operation })._toJson();
      const misfit = misfitOf(written, operation);
      if (misfit?.isFinal) throw refusal(object, operation, misfit.reason);
      object.patches.push(patch);
      const before = tryTo(writeAll);
      const expected = misfit === undefined ? tryTo(() => patched(written, [patch])) : undefined;
      if (before !== undefined && shows(before, { written, expected, operation })) {
        written = before;
        continue;
      }
      object.patches.pop();
      if (expected === undefined) throw refusal(object, operation, misfit?.reason ?? 'the value is another one');
      after.push(patch);
      written = expected;
    }
    return written;
  } finally {
    object.patches = own;
  }
}

/** A patched copy: applying changes the document itself, and a written object has members that are undefined. */
function patched(document: unknown, patches: readonly JsonPatch[]): unknown {
  return JsonPatch.apply(JSON.parse(JSON.stringify(document)), ...patches);
}

interface Attempt {
  /** The object without the patch. */
  readonly written: unknown;
  /** The patch applied to the written object; undefined where it does not fit there. */
  readonly expected: unknown;
  readonly operation: Operation;
}

/**
 * Whether what cdk8s-plus wrote shows a patch: as the patch applied to the written object does, or under another
 * spelling, with all values of the patch.
 */
function shows(before: unknown, { written, expected, operation }: Attempt): boolean {
  if (isDeepStrictEqual(before, expected)) return true;
  if (isDeepStrictEqual(before, written)) return false;
  // Under the path itself only what does not pass through cdk8s-plus writes a field that was not there.
  if (expected === undefined && operation.op !== 'remove' && exists(before, operation.path)) return false;
  // What is copied or moved is in the object anyway, so that its values prove nothing.
  if (operation.from !== undefined) return expected === undefined;
  const values = scalars(before);
  return scalars(operation.value).every((value) => values.includes(value));
}

/** The values of an object without their keys. */
function scalars(value: unknown): string[] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)];
  return Object.values(value).flatMap(scalars);
}

function tryTo(action: () => unknown): unknown {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function refusal(object: Patched, { op, path }: Operation, reason: string): Error {
  return new Error(`JSON patch "${op}" of ${path} does not fit ${object.kind} "${object.name}": ${reason}`);
}
