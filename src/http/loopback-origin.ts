/** The address a carrier on this machine reaches: an unspecified address is this machine. */
export function loopbackOrigin(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//127.0.0.1:')
}
