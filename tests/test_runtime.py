"""The bridge at work: changed files are taken up, faulty ones are not, rows go."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from bridge.core.records import LoginWrite
from bridge.readiness import check_ready
from bridge.runtime import signature
from bridge.signing.making import make_missing
from bridge.wiring import now
from tests.store.conformance import make_session
from tests.support.files import Files
from tests.support.trial import SECRET, client


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    """Give files with one client."""
    files = Files(tmp_path)
    yield files
    files.bridge.close()


JSON_CLIENT: dict[str, object] = {
    "client_id": "two",
    "client_secret_sha256": "0" * 64,
    "redirect_uris": ["https://two.example/callback"],
}


def test_unchanged_files_change_nothing(files: Files) -> None:
    before = files.bridge.services

    files.runtime.look()

    assert files.bridge.services is before


@pytest.mark.parametrize(
    "change",
    [
        lambda files: files.write(client("one") + client("two")),
        lambda files: files.write_json([JSON_CLIENT]),
        lambda files: (files.folder / "more" / "two.toml").write_text(client("two")),
    ],
    ids=["main", "clients_file", "include"],
)
def test_changed_file_is_taken_up(
    files: Files,
    change: Callable[[Files], object],
    capsys: pytest.CaptureFixture[str],
) -> None:
    change(files)

    files.runtime.look()

    assert files.clients == {"one", "two"}
    assert '"event":"config:loaded"' in capsys.readouterr().out


def test_removed_client_is_gone(files: Files) -> None:
    files.write(client("other"))

    files.runtime.look()

    assert files.clients == {"other"}


def test_new_key_is_published(files: Files) -> None:
    before = files.bridge.services.web.jwks.body
    for path in files.keys.directory.glob("*.pem"):
        path.unlink()
    make_missing(files.keys, now() - 3_600)

    files.runtime.look()

    assert files.bridge.services.web.jwks.body != before


def test_faulty_file_keeps_the_old_services_and_says_so(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files.bridge.services
    files.write(client("two", consent="perhaps"))

    files.runtime.look()

    assert files.bridge.services is before
    assert not files.is_reload_good
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = [line for line in lines if line["event"] == "config:refused"]
    assert f"{files.main}:30: clients[0].consent: must be one of" in line["reason"]
    assert line["level"] == "error"


def test_secret_in_the_place_of_its_file_is_not_logged(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    files.write(client("two").replace("client_secret = ", "client_secret_file = "))

    files.runtime.look()

    output = capsys.readouterr().out
    assert "clients[0].client_secret_file" in output
    assert SECRET not in output


def test_faulty_file_is_told_once(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    files.write("faulty = 1")
    for _ in range(3):
        files.runtime.look()

    assert capsys.readouterr().out.count("config:refused") == 1


def test_mended_file_is_taken_up(files: Files) -> None:
    files.write("faulty = 1")
    files.runtime.look()

    files.write(client("mended"))
    files.runtime.look()

    assert files.clients == {"mended"}
    assert files.is_reload_good


def test_new_file_that_was_faulty_is_taken_up_once_it_is_mended(files: Files) -> None:
    path = files.folder / "more" / "two.toml"
    path.write_text("faulty = 1")
    files.runtime.look()
    files.runtime.look()

    path.write_text(client("two"))  # the folder keeps its time
    files.runtime.look()

    assert files.clients == {"one", "two"}


def test_changed_salt_is_refused_and_named(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files.bridge.services
    files.keys.salt_file.unlink()
    make_missing(files.keys, now())

    files.runtime.look()

    assert files.bridge.services is before
    assert "subjects.salt_file: was changed" in capsys.readouterr().out


def test_missing_key_keeps_the_old_services(files: Files) -> None:
    before = files.bridge.services
    files.keys.salt_file.unlink()

    files.runtime.look()

    assert files.bridge.services is before
    assert not files.is_reload_good


class WritesWhileRead(Mapping[str, str]):
    """An environment that calls back once, after the files were read."""

    def __init__(self) -> None:
        self.callback: Callable[[], object] = lambda: None

    def __getitem__(self, name: str) -> str:
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        callback, self.callback = self.callback, lambda: None
        callback()
        return iter(())

    def __len__(self) -> int:
        return 0


def test_file_that_changes_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    environ = WritesWhileRead()
    files = Files(tmp_path, environ)
    files.write(client("first"))
    environ.callback = lambda: files.write(client("second-one"))

    files.runtime.look()
    files.runtime.look()

    assert files.clients == {"second-one"}
    files.bridge.close()


def test_reload_is_tried_again_when_the_store_comes_back(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    files.write(client("two"))
    files.bridge.close()

    files.runtime.look()
    files.runtime.look()

    assert capsys.readouterr().out.count("config:refused") == 2
    assert files.clients == {"one"}


def test_cleaner_deletes_what_is_over_and_says_how_much(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    store = files.bridge.foundation.store
    old = make_session("old", ends_at=now() - 7_200)
    live = make_session("live", "subject-2", ends_at=now() + 7_200)
    for session in (old, live):
        store.put_login(LoginWrite(1, session=session))

    files.runtime.clean()

    assert store.get_session_by_id("old") is None
    assert store.get_session_by_id("live") is not None
    assert '"event":"store:cleaned","count":1' in capsys.readouterr().out


def test_cleaner_outlives_a_store_that_fails(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    files.bridge.close()

    files.runtime.clean()

    assert '"error_type":"StoreError"' in capsys.readouterr().out


def test_bridge_is_ready_over_a_good_store(files: Files) -> None:
    assert set(check_ready(files.bridge).values()) == {"ok"}


def test_bridge_is_not_ready_over_a_closed_store(files: Files) -> None:
    files.bridge.close()

    results = check_ready(files.bridge)

    assert results["store"] != "ok"
    assert results["keys"] == "ok"


def test_thread_that_a_bug_has_ended_makes_it_unready(files: Files) -> None:
    sender = files.bridge.foundation.deliveries.sender
    not_started = files.runtime.ready()["threads"]
    sender.start()
    at_work = files.runtime.ready()["threads"]
    sender.close()

    assert not_started == "ended: sender; restart the bridge"
    assert at_work == "ok"
    assert files.runtime.ready()["threads"] == not_started


def test_signature_of_a_missing_file_differs_from_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    missing = signature([path])
    path.touch()

    assert signature([path]) != missing


def test_change_that_needs_a_restart_is_refused_and_named(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files.bridge.services
    main = files.folder / "bridge.toml"
    text = main.read_text()
    main.write_text(text.replace("issuer = ", 'issuer = "https://other.example"\n#', 1))

    files.runtime.look()

    assert files.bridge.services is before
    assert "issuer: was changed: that needs a restart" in capsys.readouterr().out
