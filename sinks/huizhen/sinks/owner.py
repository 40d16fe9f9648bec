"""Whose a record on a common topic is. Pure."""

from collections.abc import Collection, Sequence

from huizhen.schemas.ids import TenantId


def owner_of(headers: Sequence[tuple[str, bytes | None]], tenants: Collection[TenantId]) -> TenantId | None:
    """Give the institution of the deployment that a record of a common topic names, or None."""
    named = (dict(headers).get("ce_source") or b"").removeprefix(b"urn:huizhen:").split(b":", 1)[0]
    return next((tenant for tenant in tenants if tenant.encode() == named), None)
