import { goTool } from '../../support/go-tool';

/** The specification's own client. */
export function cnitool(): string {
  return goTool('github.com/containernetworking/cni/cnitool', 'v1.3.0');
}
