"""Readers of the stand-in RERO+: accounts and their patron records."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

PASSWORD: Final = "demo"  # shown on the login page: nobody's secret
OWNER_ID: Final = 1  # the account that registered the clients

_YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class PatronRecord:
    """What one organisation of the network knows of a reader.

    A day given as a timedelta counts from the stand-in's today, so that a
    demonstration never goes stale.
    """

    pid: str
    organisation: str
    barcodes: tuple[str, ...]
    type_code: str | None = None
    expires: date | timedelta | None = None
    roles: tuple[str, ...] = ("patron",)


@dataclass(frozen=True, slots=True)
class Reader:
    """An account at the stand-in, with its patron records in stored order."""

    user_id: int
    username: str
    last_name: str = ""
    first_name: str = ""
    birth: date | timedelta | None = None
    email: str | None = None
    is_confirmed: bool = True
    is_active: bool = True
    password: str = PASSWORD
    records: tuple[PatronRecord, ...] = ()
    note: str = ""  # shown beside the reader on the login page
    is_listed: bool = False


def day(value: date | timedelta | None, today: date) -> date | None:
    """Turn a day that may count from *today* into a date."""
    return today + value if isinstance(value, timedelta) else value


def demo_readers() -> tuple[Reader, ...]:
    """Make the four readers of the demonstration: jean, anna, luca and zoe."""
    jean = PatronRecord("101", "vs", ("2050124311",), "vs-std", 2 * _YEAR)
    anna_vs = PatronRecord("110", "vs", ("2050200110",), "vs-std", _YEAR)
    anna_fr = PatronRecord("111", "fr", ("2050300111",), "fr-std", 3 * _YEAR)
    luca = PatronRecord("120", "vs", ("2050200120",), "vs-std", timedelta(days=-40))
    return (
        Reader(
            user_id=3,
            username="jean",
            last_name="Simon",
            first_name="Jean",
            birth=date(2000, 1, 1),
            email="jean.simon@reader.example",
            records=(jean,),
            note="one valid card (VS)",
            is_listed=True,
        ),
        Reader(
            user_id=10,
            username="anna",
            last_name="Keller",
            first_name="Anna",
            birth=date(1985, 11, 23),
            email="anna.keller@reader.example",
            records=(anna_vs, anna_fr),
            note="two valid cards (VS and FR)",
            is_listed=True,
        ),
        Reader(
            user_id=11,
            username="luca",
            last_name="Bernasconi",
            first_name="Luca",
            birth=date(1972, 6, 2),
            email="luca.bernasconi@reader.example",
            records=(luca,),
            note="expired card (VS)",
            is_listed=True,
        ),
        Reader(
            user_id=12,
            username="zoe",
            last_name="Favre",
            first_name="Zoé",
            birth=date(1998, 3, 14),
            email="zoe.favre@reader.example",
            note="no library card",
            is_listed=True,
        ),
    )


def case_readers() -> tuple[Reader, ...]:
    """Make the readers that tests need: one for each oddity of real accounts."""
    return (*_odd_records(), *_odd_accounts())


def _odd_records() -> tuple[Reader, ...]:
    nj = ("10000201", "10000299")
    several = (
        PatronRecord("202", "nj", nj, "nj-adu", date(2029, 7, 16)),
        PatronRecord("203", "fr", ("10000203",), None, date(2017, 7, 16)),
    )
    staff = PatronRecord("301", "vs", ("2050900301",), roles=("librarian",))
    today = PatronRecord("302", "vs", ("2050900302",), "vs-std", timedelta())
    endless = PatronRecord("303", "fr", ("2050900303",), "fr-std")
    return (
        Reader(
            user_id=4,
            username="marie",
            last_name="De la Croix, née Müller",
            first_name="Marie-Thérèse",
            birth=date(1947, 6, 7),
            email="marie@reader.example",
            records=several,
        ),
        Reader(5, "nora", "Role", "Nora", date(1990, 2, 28), records=(staff,)),
        Reader(20, "today", "Jour", "Dernier", date(1980, 1, 1), records=(today,)),
        Reader(21, "endless", "Immer", "Ida", date(1980, 1, 1), records=(endless,)),
    )


def _odd_accounts() -> tuple[Reader, ...]:
    born = date(1990, 5, 5)
    nfd = "Mu\u0308ller-\u05db\u05d4\u05df"  # u and diaeresis apart, then Hebrew
    return (
        Reader(OWNER_ID, "owner", "Service", "Bridge", None, "service@bridge.example"),
        Reader(6, "bare", is_confirmed=False),
        Reader(22, "nomail", "Blanc", "Noé", born, records=_card(422)),
        Reader(23, "mononym", "Madonna", "  ", born, "m@x.example", records=_card(423)),
        Reader(24, "comma", "Blanc, Noir", "Al", born, records=_card(424)),
        Reader(25, "nfd", nfd, "\u0645\u0631\u064a\u0645", born, records=_card(425)),
        Reader(26, "ageless", "Weber", "Ute", None, "u@x.example", records=_card(426)),
        Reader(27, "child", "Petit", "Léo", -9 * _YEAR, records=_card(427)),
        Reader(28, "closed", "Gone", "Guy", born, is_active=False, records=_card(428)),
        Reader(29, "twin1", "Rochat", "Luc", born, "l1@x.example", records=_card(429)),
        Reader(30, "twin2", "Rochat", "Luc", born, "l2@x.example", records=_card(430)),
    )


def _card(number: int) -> tuple[PatronRecord, ...]:
    barcode = f"2050{number:06d}"
    return (PatronRecord(str(number), "vs", (barcode,), "vs-std", 2 * _YEAR),)
