import type { Field } from '../../domain/input/decoder';

const IMAGE =
  'the name of an image in small letters, such as "registry.example.com/egress-router:0.1.0", here or in the mode of the EgressRouterCluster';

/**
 * Path components of a repository, after the registry's host.
 *
 * @see https://github.com/distribution/reference/blob/main/reference.go
 */
const REPOSITORY = /^[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;

/**
 * Reads the name of an image. kubelet refuses a malformed one with InvalidImageName, after the old router has ended.
 *
 * @param accepted what issues say is accepted
 */
export function readImageName(field: Field, accepted = IMAGE): string | undefined {
  const name = field.text(accepted);
  if (name === undefined) return undefined;
  if (/\s/.test(name)) return field.refuse('is not the name of an image', accepted);
  const [, path = ''] = /^(.*?)(:[\w][\w.-]{0,127})?(@[a-z0-9+._-]+:[0-9a-fA-F]{32,})?$/.exec(name) ?? [];
  const slash = path.indexOf('/');
  const first = path.slice(0, Math.max(slash, 0));
  const hasHost = /[.:]/.test(first) || first === 'localhost' || /[A-Z]/.test(first);
  const repository = hasHost ? path.slice(slash + 1) : path;
  if (REPOSITORY.test(repository)) return name;
  const problem =
    repository === repository.toLowerCase() ? 'is not the name of an image' : 'has capital letters in its path';
  return field.refuse(problem, accepted);
}
