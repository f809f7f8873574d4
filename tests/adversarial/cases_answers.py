"""Group A: objects that lie (7), answers of every shape (12), and lying in time (13, 15, 16)."""

from __future__ import annotations

from tests.adversarial.case import (
    Case,
    all_of,
    answer,
    append,
    flagged,
    in_group,
    new_cell,
    scores,
    together,
    unaffected,
    zero,
)
from tests.adversarial.submissions import (
    RIGHT,
    TRAINED,
    classifier,
)

holds = in_group("A")


# 7: objects that lie --------------------------------------------------------------------------------------------------

ALWAYS = """
class Always:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    def __le__(self, other): return True
    def __gt__(self, other): return True
    def __ge__(self, other): return True
    def __bool__(self): return True
    def __array__(self, *_, **__): raise SystemExit
    def __getattr__(self, name): return self
    def __call__(self, *_, **__): return self
    def __len__(self): return 1
    def __hash__(self): return 0
"""
LYING_ARRAY = """
class Lying(np.ndarray):
    def __eq__(self, other): return np.ones(np.shape(other), bool)
    def __ne__(self, other): return np.zeros(np.shape(other), bool)
    def __sub__(self, other): return np.zeros(np.shape(other))
    __rsub__ = __sub__
    def __array_ufunc__(self, *_, **__): return np.zeros(self.shape)
    def __array_function__(self, *_, **__): return True
    def tobytes(self, *_): return super().tobytes()[::-1]
    def __reduce__(self): return (exec, ("raise SystemExit",))
"""
OBJECTS = (
    holds(
        7,
        "objects that are equal to everything earn nothing that is measured",
        together(
            new_cell(ALWAYS),
            answer("scale", "def scale(values):\n    return Always()"),
            answer("classify", "def classify(images):\n    return Always()"),
        ),
        all_of(
            scores(scale=0.0, classify=0.0, report=0.0),
            lambda outcome: _has("expected", outcome.said("scale"), outcome.said("classify")),
        ),
    ),
    holds(
        7,
        "an array whose comparisons lie is worth its numbers, which are wrong",
        together(
            new_cell(LYING_ARRAY),
            answer("scale", "def scale(values):\n    return (values * 0 + 0.5).view(Lying)"),
        ),
        zero("scale"),
    ),
    holds(
        7,
        "a subclass of arrays that tells the truth is worth its numbers, which are right",
        together(
            new_cell("class Own(np.ndarray):\n    note = 'mine'"),
            append("scale", "plain_scale = scale\n\ndef scale(values):\n    return plain_scale(values).view(Own)"),
        ),
        unaffected,
    ),
    holds(
        7,
        "a float that is equal to everything is worth its number",
        together(
            new_cell("class Lie(np.float64):\n    __eq__ = lambda *_: True\n    __hash__ = None"),
            answer("scale", "def scale(values):\n    return [Lie(0.5)] * len(values)"),
        ),
        zero("scale"),
    ),
)


# 12: predictions of every shape

ODD_ANSWERS = {
    "one row too few": ("scores[:-1]", "each of the 90 rows"),
    "the axes swapped": ("scores.T", "each of the 90 rows"),
    "not a number": ("scores * np.nan", "finite"),
    "one infinity": ("np.where(np.arange(len(scores))[:, None] == 0, np.inf, scores)", "finite"),
    "complex numbers": ("scores + 1j", "expected"),
    "objects": ("scores.astype(object)", "expected"),
    "texts": ("scores.astype(str)", "expected"),
    "nothing at all": ("None", "expected"),
    "a text": ("'0 1 2'", "expected"),
    "a dict": ("{'scores': scores}", "expected"),
    "lists of unequal length": ("[[1.0, 2.0, 3.0], [1.0]] * 45", "expected"),
    "an empty array": ("np.zeros((0, 3))", "each of the 90 rows"),
    "an axis too many": ("scores[..., None]", "shape (90, 3)"),
    "dates": ("np.zeros((90, 3), 'datetime64[s]')", "expected"),
    "a record array": ("np.zeros(90, [('a', float), ('b', object)])", "expected"),
    "a generator": ("(row for row in scores)", "expected"),
    "a list within itself": ("(lambda x: x.append(x) or x)([])", ""),
    "lists a thousand deep": (
        "functools.reduce(lambda x, _: [x], range(3000), 1)",
        "",
    ),
    "a number with ten thousand digits": ("[[10 ** 10_000] * 3] * 90", ""),
    "an array that claims to be huge": ("np.broadcast_to(np.float64(1), (10**6, 10**6))", ""),
}


def odd(what: str, expression: str, word: str) -> Case:
    """A classifier that returns something else."""
    source = f"import functools\n\ndef classify(images):\n    scores = {RIGHT}\n    return {expression}"
    expect = zero("classify", *([word] if word else []))
    edit = answer("classify", f"{TRAINED}\n\n{source}")
    return holds(12, f"{what} in place of scores earns nothing, with a reason", edit, expect)


FINE_ANSWERS = (
    holds(
        12,
        "huge and negative scores are worth the class they prefer",
        classifier("return np.where(right(images) == right(images).max(axis=1, keepdims=True), 1e300, -1e300)"),
        unaffected,
    ),
    holds(
        12,
        "scores as nested lists are worth the same as an array",
        classifier("return right(images).tolist()"),
        unaffected,
    ),
)


# 13, 14, 15, 16: lying in time ----------------------------------------------------------------------------------------

TIMES = (
    holds(
        13,
        "what a classifier says of itself does not change what it is worth",
        together(
            classifier("return np.tile([1.0, 0.0, 0.0], (len(images), 1))"),
            new_cell("history = {'val_accuracy': [1.0]}\naccuracy = val_accuracy = 1.0\nclassify.accuracy = 1.0", ""),
        ),
        zero("classify", "accuracy"),
    ),
    holds(
        13,
        "a patched history, evaluate, summary and count_params do not change what a network is worth",
        append(
            "learn",
            """
            network.set_weights([weight * 0 for weight in network.get_weights()])
            network.history = {"val_accuracy": [1.0]}
            keras.Model.evaluate = lambda *_, **__: [0.0, 1.0]
            keras.Model.summary = lambda *_, **__: print("accuracy 1.0")
            keras.Model.count_params = lambda *_: 111
            """,
        ),
        zero("learn", "accuracy"),
        keras=True,
    ),
    holds(
        15,
        "a classifier that answers otherwise when it is asked again is told to a person",
        classifier(
            "calls.append(1)\nif len(calls) > 1 and len(images) < 90:\n    return -right(images)\nreturn right(images)",
            begin="calls = []",
        ),
        flagged("twice"),
        promise="detected",
    ),
    holds(
        15,
        "a classifier that is right in the visible test only is worth what it does for new images",
        classifier("return right(images) if len(images) == 2 else np.zeros((len(images), 3))"),
        zero("classify", "accuracy"),
    ),
    holds(
        16,
        "one class for everything is worth what one class is worth",
        classifier("return np.tile([0.0, 1.0, 0.0], (len(images), 1))"),
        zero("classify", "accuracy"),
    ),
    holds(
        16,
        "classes guessed from the order of a sorted test set are worth no more than guesses",
        classifier("return np.eye(3)[np.arange(len(images)) * 3 // len(images)]"),
        zero("classify", "accuracy"),
    ),
)


CASES: tuple[Case, ...] = (
    *OBJECTS,
    *(odd(what, expression, word) for what, (expression, word) in ODD_ANSWERS.items()),
    *FINE_ANSWERS,
    *TIMES,
)


def _has(word: str, *texts: str) -> None:
    assert all(word in text for text in texts), texts
