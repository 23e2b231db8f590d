/**
 * Tells if `url` names this machine. Only there plain http is accepted (RFC 8252 section 7.3, W3C
 * Secure Contexts section 3.1).
 */
export function isLoopback(url: URL): boolean {
  const host = url.hostname;
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
