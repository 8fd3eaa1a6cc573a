"""A double of RERO+: it signs in by a code that is the reader's name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from urllib.parse import urlencode

from bridge.core.errors import UpstreamError, UpstreamFault, UpstreamRefused
from bridge.core.patron import Identity, IdentityKind, Membership, Patron
from bridge.core.upstream_tokens import UpstreamTokens
from bridge.flow.ports import UpstreamLogin

UPSTREAM: Final = "https://rero.example"


def make_patron(
    user_id: str,
    fullname: str,
    *memberships: Membership,
    birthdate: date | None = None,
    email: str | None = None,
) -> Patron:
    """Make a patron with a user id; the barcode follows from it."""
    return Patron(
        Identity(IdentityKind.USER, user_id),
        fullname=fullname,
        birthdate=birthdate,
        barcode=f"20501243{user_id}" if memberships else None,
        email=email,
        memberships=memberships,
    )


JEAN: Final = make_patron(
    "11",
    "Simon, Jean",
    Membership("vs", "vs-std", date(2030, 3, 30), "101"),
    birthdate=date(2000, 1, 1),
    email="jean@reader.example",
)
ANNA: Final = make_patron(
    "12", "Keller, Anna", Membership("fr", "fr-std", date(2030, 3, 30), "102")
)
MARIE: Final = make_patron(
    "15",
    "Müller, Marie",
    Membership("fr", "fr-std", date(2028, 3, 30), "104"),
    Membership("nj", "nj-adu", date(2020, 3, 30), "105"),
    Membership("vs", "vs-std", date(2030, 3, 30), "106"),
)
LUCA: Final = make_patron(
    "13", "Bernasconi, Luca", Membership("vs", "vs-std", date(2020, 3, 30), "103")
)
ZOE: Final = make_patron("14", "Favre, Zoé")
BARCODE: Final = Patron(
    Identity(IdentityKind.BARCODE, "vs:2050124311"),
    fullname="Simon, Jean",
    barcode="2050124311",
    memberships=(Membership("vs"),),
)


@dataclass(frozen=True, slots=True)
class SignInCall:
    """One call of the port."""

    code: str
    allow_barcode: bool
    address: str


@dataclass
class FakeUpstream:
    """The Upstream port; `answers` may be changed, `calls` is what was asked."""

    answers: dict[str, Patron | UpstreamError] = field(
        default_factory=lambda: {
            "jean": JEAN,
            "anna": ANNA,
            "luca": LUCA,
            "marie": MARIE,
            "zoe": ZOE,
            "barcode": BARCODE,
        }
    )
    calls: list[SignInCall] = field(default_factory=list)
    meanwhile: Callable[[], object] = field(default=lambda: None)

    def authorization_url(
        self, state: str, scopes: frozenset[str], *, sign_in_again: bool = False
    ) -> str:
        """Say in the query what was asked for."""
        query = {"state": state, "scope": " ".join(sorted(scopes))}
        path = "signout" if sign_in_again else "authorize"
        return f"{UPSTREAM}/{path}?{urlencode(query)}"

    def sign_out_url(self) -> str:
        """Return where the patron would sign out."""
        return f"{UPSTREAM}/signout/"

    def sign_in(self, code: str, *, allow_barcode: bool, address: str) -> UpstreamLogin:
        """Answer what stands under *code*; no other code is good."""
        self.calls.append(SignInCall(code, allow_barcode, address))
        self.meanwhile()
        answer = self.answers.get(code, UpstreamRefused(UpstreamFault.CODE_OVER))
        if isinstance(answer, UpstreamError):
            raise answer
        return UpstreamLogin(answer, frozenset())

    def ask_again(
        self,
        tokens: UpstreamTokens,
        *,
        allow_barcode: bool,
        keep: Callable[[UpstreamTokens], None],
    ) -> UpstreamLogin:
        """Answer nothing: no tokens were given."""
        raise UpstreamRefused(UpstreamFault.CODE_OVER)
