"""Which upstream subjects belong to, and when a barcode may identify."""

import pytest

from bridge.core.errors import (
    ConfigurationError,
    PageReason,
    UpstreamFault,
    UpstreamGarbled,
)
from bridge.core.records import LoginWrite, UpstreamRecord
from bridge.core.subject import salt_fingerprint
from bridge.signing.key_files import load_salt
from tests.flow.support import page
from tests.support.flow_browser import FlowBrowser, query_of, url_of
from tests.support.trial import CONFIGURATION, NOW, Trial, key_files
from tests.support.upstream import UPSTREAM


def test_upstream_is_recorded_with_the_first_login(trial: Trial) -> None:
    assert trial.store.get_upstreams() == []

    FlowBrowser(trial).sign_in("jean")

    fingerprint = salt_fingerprint(load_salt(key_files().salt))
    assert trial.store.get_upstreams() == [
        UpstreamRecord("rero", UPSTREAM, True, fingerprint)
    ]
    assert len(trial.spy.writes) == 1


def test_another_salt_than_that_of_the_store_stops_the_start(trial: Trial) -> None:
    record = UpstreamRecord("rero", UPSTREAM, True, "of another salt")
    trial.store.put_login(LoginWrite(NOW, upstream=record))

    with pytest.raises(ConfigurationError) as caught:
        trial.configure(CONFIGURATION)

    (fault,) = caught.value.faults
    assert fault.key == "subjects.salt_file"
    assert "Put the old file back from the backup" in fault.message


def test_a_store_of_an_older_version_learns_the_salt_with_the_next_login(
    trial: Trial,
) -> None:
    record = UpstreamRecord("rero", UPSTREAM, has_user_ids=True)
    trial.store.put_login(LoginWrite(NOW, upstream=record))
    trial.configure(CONFIGURATION)

    FlowBrowser(trial).sign_in("jean")
    FlowBrowser(trial).sign_in("anna")

    assert trial.store.get_upstreams()[0].salt_fingerprint != ""
    assert [write.upstream is not None for write in trial.spy.logins[1:]] == [
        True,
        False,
    ]


def test_another_upstream_id_for_a_known_address_stops_the_start(trial: Trial) -> None:
    FlowBrowser(trial).sign_in()
    renamed = CONFIGURATION.replace('id = "rero"', 'id = "rero2"', 1)

    with pytest.raises(ConfigurationError) as caught:
        trial.configure(renamed)

    assert [fault.key for fault in caught.value.faults] == ["upstream.id"]


def test_known_upstream_id_at_another_address_stops_the_start(trial: Trial) -> None:
    FlowBrowser(trial).sign_in()
    moved = CONFIGURATION.replace(UPSTREAM, "https://test.rero.example")

    with pytest.raises(ConfigurationError) as caught:
        trial.configure(moved)

    assert [fault.key for fault in caught.value.faults] == ["upstream.base_url"]


def test_upstream_with_an_id_and_an_address_of_its_own_is_taken(trial: Trial) -> None:
    record = UpstreamRecord("former", "https://former.example", True)
    trial.store.put_login(LoginWrite(NOW, upstream=record))

    trial.configure(CONFIGURATION)

    assert FlowBrowser(trial).sign_in() is not None


def test_barcode_may_identify_while_no_user_id_was_seen(trial: Trial) -> None:
    FlowBrowser(trial).sign_in("barcode")
    FlowBrowser(trial).sign_in("barcode")

    assert [call.allow_barcode for call in trial.upstream.calls] == [True, True]
    assert trial.store.get_upstreams()[0].has_user_ids is False


def test_barcode_never_identifies_after_user_ids_were_seen(trial: Trial) -> None:
    FlowBrowser(trial).sign_in("barcode")
    FlowBrowser(trial).sign_in("jean")

    FlowBrowser(trial).sign_in("anna")

    allowed = [call.allow_barcode for call in trial.upstream.calls]
    assert allowed == [True, True, False]


def test_that_user_ids_were_seen_survives_a_restart(trial: Trial) -> None:
    FlowBrowser(trial).sign_in("jean")

    trial.configure(CONFIGURATION)
    FlowBrowser(trial).sign_in("anna")

    assert trial.upstream.calls[-1].allow_barcode is False


def test_answer_without_a_user_id_is_garbled_after_some_were_seen(trial: Trial) -> None:
    trial.upstream.answers["none"] = UpstreamGarbled(UpstreamFault.IDENTITY_LOST)

    with page(PageReason.UPSTREAM_GARBLED):
        FlowBrowser(trial).sign_in("none")

    assert trial.spy.writes == []


def test_institution_is_asked_for_only_while_a_barcode_may_identify(
    trial: Trial,
) -> None:
    def scope() -> set[str]:
        outcome = FlowBrowser(trial).begin(scope="openid profile")
        return set(query_of(url_of(outcome))["scope"].split())

    before = scope()
    FlowBrowser(trial).sign_in("jean")

    assert before - scope() == {"institution", "patron_types"}
