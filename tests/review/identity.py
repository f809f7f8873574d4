"""An identity provider that names persons: each token is somebody's."""

from __future__ import annotations

from jupyter_server.auth.identity import IdentityProvider, User
from tornado.web import RequestHandler
from traitlets import Dict


class Member(User):
    """A user with groups, as JupyterHub's has them."""

    def __init__(self, username: str, groups: list[str]) -> None:
        super().__init__(username)
        self.hub_user = {"name": username, "kind": "user", "groups": groups}


class ByToken(IdentityProvider):
    """Who somebody is follows from their token, or from the cookie that it was exchanged for."""

    people = Dict(config=True, help="User names by token.")
    groups = Dict(config=True, help="Lists of groups by user name.")

    async def get_user_token(self, handler: RequestHandler) -> User | None:
        """Whose token a request carries."""
        name = self.people.get(self.get_token(handler))
        return None if name is None else self._member(name)

    def user_from_cookie(self, cookie_value: str) -> User | None:
        """Whose cookie it is."""
        user = super().user_from_cookie(cookie_value)
        return None if user is None else self._member(user.username)

    def _member(self, name: str) -> Member:
        return Member(name, list(self.groups.get(name, [])))
