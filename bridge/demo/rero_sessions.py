"""Browser sessions at the stand-in RERO+."""

from dataclasses import dataclass

from flask import Response, g, request

from bridge.demo.rero_readers import Reader
from bridge.demo.rero_state import State


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """What the stand-in knows of one browser."""

    expires_at: float
    csrf_token: str
    user_id: int | None = None
    language: str | None = None


class Sessions:
    """All sessions; the one of the running request is found by its cookie."""

    def __init__(self, state: State) -> None:
        """Start without sessions."""
        self._state = state
        self._sessions: dict[str, BrowserSession] = {}

    def current(self) -> BrowserSession | None:
        """Give the session of this browser, if it has one that is not over."""
        session = self._sessions.get(self._id())
        is_live = session is not None and self._state.clock() < session.expires_at
        return session if is_live else None

    def current_or_new(self) -> BrowserSession:
        """Give the session of this browser, or a fresh one that is not yet kept."""
        life_s = self._state.settings.session_seconds
        return self.current() or BrowserSession(
            self._state.clock() + life_s, self._state.random_text()
        )

    def reader(self) -> Reader | None:
        """Give the reader signed in at this browser, unless closed since."""
        session = self.current()
        if session is None or session.user_id is None:
            return None
        return self._state.active_reader(session.user_id)

    def keep(self, session: BrowserSession, *, new_id: bool = False) -> None:
        """Store the session of this browser, under a new id at a change of reader."""
        session_id = self._id()
        if new_id or session_id not in self._sessions:
            self._sessions.pop(session_id, None)
            session_id = self._state.random_text()
            g.standin_session_id = session_id
        self._sessions[session_id] = session

    def save_cookie(self, response: Response) -> Response:
        """Send the cookie of a session that this request began."""
        if "standin_session_id" in g:
            response.set_cookie(
                self._state.settings.cookie_name,
                g.standin_session_id,
                max_age=self._state.settings.session_seconds,
                httponly=True,
                samesite="Lax",
            )
        return response

    def _id(self) -> str:
        cookie = request.cookies.get(self._state.settings.cookie_name, "")
        return str(g.get("standin_session_id", cookie))
