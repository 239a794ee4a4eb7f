import { isDeepStrictEqual } from 'node:util';
import { ApiObject, JsonPatch } from 'cdk8s';
import type { IConstruct } from 'constructs';

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

/** An operation of RFC 6902, as cdk8s' JsonPatch holds it. */
interface Operation {
  readonly op: string;
  readonly path: string;
}

/**
 * Makes JSON patches of users reach the YAML, for each object in a construct.
 *
 * cdk8s-plus applies patches to values of its own spelling (`clusterIp`) and then writes the fields that its version of Kubernetes
 * knows: a patch of `/spec/clusterIP`, or of a field that is newer, is lost without a message. Here each patch that the written
 * object does not show is applied to the written object instead, and one that fits neither ends synth.
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
      object.patches.push(patch);
      const before = tryTo(writeAll);
      const expected = tryTo(() => patched(written, [patch]));
      if (before.value !== undefined && shows(before.value, written, expected.value)) {
        written = before.value;
        continue;
      }
      object.patches.pop();
      if (expected.value === undefined) throw refusal(object, patch, expected.error);
      after.push(patch);
      written = expected.value;
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

/**
 * Whether what cdk8s-plus wrote shows a patch: as the patch applied to the written object does, or, where that has another spelling,
 * with the same values.
 */
function shows(written: unknown, without: unknown, expected: unknown): boolean {
  if (isDeepStrictEqual(written, expected)) return true;
  if (isDeepStrictEqual(written, without)) return false;
  return expected === undefined || isDeepStrictEqual(scalars(written), scalars(expected));
}

/** The values of an object without their keys, in a fixed order. */
function scalars(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)];
  return Object.values(value).flatMap(scalars).sort();
}

function tryTo(action: () => unknown): { readonly value?: unknown; readonly error?: Error } {
  try {
    return { value: action() };
  } catch (error) {
    return { error: error as Error };
  }
}

function refusal(object: Patched, patch: JsonPatch, error: Error | undefined): Error {
  const { op, path } = (patch as unknown as { _toJson(): Operation })._toJson();
  return new Error(
    `JSON patch "${op}" of ${path} does not fit ${object.kind} "${object.name}": ${error?.message ?? 'it changes nothing'}`,
  );
}
