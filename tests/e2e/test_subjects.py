"""Subjects for years: what the operator says while the bridge serves, and restarts."""

import subprocess
import sys

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from bridge.demo.rero import StandIn
from bridge.demo.rero_faults import ABSENT, Fault
from bridge.signing.secret_files import write_salt
from tests.e2e.support import Place, Process
from tests.e2e.visitor import Service, Visitor

LINK = ("link", "--barcode", "2050124311", "--institution", "vs", "--to-user-id", "3")


def operate(place: Place, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `bridge subjects` in a process of its own, as an operator does."""
    config = ["--config", str(place.configuration)]
    return subprocess.run(
        [sys.executable, "-m", "bridge", *config, "subjects", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def sub_at_service(place: Place, visitor: Visitor | None = None) -> str:
    """Log in; return the sub of the verified ID token, which userinfo repeats."""
    service = Service(place.issuer)
    tokens = service.log_in(visitor or Visitor())
    jwks = requests.get(f"{place.issuer}/jwks", timeout=20).json()
    keys = KeySet.import_key_set(jwks)
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    assert service.userinfo(tokens["access_token"]).json()["sub"] == claims["sub"]
    return str(claims["sub"])


def hide_user_ids(stand_in: StandIn) -> None:
    """Let RERO+ answer as it did before it showed user ids."""
    answers = {"token": {"user": ABSENT}, "info": {"user_id": ABSENT}}
    stand_in.faults.add(Fault("token", "members", None, value=answers["token"]))
    stand_in.faults.add(Fault("info", "members", None, value=answers["info"]))


def test_an_account_keyed_by_barcode_is_carried_over_by_the_operators_word_alone(
    bridge: Process, stand_in: StandIn, place: Place
) -> None:
    hide_user_ids(stand_in)
    by_barcode = sub_at_service(place)
    stand_in.faults.clear()
    signed_in = Visitor()
    by_user_id = sub_at_service(place, signed_in)

    linked = operate(place, *LINK)
    after = sub_at_service(place, signed_in)

    assert by_user_id != by_barcode
    assert linked.returncode == 0, linked.stderr
    assert f"{by_user_id}  {by_barcode}" in linked.stdout
    assert after == by_barcode
    assert bridge.popen.poll() is None


def test_no_barcode_signs_in_once_user_ids_were_shown_linked_or_not(
    bridge: Process, stand_in: StandIn, place: Place
) -> None:
    sub_at_service(place)
    operate(place, *LINK)
    hide_user_ids(stand_in)

    page = Visitor().walk(Service(place.issuer).request())

    assert isinstance(page, requests.Response)
    assert page.status_code >= 400
    assert bridge.events("login:failed")[-1]["reason"] == "identity_lost"


def test_two_answers_about_two_people_sign_nobody_in(
    bridge: Process, stand_in: StandIn, place: Place
) -> None:
    stand_in.faults.add(Fault("info", "members", value={"user_id": 99}))
    visitor = Visitor()

    page = visitor.walk(Service(place.issuer).request())
    silent = visitor.open(Service(place.issuer).request(prompt="none"))

    assert isinstance(page, requests.Response)
    assert page.status_code >= 400
    assert bridge.events("login:failed")[-1]["reason"] == "identity_differs"
    assert isinstance(silent, str)
    assert "error=login_required" in silent


def test_a_service_keeps_the_names_that_it_knows_its_patrons_by(
    bridge: Process, place: Place
) -> None:
    file = place.folder / "patrons.csv"
    file.write_text("kind,value,sub\nuser,3,2050124311\n", encoding="utf-8")

    imported = operate(place, "import", str(file), "--client", "service")

    assert imported.returncode == 0, imported.stderr
    assert sub_at_service(place) == "2050124311"
    assert sub_at_service(place, Visitor("anna")) != "2050124311"
    found = operate(place, "lookup", "--sub", "2050124311", "--client", "service")
    assert found.stdout == "user id 3, found in: imports\n"


@pytest.mark.slow
def test_links_and_imports_hold_after_a_restart_and_a_rotated_sealing_key(
    place: Place,
) -> None:
    with Process(place) as first:
        first.await_ready()
        before = sub_at_service(place, Visitor("anna"))
        operate(place, "merge", "--user-id", "3", "--into-user-id", "10")
        first.terminate()
        first.await_exit()
    config = ["--config", str(place.configuration)]
    rotate = ["keys", "rotate-sealing", "--compromised"]
    subprocess.run([sys.executable, "-m", "bridge", *config, *rotate], check=True)

    with Process(place) as second:
        second.await_ready()
        after = sub_at_service(place)

    assert after == before


def test_another_salt_stops_the_start_and_none_is_made(place: Place) -> None:
    with Process(place) as first:
        first.await_ready()
        sub_at_service(place)
        first.terminate()
        first.await_exit()
    salt = place.folder / "keys" / "subjects.salt"
    salt.unlink()
    config = ["--config", str(place.configuration)]

    with Process(place) as missing:
        status_without = missing.await_exit()
    made = subprocess.run(
        [sys.executable, "-m", "bridge", *config, "keys", "new"],
        capture_output=True,
        text=True,
        check=False,
    )
    salt_there = salt.exists()
    salt.write_text(write_salt(bytes(32)), encoding="ascii")
    with Process(place) as other:
        status_with_another = other.await_exit()

    assert (status_without, status_with_another) == (2, 2)
    assert "the salt of the subjects does not exist" in missing.errors
    assert (made.returncode, salt_there) == (2, False)
    assert "is not the salt that the subjects of this store" in other.errors
