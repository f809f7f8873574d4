"""Reading an answer as it was written: by its meaning where the form is another one, in a sentence where there is none.

A form says what is asked for: `{"kind": "number", "units": ["%"]}`. Nothing here knows the right answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .numbers import NotUnderstood as NotUnderstood
from .numbers import read_number

MOST_CHARACTERS = 4000
MOST_PARTS = 64
UNKNOWN_AXIS = frozenset({"none", "?", "-1", "batch", "batch_size", "n"})
ARTICLES = frozenset({"a", "an", "the"})
SEPARATORS = re.compile(r"[\s,;<>→]+|->|-")
LETTER = re.compile(r"[(\[]?([a-z])[)\].:]?")


@dataclass(frozen=True)
class Reading:
    """An answer that was understood.

    Attributes:
        value: What it says: a number, a list of letters or axes, or a text.
        says: The same for people.
        word: What to know about its form; "" where it was written as asked.
    """

    value: Any
    says: str
    word: str = ""


class Unanswered(NotUnderstood):
    """There is no answer."""


def read(form: Mapping[str, Any], answer: object) -> Reading:
    """Read an answer.

    Raises:
        Unanswered: There is none.
        NotUnderstood: It cannot be read as what is asked for; the message says expected and received.
    """
    plain = _plain(answer)
    if plain is None or plain is Ellipsis or getattr(plain, "kind", "") == "ellipsis":
        raise Unanswered("expected an answer in place of the dots, found none")
    if isinstance(plain, (str, list, tuple)) and (not plain or plain == "..."):
        raise Unanswered("expected an answer in place of the dots, found none")
    kind = form["kind"]
    if kind == "number":
        value, word = read_number(plain, form.get("units", []), whole=form.get("whole", False))
        return Reading(value, f"the number {value}", word)
    if kind == "shape":
        axes, word = _shape(plain)
        return Reading(axes, f"the shape {shape_text(axes)}", word)
    if kind == "choice":
        letter = _option(_text(plain, "the letter of one option"), form["options"])
        return Reading(letter, f"option {letter}")
    if kind == "choices":
        letters = sorted(set(_letters(plain, form["options"])))
        return Reading(letters, f"option{'s' if len(letters) > 1 else ''} {', '.join(letters)}")
    if kind == "order":
        return _order(plain, form["options"])
    if kind == "output":
        text = plain if isinstance(plain, str) else _printed(plain)
        return _output(text)
    text = _text(plain, "a word or two between quotes")
    if not squeeze(text):
        raise NotUnderstood(f"expected letters or digits, received {describe(plain)}")
    shown = " ".join(text.split())[:60].encode("utf-8", "replace").decode()
    return Reading(text, f"“{shown}”")


def squeeze(text: str) -> str:
    """A text without what makes no difference: case, accents, blanks, punctuation, an article in front."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(one for one in folded if not unicodedata.combining(one)).casefold()
    words = "".join(one if one.isalnum() else " " for one in letters).split()
    return "".join(words[1:] if len(words) > 1 and words[0] in ARTICLES else words)


def lines_of(text: str) -> list[str]:
    """The lines of what a program shows, without what nobody sees: blanks at ends, doubled, and beside brackets."""
    lines = [re.sub(r" ?([\[\](){},:=]) ?", r"\1", " ".join(line.split())) for line in text.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return lines


def shape_text(axes: list[int | None]) -> str:
    """A shape as Keras prints it: `(None, 28, 28)`."""
    inner = ", ".join("None" if axis is None else str(axis) for axis in axes)
    return f"({inner},)" if len(axes) == 1 else f"({inner})"


def describe(answer: object) -> str:
    """What an answer is, in a few words."""
    if isinstance(answer, str):
        return f"the text {answer[:40]!r}{'…' if len(answer) > 40 else ''}"
    if answer is None or isinstance(answer, (bool, float)):
        return repr(answer)
    if isinstance(answer, int):
        return f"the number {answer}" if abs(answer) < 10**20 else "a number of many digits"
    if isinstance(answer, (list, tuple)):
        return f"a {type(answer).__name__} of {len(answer)}"
    kind = getattr(answer, "kind", None)  # what stayed in the notebook's process
    kind = kind if isinstance(kind, str) else type(answer).__name__
    return "a number of many digits" if kind == "int" else f"an object of class {kind[:40]}"


def _plain(answer: object) -> Any:
    """Numbers and arrays of NumPy as Python's own; text at a length that can be an answer."""
    if type(answer).__module__ == "numpy" and hasattr(answer, "tolist"):
        if getattr(answer, "size", 1) > MOST_PARTS:
            raise NotUnderstood("expected an answer, received an array of many numbers")
        answer = answer.tolist()
    if isinstance(answer, str):
        if len(answer) > MOST_CHARACTERS:
            raise NotUnderstood(f"expected a short answer, received a text of {len(answer)} characters")
        return answer.strip()
    if isinstance(answer, (list, tuple)) and len(answer) > MOST_PARTS:
        raise NotUnderstood(f"expected a short answer, received {describe(answer)}")
    return answer


def _text(answer: Any, wanted: str) -> str:
    if isinstance(answer, (list, tuple)) and len(answer) == 1:
        answer = answer[0]
    if isinstance(answer, int) and not isinstance(answer, bool) and abs(answer) < 10**20:
        return str(answer)
    if not isinstance(answer, str):
        raise NotUnderstood(f"expected {wanted}, received {describe(answer)}")
    return answer


def _option(text: str, options: Mapping[str, str]) -> str:
    """The letter of the option that a text names: by its letter, by its words, or by both."""
    letters = LETTER.fullmatch(text.strip().strip("'\"").casefold())
    if letters is not None and letters[1] in options:
        return letters[1]
    wanted = squeeze(text)
    found = [one for one, words in options.items() if wanted and wanted in (squeeze(words), one + squeeze(words))]
    if len(found) == 1:
        return found[0]
    raise NotUnderstood(f"expected the letter of an option ({', '.join(options)}), received {describe(text)}")


def _letters(answer: Any, options: Mapping[str, str]) -> list[str]:
    """The letters that an answer names, in its order."""
    if isinstance(answer, (list, tuple)):
        if all(isinstance(part, str) for part in answer):
            return [_option(part, options) for part in answer]
        raise NotUnderstood(f"expected letters of options ({', '.join(options)}), received {describe(answer)}")
    text = _text(answer, f"letters of options ({', '.join(options)})")
    try:
        return [_option(text, options)]
    except NotUnderstood:
        bare = re.sub(r"[()\[\]{}'\".:]", " ", text.casefold())
        parts = [part for part in SEPARATORS.split(bare) if part and part != "and"]
        if len(parts) == 1:
            parts = list(parts[0])
        if not parts or any(part not in options for part in parts):
            raise
        return parts


def _order(answer: Any, options: Mapping[str, str]) -> Reading:
    letters = _letters(answer, options)
    if sorted(letters) != sorted(options):
        raise NotUnderstood(
            f"expected each of the letters {', '.join(options)} once, received {', '.join(letters[:MOST_PARTS])}"
        )
    return Reading(letters, f"the order {', '.join(letters)}")


def _shape(answer: Any) -> tuple[list[int | None], str]:
    if isinstance(answer, str):
        bare = re.sub(r"(?i)tensorshape|torch\.size", "", answer)
        bare = re.sub(r"[()\[\]]", " ", bare).strip()
        parts: list[Any] = [part for part in re.split(r"[\s,;x×*X]+", bare) if part]
        word = "a shape is written as in `(None, 10)`, without quotes"
    elif isinstance(answer, (list, tuple)):
        parts = list(answer)
        word = ""
    else:
        parts = [answer]
        word = "a shape of one axis is written as in `(10,)`"
    if not parts:
        raise NotUnderstood(f"expected a shape such as (None, 10), received {describe(answer)}")
    return [_axis(part, answer) for part in parts], word


def _axis(part: Any, answer: Any) -> int | None:
    if part is None or (isinstance(part, str) and part.strip().casefold() in UNKNOWN_AXIS):
        return None
    if isinstance(part, float) and part.is_integer():
        part = int(part)
    if isinstance(part, str) and re.fullmatch(r"[0-9]{1,18}", part.strip()):
        part = int(part)
    if isinstance(part, int) and not isinstance(part, bool) and -1 <= part < 10**18:
        return None if part == -1 else part
    raise NotUnderstood(
        f"expected a shape of whole numbers, with None for the batch, received {describe(part)} in {describe(answer)}"
    )


def _printed(answer: Any, depth: int = 0) -> str:
    if depth > 4:
        raise NotUnderstood("expected what the code prints, received lists in lists in lists")
    if answer is None or isinstance(answer, (bool, float, str)):
        return repr(answer)
    if isinstance(answer, int) and abs(answer) < 10**20:
        return repr(answer)
    if isinstance(answer, (list, tuple)):
        inner = ", ".join(_printed(part, depth + 1) for part in answer)
        if isinstance(answer, list):
            return f"[{inner}]"
        return f"({inner},)" if len(answer) == 1 else f"({inner})"
    raise NotUnderstood(f"expected what the code prints, received {describe(answer)}")


def _output(text: str) -> Reading:
    word = ""
    quoted = re.fullmatch(r"(['\"])([^'\"]*)\1", text)
    if quoted is not None:
        text, word = quoted[2], "`print` shows a text without its quotes"
    lines = lines_of(text)
    if not lines:
        raise Unanswered("expected what the code prints, found nothing")
    shown = text.strip() if len(lines) == 1 else f"{len(lines)} lines"
    return Reading("\n".join(lines), f"the output {shown[:60]!r}" if len(lines) == 1 else f"an output of {shown}", word)
