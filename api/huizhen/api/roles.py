"""Who may do what: one table of roles and rights; what it does not list is refused."""

from collections.abc import Collection
from enum import StrEnum


class Role(StrEnum):
    """What a person or a service is at its institution."""

    CAPTURE = "capture"
    REQUESTER = "requester"
    VIEWER = "viewer"
    TRAINEE = "trainee"
    EXPERT = "expert"
    OPERATOR = "operator"
    QC = "qc"
    OPS = "ops"
    ADMIN = "admin"


class Right(StrEnum):
    """What a route asks for."""

    SEE = "see"
    """That sessions exist, their states and counts"""
    WATCH = "watch"
    """Pictures: live, and frame by frame of what is stored"""
    FILE = "file"
    """DICOM files, with the patient's identity"""
    QUEUE = "queue"
    """The consultation queue"""
    REQUEST = "request"
    """Ask for a consultation"""
    CANCEL = "cancel"
    """Take a consultation back"""
    CONSULT = "consult"
    """Claim a consultation and finish it"""
    GRANT = "grant"
    """Let somebody of another institution in, and out again"""


TABLE: dict[Role, frozenset[Right]] = {
    Role.CAPTURE: frozenset({Right.SEE, Right.QUEUE}),
    Role.REQUESTER: frozenset(
        {Right.SEE, Right.WATCH, Right.FILE, Right.QUEUE, Right.REQUEST, Right.CANCEL, Right.GRANT}
    ),
    Role.VIEWER: frozenset({Right.SEE, Right.WATCH, Right.FILE, Right.QUEUE}),
    Role.TRAINEE: frozenset({Right.SEE, Right.WATCH}),
    Role.EXPERT: frozenset({Right.SEE, Right.WATCH, Right.FILE, Right.QUEUE, Right.CONSULT, Right.CANCEL}),
    Role.OPERATOR: frozenset({Right.SEE, Right.WATCH, Right.FILE, Right.QUEUE, Right.CONSULT, Right.CANCEL}),
    Role.QC: frozenset({Right.SEE}),
    Role.OPS: frozenset({Right.SEE}),
    Role.ADMIN: frozenset({Right.SEE, Right.QUEUE, Right.CANCEL, Right.GRANT}),
}
MASKED = frozenset({Role.TRAINEE})
"""Roles that see pictures with the profile's `mask_teaching` regions blanked"""
GRANTABLE = frozenset({Right.SEE, Right.WATCH, Right.FILE, Right.CONSULT})
"""What a grant may give across institutions; the guest's own role must have the right too"""


def known(names: Collection[str]) -> frozenset[Role]:
    """Give the roles among `names`; names of other systems mean nothing here."""
    return frozenset(Role(name) for name in names if name in set(Role))


def has(roles: Collection[Role], right: Right) -> bool:
    """Say whether one of the roles has the right."""
    return any(right in TABLE[role] for role in roles)


def is_masked(roles: Collection[Role]) -> bool:
    """Say whether pictures are blanked: no role that sees them whole may see them."""
    return not has([role for role in roles if role not in MASKED], Right.WATCH)


def markdown() -> str:
    """Give the table for the docs."""
    head = "| role | " + " | ".join(Right) + " |\n|---|" + "---|" * len(Right) + "\n"
    rows = []
    for role, rights in TABLE.items():
        cells = ["masked" if right is Right.WATCH and role in MASKED else "yes" for right in Right]
        rows.append(
            f"| {role} | "
            + " | ".join(cell if right in rights else "" for right, cell in zip(Right, cells, strict=True))
            + " |"
        )
    return head + "\n".join(rows) + "\n"
