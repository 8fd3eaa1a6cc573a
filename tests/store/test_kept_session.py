"""A grant of a kept session: written only while the session is there."""

from bridge.core.records import LoginWrite
from bridge.flow.stores import WholeStore
from tests.store.conformance import NOW, make_grant, make_session


def test_grant_that_needs_its_session_is_written_while_it_is_there(
    store: WholeStore,
) -> None:
    store.put_login(LoginWrite(NOW, session=make_session("kept")))
    grant = make_grant(session_id="kept")

    written = store.put_login(LoginWrite(NOW, grant=grant, needs_session=True))

    assert written
    assert store.get_grant(grant.grant_id) == grant


def test_grant_that_needs_its_session_is_not_written_after_its_end(
    store: WholeStore,
) -> None:
    store.put_login(LoginWrite(NOW, session=make_session("kept")))
    store.end_session("kept", NOW)
    grant = make_grant(session_id="kept")

    written = store.put_login(
        LoginWrite(
            NOW,
            ticket_id=b"t" * 16,
            ticket_ends_at=NOW + 900,
            grant=grant,
            needs_session=True,
        )
    )

    assert not written
    assert store.get_grant(grant.grant_id) is None
    assert not store.is_ticket_used(b"t" * 16)
