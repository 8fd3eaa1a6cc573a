"""Requests too long for `state`: their tickets go into short-lived cookies."""

from dataclasses import replace

from bridge.core.errors import PageReason
from bridge.flow.outcomes import AnswerClient
from bridge.flow.tickets import MAX_COOKIES_CHARACTERS, MAX_STATE_CHARACTERS
from tests.flow.support import error_at_client, page
from tests.support.flow_browser import FlowBrowser, noise
from tests.support.trial import Trial


def test_short_request_travels_in_state_alone(trial: Trial) -> None:
    browser = FlowBrowser(trial)

    state = browser.go(state=noise(200))

    assert 22 < len(state) <= MAX_STATE_CHARACTERS
    assert browser.cookies.tickets == {}


def test_state_of_4000_characters_comes_back_unchanged(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    client_state = noise(4_000)

    state = browser.go(state=client_state)
    outcome = browser.complete(state)

    assert len(state) < 400
    assert isinstance(outcome, AnswerClient)
    assert outcome.parameters["state"] == client_state


def test_cookie_of_a_ticket_is_deleted_at_the_callback(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go(state=noise(4_000))
    assert len(browser.cookies.tickets) == 1

    browser.complete(state)

    assert browser.cookies.tickets == {}


def test_oldest_ticket_gives_way(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    states = []
    for seed in range(3):
        states.append(browser.go(state=noise(2_600, seed)))
        trial.clock.advance(1)

    assert len(browser.cookies.tickets) == 2
    assert isinstance(browser.complete(states[1]), AnswerClient)
    with page(PageReason.OTHER_BROWSER):
        browser.complete(states[0])


def test_ticket_cookies_stay_below_7_kb_together(trial: Trial) -> None:
    browser = FlowBrowser(trial)

    for seed in range(5):
        browser.go(state=noise(1_800 + 700 * seed, seed))
        sizes = [len(text) for text in browser.cookies.tickets.values()]
        assert 0 < sum(sizes) <= MAX_COOKIES_CHARACTERS


def test_unreadable_ticket_cookie_gives_way_first(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.go(state=noise(2_600))
    good = set(browser.cookies.tickets)
    tickets = {**browser.cookies.tickets, "A" * 22: "no ticket"}
    browser.cookies = replace(browser.cookies, tickets=tickets)

    browser.go(state=noise(2_600, 2))

    assert good < set(browser.cookies.tickets)
    assert len(browser.cookies.tickets) == 2
    assert "A" * 22 not in browser.cookies.tickets


def test_what_fits_neither_is_refused_at_the_client(trial: Trial) -> None:
    with error_at_client("invalid_request"):
        FlowBrowser(trial).begin(state=noise(7_000))


def test_state_that_names_another_ticket_is_refused(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    one = browser.go(state=noise(2_600, 1))
    (name,) = browser.cookies.tickets
    browser.go(state=noise(2_600, 2))
    (other,) = set(browser.cookies.tickets) - {name}
    swapped = {name: browser.cookies.tickets[other]}
    browser.cookies = replace(browser.cookies, tickets=swapped)

    with page(PageReason.TICKET):
        browser.complete(one)


def test_state_whose_cookie_is_gone_is_refused(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go(state=noise(2_600))
    browser.cookies = replace(browser.cookies, tickets={})

    with page(PageReason.OTHER_BROWSER) as caught:
        browser.complete(state)

    assert caught.value.client_id == "service"  # its page leads back there


def test_ticket_cookie_of_another_browser_is_refused(trial: Trial) -> None:
    other = FlowBrowser(trial)
    state = other.go(state=noise(2_600))
    victim = FlowBrowser(trial)
    victim.begin()
    victim.cookies = replace(victim.cookies, tickets=other.cookies.tickets)

    with page(PageReason.OTHER_BROWSER):
        victim.complete(state)
