"""Who may do what with which thing; the route matrix tests it through every route."""

from huizhen.api.access import Denied, find_session, may_see
from huizhen.api.roles import Right
from huizhen.api.session import Session
from huizhen.api.sessions import Sessions
from huizhen.schemas.ids import ConsultId, Grant, SessionId, SubjectId, TenantId
from tests.services.fake_api import FakeApi
from tests.services.fake_station import FakeStation

GUEST = FakeApi().principal("expert", subject="guest", institution="elsewhere")
GRANT = Grant(
    ConsultId("c-1"), SubjectId("guest"), TenantId("elsewhere"), TenantId("clinic"), SessionId("exam-1"),
    frozenset({"watch"}), 100,
)  # fmt: skip


def sessions(*tenants: str) -> Sessions:
    made = Sessions()
    for tenant in tenants:
        made.take(FakeStation(tenant).announced())
    return made


def test_ones_own_session_comes_before_a_granted_one_of_the_same_name() -> None:
    found = find_session(GUEST, Right.WATCH, "exam-1", sessions("clinic", "elsewhere"), [GRANT])
    assert isinstance(found, Session)
    assert found.tenant == "elsewhere"


def test_a_grant_opens_its_session_for_its_rights() -> None:
    found = find_session(GUEST, Right.WATCH, "exam-1", sessions("clinic"), [GRANT])
    assert isinstance(found, Session)
    assert found.tenant == "clinic"
    assert isinstance(find_session(GUEST, Right.FILE, "exam-1", sessions("clinic"), [GRANT]), Denied)
    assert isinstance(find_session(GUEST, Right.WATCH, "exam-2", sessions("clinic"), [GRANT]), Denied)
    assert isinstance(find_session(GUEST, Right.WATCH, "exam-1", sessions("clinic"), []), Denied)


def test_lists_show_own_and_granted_sessions() -> None:
    own, foreign = sessions("elsewhere", "clinic").where(lambda one: True)[::-1]
    shown = {one.tenant: may_see(GUEST, one, []) for one in (own, foreign)}
    assert shown == {"elsewhere": True, "clinic": False}
    assert may_see(GUEST, sessions("clinic").where(lambda one: True)[0], [GRANT])
