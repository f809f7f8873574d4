"""A quiz as its author writes it, `course/quizzes/<id>.toml`: frozen records of questions, pools and options."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from autograder.course.table import Identifier, Table, Words

Scalar = int | float | str


def _a_layer(value: object) -> object:
    """Refuse what is not one layer's name with its arguments."""
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(f"expected one layer with its arguments, as {{ Dense = {{ units = 10 }} }}, found {value!r}")
    ((name, arguments),) = value.items()
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) or not isinstance(arguments, dict):
        raise ValueError(f"expected a Keras layer's class and a table of arguments, found {name!r} = {arguments!r}")
    return value


Layer = Annotated[dict[str, dict[str, Any]], BeforeValidator(_a_layer)]
Layers = Annotated[tuple[Layer, ...], Field(strict=False, min_length=1)]
Axes = Annotated[tuple[int | str, ...], Field(strict=False)]
Texts = Annotated[tuple[Words, ...], Field(strict=False)]
Values = Annotated[tuple[Scalar, ...], Field(strict=False)]


class Option(Table):
    """One option of a question: an entry of its `options`."""

    text: Words
    """What it says."""
    right: bool = False
    """Whether it is right. Default: false."""


Options = Annotated[tuple[Option, ...], Field(strict=False, min_length=2, max_length=12)]


class Question(Table):
    """What questions of every kind have. A `[[questions]]` table."""

    id: Identifier
    """Its name in this quiz; students do not see it."""
    points: Annotated[float, Field(gt=0)] | None = None
    """What it is worth. Default: 1; a question of a pool has the pool's."""
    pool: str | None = None
    """The `id` of the pool it belongs to. Default: everybody gets the question."""
    text: Words
    """The question, in Markdown."""
    explanation: Words
    """Why the right answer is right, in Markdown: on the student's page once the quiz is over for everybody, on the
    teaching staff's always. `{{ answer }}` is the right answer."""
    parameters: dict[str, Annotated[tuple[Scalar, ...], Field(strict=False, min_length=2)]] = Field(
        default_factory=dict
    )
    """What differs between its variants: for each name the values to draw from. `{{ name }}` stands for the value in
    every text of the question, and so does arithmetic: `{{ 2 * name }}`."""
    where: str | None = None
    """A condition on the parameters, as `kernel <= size`; combinations that do not meet it are not drawn."""
    variants: Annotated[int, Field(ge=1, le=26)] | None = None
    """How many variants it has at most. Default: the quiz's."""
    wrong: Annotated[tuple[Any, ...], Field(strict=False)] = ()
    """Answers that must earn nothing, as students would write them; they are tried at every build."""


class Choice(Question):
    """Kind `single`: one option is right."""

    kind: Literal["single"]
    """Tells the kinds apart."""
    options: Options
    """What there is to choose from; exactly one has `right = true`."""
    shuffle: bool = True
    """Whether the order of the options differs between variants. Default: true."""


class Choices(Question):
    """Kind `multiple`: some options are right, at least one, and not all of them.

    It earns the share of right options that are named, less the share of wrong ones, and never less than nothing.
    """

    kind: Literal["multiple"]
    """Tells the kinds apart."""
    options: Options
    """What there is to choose from; those that are right have `right = true`."""
    shuffle: bool = True
    """Whether the order of the options differs between variants. Default: true."""


class Numeric(Question):
    """Kind `numeric`: a number, within a tolerance."""

    kind: Literal["numeric"]
    """Tells the kinds apart."""
    answer: float | str
    """The right answer: a number, or arithmetic on the parameters, as `(size - kernel) // stride + 1`."""
    tolerance: Annotated[float, Field(ge=0)] = 0.0
    """How far off an answer may be. Default: 0."""
    relative: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """The same as a share of the right answer; the wider of the two holds. Default: 0."""
    unit: str | None = None
    """What the answer is counted in, as students may write it behind the number; `%` for per cent."""


class Shape(Question):
    """Kind `shape`: the shape of what comes out of layers, or one that the author states."""

    kind: Literal["shape"]
    """Tells the kinds apart."""
    input: Axes | None = None
    """The shape that goes into the layers, without the batch."""
    layers: Layers | None = None
    """The layers, one after the other, with their arguments, which may hold parameters. Keras computes the answer."""
    answer: Axes | None = None
    """The right shape, where there are no layers; `"None"` for an axis of unknown length, `"{{ 2 * size }}"` for
    arithmetic."""


class Parameters(Question):
    """Kind `parameters`: how many parameters layers have. Keras counts them."""

    kind: Literal["parameters"]
    """Tells the kinds apart."""
    input: Axes
    """The shape that goes into the layers, without the batch."""
    layers: Layers
    """The layers, one after the other, with their arguments, which may hold parameters."""
    count: Literal["all", "trainable", "frozen"] = "all"
    """Which of the parameters: `all`, `trainable`, or `frozen`, which training leaves as they are. Default: all."""


class Order(Question):
    """Kind `order`: things to put in order. It earns the share of them that stand in the right place."""

    kind: Literal["order"]
    """Tells the kinds apart."""
    items: Annotated[tuple[Words, ...], Field(strict=False, min_length=3, max_length=10)]
    """What is to be put in order, in the right order."""


class Text(Question):
    """Kind `text`: a word or two. Case, accents, blanks, punctuation and an article in front make no difference."""

    kind: Literal["text"]
    """Tells the kinds apart."""
    accepted: Annotated[tuple[Words, ...], Field(strict=False, min_length=1)]
    """Every right answer; the first one is shown as such."""


class Output(Question):
    """Kind `output`: what a piece of code prints. The code is run in the sandbox to know."""

    kind: Literal["output"]
    """Tells the kinds apart."""
    code: Words
    """The code; it may hold parameters."""


AnyQuestion = Choice | Choices | Numeric | Shape | Parameters | Order | Text | Output

KINDS: dict[str, type[AnyQuestion]] = {
    "single": Choice,
    "multiple": Choices,
    "numeric": Numeric,
    "shape": Shape,
    "parameters": Parameters,
    "order": Order,
    "text": Text,
    "output": Output,
}


class Pool(Table):
    """Questions of which each student gets some: a `[[pools]]` table. They stand where its first question stands."""

    id: Identifier
    """What its questions name it by."""
    draw: Annotated[int, Field(ge=1)]
    """How many of its questions each student gets."""
    points: Annotated[float, Field(gt=0)] = 1.0
    """What each of them is worth. Default: 1."""


class QuizFile(Table):
    """quiz.toml: a quiz, as the file of its name in `course/quizzes`."""

    title: Words
    """What people call the quiz."""
    introduction: str = ""
    """What stands below the title, in Markdown."""
    seed: int
    """What the variants of its questions are drawn from; another one draws others."""
    variants: Annotated[int, Field(ge=1, le=26)] = 4
    """How many variants a question has at most. Default: 4."""
    pools: Annotated[tuple[Pool, ...], Field(strict=False)] = ()
    """Pools of questions."""
    questions: Annotated[tuple[Annotated[AnyQuestion, Field(discriminator="kind")], ...], Field(strict=False)]
    """The questions, in their order."""
