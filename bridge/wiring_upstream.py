"""How the client of RERO+ is made, and what asks it anew when tokens are refreshed."""

from bridge.flow.fresh_answers import FreshAnswers, FreshParts
from bridge.flow.token_seals import TokenSeals
from bridge.flow.upstream_sign_in import UpstreamSignIn
from bridge.provider.freshness import Freshness
from bridge.settings.model import Settings
from bridge.settings.policies import known_aliases
from bridge.upstream.rero import ReroUpstream
from bridge.upstream.settings import ReroSettings
from bridge.upstream.transport import Transport
from bridge.wiring import Basis, Foundation, make_identities


def make_upstream(settings: Settings, foundation: Foundation) -> ReroUpstream:
    """Make the client of RERO+."""
    upstream = settings.upstream
    secret = upstream.client_secret
    rero = ReroSettings(
        base_url=upstream.base_url,
        client_id=upstream.client_id,
        client_secret="" if secret is None else secret.reveal(),
        redirect_uri=upstream.redirect_uri or f"{settings.issuer}/callback",
        deadline_s=upstream.deadline_s,
        max_answer_bytes=upstream.max_answer_bytes,
        concurrent_calls=upstream.concurrent_calls,
        keep_tokens=upstream.keep_tokens,
        accept_barcode=upstream.accept_barcode,
        sign_in_again_via_signout=upstream.sign_in_again_via_signout,
        ca_file=None if upstream.ca_file is None else str(upstream.ca_file),
        proxy=upstream.proxy or None,
        aliases=known_aliases(settings),
    )
    return ReroUpstream(rero, Transport(rero), foundation.metrics, foundation.clock)


def make_freshness(basis: Basis, upstream: UpstreamSignIn) -> Freshness | None:
    """Make what asks RERO+ anew at a refresh, where its tokens are kept."""
    settings, foundation = basis.settings, basis.foundation
    if not settings.upstream.keep_tokens:
        return None
    parts = FreshParts(
        upstream=upstream,
        store=foundation.store,
        seals=TokenSeals(basis.keys.sealer),
        identities=make_identities(settings, foundation.store, basis.keys),
        asking=foundation.asking,
        audit=foundation.metrics,
        offered_scopes=frozenset(settings.upstream.scopes),
    )
    return Freshness(FreshAnswers(parts), settings.upstream.refresh_after_s)
