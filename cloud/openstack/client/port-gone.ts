import { OpenStackError } from './openstack-error';

/**
 * Whether Neutron reports that the port does not exist or is not visible to the user. A 404 alone is not enough: a
 * server at a wrong address also answers 404, and a pair would count as gone.
 */
export function isPortGone(error: unknown): error is OpenStackError {
  return error instanceof OpenStackError && error.status === 404 && error.type === 'PortNotFound';
}

/** Adds to the error of a missing port what that usually means; returns other errors as they are. */
export function explainMissingPort(error: unknown, portId: string): unknown {
  if (!isPortGone(error)) return error;
  const { message, status, type } = error;
  const hint = 'it was deleted with its server, or belongs to a project that these credentials cannot see';
  return new OpenStackError(`${message}; port ${portId} does not exist for this user: ${hint}`, status, type);
}
