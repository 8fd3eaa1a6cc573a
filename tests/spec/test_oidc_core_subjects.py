"""OpenID Connect Core 1.0 §8: subject identifiers, pairwise and public."""

from tests.spec.support import info_of
from tests.support.trial import HEAD, Trial, client
from tests.support.visitor import Visitor


def sub_at(browser: Visitor, client_id: str, who: str = "jean") -> object:
    return info_of(browser, browser.tokens(who, client_id))["sub"]


def test_8_subject_is_never_that_of_another_patron(
    trial: Trial, browser: Visitor
) -> None:
    assert sub_at(browser, "service") != sub_at(Visitor(trial), "service", "anna")


def test_8_subject_is_the_same_at_every_sign_in(trial: Trial, browser: Visitor) -> None:
    assert sub_at(browser, "service") == sub_at(Visitor(trial), "service")


def test_8_public_subject_is_the_same_for_all_clients(trial: Trial) -> None:
    public = {"subject_type": "public"}
    trial.configure(HEAD + client("service", **public) + client("other", **public))
    browser = Visitor(trial)

    assert sub_at(browser, "service") == sub_at(browser, "other")


def test_8_1_pairwise_subjects_differ_by_sector(browser: Visitor) -> None:
    assert sub_at(browser, "service") != sub_at(browser, "other")


def test_8_1_pairwise_subject_is_the_same_within_a_sector(trial: Trial) -> None:
    same = {"sector": "group.example", "subject_type": "pairwise"}
    trial.configure(HEAD + client("service", **same) + client("other", **same))
    browser = Visitor(trial)

    assert sub_at(browser, "service") == sub_at(browser, "other")


def test_8_1_pairwise_subject_is_no_public_one(trial: Trial) -> None:
    table = client("service") + client("other", subject_type="public")
    trial.configure(HEAD + table)
    browser = Visitor(trial)

    assert sub_at(browser, "service") != sub_at(browser, "other")


def test_8_1_pairwise_subject_hides_the_identity(browser: Visitor) -> None:
    sub = str(sub_at(browser, "service"))

    assert len(sub) == 40
    assert set(sub) <= set("0123456789abcdef")


def test_8_1_pairwise_sector_is_not_the_redirect_uri_that_was_used(
    trial: Trial,
) -> None:
    uris = ["https://service.example/callback", "https://service.example/other"]
    trial.configure(HEAD + client("service", redirect_uris=uris))
    browser = Visitor(trial)
    one = sub_at(browser, "service")

    code = browser.authorize(redirect_uri=uris[1]).query["code"]
    tokens = browser.token(code, redirect_uri=uris[1]).members

    assert info_of(browser, tokens)["sub"] == one
