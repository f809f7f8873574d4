"""Who may use the review: decided here, asked by every page through `ReviewHandler.prepare`.

Jupyter says who somebody is; this module says whether they grade.

- **An identity provider that names persons** (JupyterHub's, or any class of a site's own): the person has to be listed,
  by name or by a group. Nobody is admitted for having been let into the server.
- **Jupyter's own providers** (one token, or one password, for the whole server) name nobody: what they call a user is a
  random name. But whoever has that token can start kernels and terminals, and so read and write the gradebook as the
  server's account does: refusing them these pages would protect nothing. They are admitted as that account.
- **Nothing is guessed.** Graders that are listed on a server that cannot tell persons apart, and a server that asks for
  no token at all, admit nobody.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider, User

ONE_FOR_ALL = (IdentityProvider, PasswordIdentityProvider)
"""The providers with one credential for the whole server; compared exactly, since a subclass may name persons."""


@dataclass(frozen=True)
class Person:
    """Somebody who may grade; `name` is what the log of changes calls them."""

    name: str


@dataclass(frozen=True)
class Refusal:
    """Why somebody may not, as a sentence for them."""

    sentence: str


def admit(
    user: User, provider: IdentityProvider, graders: Collection[str], groups: Collection[str]
) -> Person | Refusal:
    """Decide whether a user of the server may grade.

    Args:
        user: Whom Jupyter has authenticated.
        provider: What it has authenticated them with.
        graders: User names that may grade.
        groups: Groups whose members may grade.
    """
    if type(provider) in ONE_FOR_ALL:
        if not provider.auth_enabled:
            return Refusal(
                "Expected a server that asks for a token or a password, found one that lets everybody in; "
                "start it without an empty token."
            )
        if graders:
            return Refusal(
                "Expected an identity provider that names persons, because c.AutograderReview.graders lists some, "
                f"found {type(provider).__name__}, which has one token for everybody; configure one, or list nobody."
            )
        return Person(account())
    kind = _hub_model(user).get("kind", "user")
    if kind == "user" and (user.username in graders or _groups(user) & set(groups)):
        return Person(user.username)
    return Refusal(
        f"Expected somebody who grades this course, received {user.username!r}; whoever runs the server can add the "
        "name to c.AutograderReview.graders, or its owner to a group of graders."
    )


def account() -> str:
    """The operating system's account that the server runs as; what the environment says of it, anybody could set."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"


def _groups(user: User) -> set[str]:
    """The groups that JupyterHub, or a site's own provider, says the user is in."""
    found = _hub_model(user).get("groups", getattr(user, "groups", ()))
    return {str(group) for group in found} if isinstance(found, list | tuple | set | frozenset) else set()


def _hub_model(user: User) -> Mapping[str, object]:
    """What JupyterHub's provider keeps of its answer about the user; nothing elsewhere."""
    model = getattr(user, "hub_user", {})
    return model if isinstance(model, Mapping) else {}
