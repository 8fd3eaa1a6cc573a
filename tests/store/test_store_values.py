"""What is put in comes out: NUL bytes, every script, None, the largest integers."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.core.grant import Grant
from bridge.core.records import Consent, LoginWrite, PushedRequest, UpstreamRecord
from bridge.core.session import Session
from bridge.flow.stores import WholeStore
from tests.store.conformance import NOW

# A lone surrogate is no character: it cannot come out of a decoded request.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
octets = st.binary(max_size=40)
ints = st.integers(-(2**63), 2**63 - 1)
# RFC 6749 §3.3: what a scope value may be made of
scopes = st.lists(
    st.text(
        [chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"\\'],
        min_size=1,
        max_size=12,
    ),
    max_size=5,
).map(tuple)

sessions = st.builds(
    Session,
    session_id=texts,
    secret_digest=octets,
    subject=texts,
    sealed=octets,
    upstream_scopes=scopes,
    auth_time=ints,
    seen_at=ints,
    ends_at=ints,
    ticket_id=octets,
)
grants = st.builds(
    Grant,
    grant_id=octets,
    version=ints,
    client_id=texts,
    subject=texts,
    session_id=st.none() | texts,
    sid=st.none() | texts,
    sealed=octets,
    scope=scopes,
    generation=ints,
    access_epoch=ints,
    swapped_at=ints,
    swapped_scope=ints,
    refresh_limit=ints,
    refresh_end=ints,
    key_id=octets,
    redirect_uri=texts,
    code_challenge=st.none() | texts,
    nonce=st.none() | texts,
    auth_time=ints,
    logout_until=ints,
    issued_at=ints,
    expires_at=ints,
)
consents = st.builds(
    Consent,
    subject=texts,
    client_id=texts,
    allowed=st.frozensets(texts, max_size=5),
    given_at=ints,
)
upstreams = st.builds(
    UpstreamRecord, upstream_id=texts, base_url=texts, has_user_ids=st.just(True)
)
pushed_requests = st.builds(
    PushedRequest,
    request_id=octets,
    client_id=texts,
    sealed=octets,
    ends_at=ints,
)

# The store stays from one example to the next; each takes its own row away.
on_one_store = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@on_one_store
@given(session=sessions)
def test_every_session_comes_back_as_it_was(
    store: WholeStore, session: Session
) -> None:
    store.put_login(LoginWrite(NOW, session=session))

    read = (
        store.get_session(session.secret_digest),
        store.get_session_by_id(session.session_id),
    )
    store.end_session(session.session_id, NOW)

    assert read == (session, session)


@on_one_store
@given(grant=grants)
def test_every_grant_comes_back_as_it_was(store: WholeStore, grant: Grant) -> None:
    store.put_login(LoginWrite(NOW, grant=grant))

    read = store.get_grant(grant.grant_id)
    store.delete_grant(grant.grant_id)

    assert read == grant


@on_one_store
@given(consent=consents)
def test_every_consent_comes_back_as_it_was(
    store: WholeStore, consent: Consent
) -> None:
    store.put_login(LoginWrite(NOW, consent=consent))

    assert store.get_consent(consent.subject, consent.client_id) == consent


@on_one_store
@given(request=pushed_requests)
def test_every_pushed_request_comes_back_as_it_was(
    store: WholeStore, request: PushedRequest
) -> None:
    store.put_pushed_request(request, NOW, limit=1000)

    read = store.get_pushed_request(request.request_id)
    store.put_login(LoginWrite(NOW, pushed_id=request.request_id))

    assert read == request


@on_one_store
@given(upstream=upstreams)
def test_every_upstream_comes_back_as_it_was(
    store: WholeStore, upstream: UpstreamRecord
) -> None:
    store.put_login(LoginWrite(NOW, upstream=upstream))

    assert upstream in store.get_upstreams()
