/** The interfaces of a router, by which packets come in and go out. */
export interface RouterInterfaces {
  readonly primary: string;
  readonly link: string;
}
