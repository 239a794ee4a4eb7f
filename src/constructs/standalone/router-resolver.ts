import { Field } from '../../domain/input/decoder';
import { readNames } from '../../domain/router/declared-names';
import type { NameResolver } from '../../domain/router/name-resolver';
import type { RouterDeclaration } from '../router-declaration';

/**
 * How a standalone router resolves names, as far as it is known before its rules and hosts; nothing where it does not.
 * What is wrong about it is an issue of the router.
 */
export function resolverOf({ mode, features, cluster }: RouterDeclaration): NameResolver | undefined {
  return readNames(Field.root(mode, []), true, features.liveRules, cluster._networks).resolver?.value;
}
