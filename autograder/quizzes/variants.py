"""The variants of a question: parameters drawn, texts filled in, options in an order of their own."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.quizzes.arithmetic import evaluate, fill, fill_value, names_in
from autograder.quizzes.layers import Job, digest, model_source
from autograder.quizzes.records import (
    AnyQuestion,
    Choice,
    Choices,
    Numeric,
    Option,
    Order,
    Output,
    Parameters,
    QuizFile,
    Shape,
)

LETTERS = "abcdefghijkl"
MOST_COMBINATIONS = 20_000
FORMS = {
    "single": "choice",
    "multiple": "choices",
    "numeric": "number",
    "shape": "shape",
    "parameters": "number",
    "order": "order",
    "text": "text",
    "output": "output",
}


@dataclass(frozen=True)
class Variant:
    """One question as one student may get it.

    Attributes:
        question: As its author wrote it.
        values: The values of its parameters.
        text: What the student reads.
        form: What an answer looks like, for `given.spelling.read`.
        letters: The options (or items) by letter, as places in the author's order.
        job: What the sandbox has to compute for its answer; None where nothing.
    """

    question: AnyQuestion
    values: dict[str, Any]
    text: str
    form: dict[str, Any]
    letters: dict[str, int]
    job: Job | None

    @property
    def job_digest(self) -> str:
        """What the job's result is kept under."""
        return "" if self.job is None else digest(self.job)


def variants_of(question: AnyQuestion, quiz: QuizFile) -> list[Variant]:
    """The variants of a question, the same for the same file.

    Raises:
        ValueError: A text or an expression cannot be filled in, or a parameter is of no use.
    """
    _expect_use(question)
    number = question.variants or quiz.variants
    seed = f"{quiz.seed}/{question.id}"
    drawn = _drawn(question, number, seed)
    shuffled = isinstance(question, (Choice, Choices)) and question.shuffle
    if not question.parameters and (shuffled or isinstance(question, Order)):
        drawn = drawn * number
    found: list[Variant] = []
    for place, values in enumerate(drawn):
        one = _variant(question, values, f"{seed}/{place}")
        if one.text not in [other.text for other in found]:
            found.append(one)
    return found


def _drawn(question: AnyQuestion, number: int, seed: str) -> list[dict[str, Any]]:
    """Values of the parameters for each variant: combinations that differ, in an order that follows from the seed."""
    if not question.parameters:
        return [{}]
    size = math.prod(len(values) for values in question.parameters.values())
    if size > MOST_COMBINATIONS:
        raise ValueError(f"expected at most {MOST_COMBINATIONS} combinations of parameters, found {size}; list fewer")
    names = list(question.parameters)
    combinations = [dict(zip(names, one, strict=True)) for one in itertools.product(*question.parameters.values())]
    if question.where is not None:
        combinations = [one for one in combinations if evaluate(question.where, one)]
        if not combinations:
            raise ValueError(f"expected values of the parameters that meet {question.where!r}, found none; correct it")
    return sorted(combinations, key=lambda one: _rank(f"{seed}/{sorted(one.items())}"))[:number]


def _variant(question: AnyQuestion, values: dict[str, Any], seed: str) -> Variant:
    letters: dict[str, int] = {}
    options: dict[str, str] = {}
    form: dict[str, Any] = {"kind": FORMS[question.kind]}
    shown: dict[str, Any] = {}
    job: Job | None = None
    match question:
        case Choice() | Choices():
            letters = _lettered(len(question.options), seed if question.shuffle else None)
            options = {letter: fill(question.options[place].text, values) for letter, place in letters.items()}
        case Order():
            letters = _lettered(len(question.items), seed, in_order=False)
            options = {letter: fill(question.items[place], values) for letter, place in letters.items()}
        case Numeric(unit=str() as unit):
            form["units"] = [unit]
        case Parameters() | Shape(layers=tuple()):
            assert question.layers is not None
            assert question.input is not None
            axes = [_axis(one) for one in fill_value(question.input, values)]
            layers = fill_value(question.layers, values)
            job = {"input": axes, "layers": layers}
            shown["model"] = _fenced(model_source(axes, layers))
        case Output():
            code = fill(question.code, values).strip("\n")
            job = {"code": code}
            shown["code"] = _fenced(code)
    if isinstance(question, Parameters):
        form |= {"units": ["parameters", "params", "weights"], "whole": True}
    if options:
        form["options"] = options
    text = fill(_with_places(question.text, shown), {**values, **shown}).strip()
    if options:
        text += "\n\n" + "\n".join(f"- **{letter}** {words}" for letter, words in options.items())
    return Variant(question, values, text, form, letters, job)


def _lettered(number: int, seed: str | None, *, in_order: bool = True) -> dict[str, int]:
    """Letters for so many things, by their places; another order for another seed, the given one for None."""
    places: Sequence[int] = range(number)
    if seed is not None:
        places = sorted(places, key=lambda one: _rank(f"{seed}/option/{one}"))
        if not in_order and list(places) == sorted(places):
            places = places[::-1]
    return dict(zip(LETTERS, places, strict=False))


def _with_places(text: str, shown: dict[str, Any]) -> str:
    """The text with a place for the model or the code, at its end where the author names none."""
    missing = [name for name in shown if name not in names_in(text)]
    return "\n\n".join([text, *(f"{{{{ {name} }}}}" for name in missing)])


def _fenced(code: str) -> str:
    return f"```python\n{code}\n```"


def _axis(value: Any) -> int | None:
    if value == "None":
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f'expected whole numbers or "None" as axes of a shape, found {value!r}; correct it')
    return value


def _expect_use(question: AnyQuestion) -> None:
    """A parameter that nobody sees is a misspelt one."""
    seen = names_in([question.text, *_visible(question)])
    if isinstance(question, Output):
        seen |= names_in(question.code)
    for name in question.parameters:
        if name not in seen:
            raise ValueError(
                f"expected the parameter {name!r} in what students see, as {{{{ {name} }}}}, found it nowhere; use it "
                "or remove it"
            )
    if question.where is not None and not question.parameters:
        raise ValueError("expected `parameters` beside `where`, found none; remove it")


def _visible(question: AnyQuestion) -> Iterator[Any]:
    match question:
        case Choice(options=options) | Choices(options=options):
            yield [option.text for option in options]
        case Order(items=items):
            yield list(items)
        case Shape(layers=layers, input=axes) | Parameters(layers=layers, input=axes):
            yield [list(layers or ()), list(axes or ())]


def right_letters(variant: Variant, options: Sequence[Option]) -> list[str]:
    """The letters of the right options."""
    return sorted(letter for letter, place in variant.letters.items() if options[place].right)


def _rank(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
