import { describe, expect, it } from "vitest";

import { iceServers } from "../../src/live/relays";

const SIGN_IN = 'username="180:word"; credential="s+/="; credential-type="password"';

describe("relays", () => {
  it("are those the Link header names, with what signs in there", () => {
    const link = `<turn:t.example:3478?transport=udp>; rel="ice-server"; ${SIGN_IN}, <turns:t.example:443?transport=tcp>; rel="ice-server"; ${SIGN_IN}`;
    expect(iceServers(link)).toEqual([
      { urls: "turn:t.example:3478?transport=udp", username: "180:word", credential: "s+/=" },
      { urls: "turns:t.example:443?transport=tcp", username: "180:word", credential: "s+/=" },
    ]);
  });

  it("are none where other links stand, or nothing", () => {
    expect(iceServers("")).toEqual([]);
    expect(iceServers('<https://x.example>; rel="next"')).toEqual([]);
    expect(iceServers("nonsense, <")).toEqual([]);
  });
});
