/** The relays a WHEP server names in its Link header (RFC 8288). */

const LINK = /<([^>]+)>((?:\s*;\s*[\w-]+="[^"]*")+)/g;
const PARAMETER = /([\w-]+)="([^"]*)"/g;

export function iceServers(link: string): RTCIceServer[] {
  return [...link.matchAll(LINK)].flatMap(([, url, rest]) => {
    const named = Object.fromEntries([...rest!.matchAll(PARAMETER)].map(([, name, value]) => [name, value]));
    if (named["rel"] !== "ice-server") return [];
    return [{ urls: url!, username: named["username"] ?? "", credential: named["credential"] ?? "" }];
  });
}
