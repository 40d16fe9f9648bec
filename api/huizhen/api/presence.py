"""The newest token of everybody who is here: a renewal keeps open sockets, an end of the sign-in ends them."""

import hashlib
from collections.abc import Mapping

from huizhen.api.auth import LEEWAY_S, SIGNED_IN_MAX_S
from huizhen.api.principal import Principal

PRESENT_MAX = 20_000  # sign-ins remembered; the longest unseen goes first


class Presence:
    """Remembers, per sign-in, the newest principal seen and whether it signed out.

    `ended`: the sign-ins ended earlier, by `digest_of`, each with the time until which it must be remembered, seconds
    since 1970; kept by the caller (`id_file_io`), so that a restart brings no ended sign-in back.
    """

    def __init__(self, ended: Mapping[str, float] | None = None) -> None:
        self._newest: dict[tuple[str, str, str], Principal] = {}
        self._out = {name: until_s - SIGNED_IN_MAX_S for name, until_s in (ended or {}).items()}

    def seen(self, principal: Principal) -> None:
        """Note a verified token."""
        known = self._newest.pop(principal.key, principal)
        self._newest[principal.key] = max(known, principal, key=lambda one: one.expires_at_s)
        while len(self._newest) > PRESENT_MAX:
            del self._newest[next(iter(self._newest))]

    def sign_out(self, principal: Principal, now_s: float) -> None:
        """End a sign-in: its tokens count no more."""
        self._newest.pop(principal.key, None)
        self._out[digest_of(principal)] = now_s
        while len(self._out) > PRESENT_MAX:
            del self._out[next(iter(self._out))]

    def is_out(self, principal: Principal) -> bool:
        """Say whether this sign-in was ended; tokens without a sign-in are ended by their issue time."""
        out_s = self._out.get(digest_of(principal))
        return out_s is not None and (bool(principal.sign_in) or principal.signed_in_at_s <= out_s)

    def now(self, principal: Principal, now_s: float) -> Principal | None:
        """Give the principal as it is now; None where its newest token ran out or it signed out."""
        newest = self._newest.get(principal.key, principal)
        if self.is_out(newest) or newest.expires_at_s + LEEWAY_S <= now_s:
            return None
        return newest


def digest_of(principal: Principal) -> str:
    """Name a sign-in without naming who signed in: what stands on disk tells nobody."""
    return hashlib.sha256("\n".join(principal.key).encode()).hexdigest()
