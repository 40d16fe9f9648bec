"""What is asked of the consultation queue, and what else it answers: JSON shapes."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from huizhen.api.consult_views import ConsultView
from huizhen.schemas.ids import SLUG

GRANT_S_MAX = 24 * 3600  # a consultation is over within a day; a longer stay is another grant
UID_MAX_CHARS = 64
Slug = Annotated[str, Field(pattern=f"^{SLUG.pattern}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RequestBody(_Body):
    """A request for consultation on a session."""

    session: str = Field(min_length=1, max_length=64)
    reason: str = Field("", max_length=500)
    urgency: Literal["STAT", "HIGH", "ROUTINE", "MEDIUM", "LOW"] = "ROUTINE"
    specialty: str = Field("", max_length=64)


class TransactionBody(_Body):
    """The claim's secret."""

    transaction_uid: str = Field(min_length=1, max_length=UID_MAX_CHARS)


class CancelBody(_Body):
    """The claim's secret, where the consultation is in progress."""

    transaction_uid: str = Field("", max_length=UID_MAX_CHARS)


class GrantBody(_Body):
    """Whom to let in, to what, for how long."""

    subject: Slug
    institution: Slug
    rights: set[Literal["see", "watch", "file", "consult"]] = {"see", "watch", "file", "consult"}
    expires_in_s: int = Field(3600, ge=60, le=GRANT_S_MAX)


class RevokeBody(_Body):
    """Whose grant ends."""

    subject: Slug
    institution: Slug


class ClaimView(BaseModel):
    """A claim: whoever has the Transaction UID finishes or cancels."""

    consult: str
    transaction_uid: str


class ConsultsPage(BaseModel):
    """A page of consultations, newest first."""

    items: list[ConsultView]
    next_cursor: str | None
