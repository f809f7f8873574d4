"""Questions on hidden data and copies of models, asked for real."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

from autograder.checks import HiddenData, Model
from autograder.course import DEFAULT_PRELOAD
from autograder.errors import CheckError, StudentFault
from autograder.sandbox import Limits, Slot, SlotSettings
from tests.sandbox.kernels import Kernel
from tests.slots import opened

HIDDEN = HiddenData(np.arange(40, dtype="float64").reshape(20, 2), np.arange(20))


def define(kernel: Kernel, body: str) -> None:
    assert kernel.run(f"import numpy as np\nseen = []\ndef classify(x):\n{body}") == ""


def test_rows_come_in_an_order_of_the_submissions_own_and_answers_stay_beside_them(kernel: Kernel) -> None:
    define(kernel, "    seen.append(x.copy())\n    return x[:, 0] / 2")
    measured = kernel.student(hidden=True).measure("classify", HIDDEN)
    assert np.array_equal(measured.outputs, measured.answers)
    assert sorted(measured.answers) == list(range(20))
    assert not np.array_equal(measured.answers, np.arange(20))
    first, again = kernel.student().value("seen")
    assert (len(first), len(again)) == (20, 10)
    assert not np.array_equal(first[:10], again)
    repeated = kernel.student(hidden=True).measure("classify", HIDDEN)
    assert np.array_equal(repeated.answers, measured.answers)


def test_fewer_rows_are_a_draw(kernel: Kernel) -> None:
    define(kernel, "    return x[:, 0] / 2")
    measured = kernel.student(hidden=True).measure("classify", HIDDEN, rows=7)
    assert len(measured) == len(set(measured.answers.tolist())) == 7
    assert np.array_equal(measured.outputs, measured.answers)


@pytest.mark.parametrize(
    "body",
    [
        "    return x[:, 0] / 2 if len(x) == 20 else x[:, 0]",  # knows which question it is
        "    return np.arange(len(x))",  # relies on the order of the rows
        "    return x[:, 0] - x[:, 0].mean()",  # an answer that depends on its neighbours
        "    seen.append(1)\n    return x[:, 0] * len(seen)",
    ],
)
def test_answers_that_change_when_asked_again_are_flagged_with_both_values(kernel: Kernel, body: str) -> None:
    define(kernel, body)
    student = kernel.student(hidden=True)
    student.measure("classify", HIDDEN)
    [flag] = student.flags
    assert re.search(r"the same 10 hidden rows twice, .* first with -?[\d.]+, then with -?[\d.]+$", flag)


@pytest.mark.parametrize("body", ["    return np.random.rand(len(x))", "    return [[1], [2, 3]] * (len(x) // 2)"])
def test_what_is_meant_to_be_random_or_cannot_be_compared_is_not_flagged(kernel: Kernel, body: str) -> None:
    define(kernel, body)
    student = kernel.student(hidden=True)
    student.measure("classify", HIDDEN, repeatable="random" not in body)
    assert student.flags == []


@pytest.mark.parametrize(
    "answer", ["x[:5]", "np.zeros((61738, 3))", "np.zeros((20, 0, 7, 9))", "np.float64(3)", "7", "[1, 2]", "None"]
)
def test_what_is_no_answer_for_each_row_is_refused_in_our_own_words(kernel: Kernel, answer: str) -> None:
    define(kernel, f"    return {answer}")
    with pytest.raises(StudentFault) as fault:
        kernel.student(hidden=True).measure("classify", HIDDEN)
    assert fault.value.message == (
        "expected an answer for each of the 20 rows that were asked about, received something else"
    )


def test_several_outputs_are_one_answer_each(kernel: Kernel) -> None:
    define(kernel, "    return [x[:, 0], x]")
    first, second = kernel.student(hidden=True).measure("classify", HIDDEN).outputs
    assert (first.shape, second.shape) == ((20,), (20, 2))


def test_each_of_several_outputs_is_compared_when_asked_again(kernel: Kernel) -> None:
    define(kernel, "    return [x, x - x.mean()]")
    student = kernel.student(hidden=True)
    student.measure("classify", HIDDEN)
    assert len(student.flags) == 1
    define(kernel, "    return [x, 2 * x]")
    student = kernel.student(hidden=True)
    student.measure("classify", HIDDEN)
    assert student.flags == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("    raise ValueError(x)", "the notebook's code raised ValueError"),
        ("    raise type(f'Row{int(x[0, 0])}', (Exception,), {})()", "the notebook's code raised an exception"),
        ("    return str(x.tolist())", "expected numbers in answer to a question on hidden data, received text"),
        ("    return {'rows': x}", "expected numbers in answer to a question on hidden data, received text"),
        (
            r"""    exec(compile('\n' * int(x[0, 0]) + 'raise NotImplementedError', 'ipykernel_1', 'exec'))""",
            "expected an answer, found this part not yet written",
        ),
        ("    import os; os._exit(int(x[0, 0]))", "the notebook's process ended over hidden data"),
    ],
)
def test_no_word_of_the_students_process_comes_back_from_hidden_data(kernel: Kernel, body: str, message: str) -> None:
    define(kernel, body)
    with pytest.raises(StudentFault) as fault:
        kernel.student(hidden=True).measure("classify", HIDDEN)
    assert fault.value.message == message


FORGES = """
session = get_ipython().kernel.session
send = session.send

def forge(stream, kind, content=None, **rest):
    if kind == "autograder_reply" and seen:
        content = {"id": content["id"], "ok": {"t": "tensor", "i": 0, "dtype": f"row {int(seen[0][0, 0])}"}}
    return send(stream, kind, content, **rest)

session.send = forge
"""


def test_what_is_wrong_with_a_forged_answer_is_not_quoted(kernel: Kernel) -> None:
    define(kernel, "    seen.append(x)\n    return x")
    assert kernel.run(FORGES) == ""
    with pytest.raises(StudentFault) as fault:
        kernel.student(hidden=True).measure("classify", HIDDEN)
    assert fault.value.message == ("expected a well-formed answer from the notebook's process, received something else")


def test_a_second_answer_of_another_form_is_flagged(kernel: Kernel) -> None:
    define(kernel, "    seen.append(1)\n    return x[:, 0] / 2 if len(seen) == 1 else 0")
    student = kernel.student(hidden=True)
    assert len(student.measure("classify", HIDDEN).outputs) == 20
    assert student.flags == [
        "asked about the same 10 hidden rows twice, the notebook's second answer was not of the form of its first"
    ]


def test_the_second_question_takes_nothing_of_the_budget(kernel: Kernel) -> None:
    define(kernel, "    import time; time.sleep(0.08 * len(x)); return x[:, 0] / 2")
    student = kernel.student(seconds=2, hidden=True)  # 1.6 s, then 0.8 s
    measured = student.measure("classify", HIDDEN)
    assert np.array_equal(measured.outputs, measured.answers)


def test_a_name_of_a_class_does_not_come_back_either(kernel: Kernel) -> None:
    define(kernel, "    return type(f'Row{int(x[0, 0])}', (), {})()")
    assert kernel.student(hidden=True).measure("classify", HIDDEN, repeatable=False).outputs.kind == "object"


def test_a_check_that_is_not_declared_for_hidden_data_cannot_ask_about_it(kernel: Kernel) -> None:
    with pytest.raises(CheckError, match="hidden=True"):
        kernel.student().measure("classify", HIDDEN)


# copies of models ---------------------------------------------------------------------------------------------------

MODELS = """
import keras
from keras import layers

def small():
    model = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(2)])
    model.layers[0].trainable = False
    return model

class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.last = layers.Dense(2)
    def call(self, x):
        return self.last(x)
    def build(self, shape):
        self.last.build(shape)
        self.built = True

def own():
    model = Own()
    model.build((None, 4))
    return model

"""


@pytest.fixture(scope="module")
def warm() -> Iterator[Slot]:
    with opened(SlotSettings(limits=Limits(), preload=DEFAULT_PRELOAD)) as made:
        yield made


@pytest.fixture
def notebook(warm: Slot) -> Iterator[Kernel]:
    with Kernel(warm) as made:
        assert made.run(MODELS) == ""
        yield made


@pytest.fixture
def clean(warm: Slot) -> Iterator[Kernel]:
    with Kernel(warm) as made:
        yield made


def test_a_copy_has_the_same_parts_weights_and_answers(notebook: Kernel, clean: Kernel) -> None:
    student = notebook.student(clean=clean.process)
    model = student.call("small")
    copy = student.rebuild(model)
    assert (student.flags, student.evidence) == ([], None)
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    assert np.array_equal(model.predict(x), copy.predict(x))
    assert [weight.trainable for weight in copy.weights()] == [False, False, True, True]
    copy.set_weights([np.zeros_like(weight.value) for weight in copy.weights()])
    assert np.any(model.predict(x))  # the copy is one
    assert not clean.student().has("small")


def test_a_copy_can_be_measured_on_hidden_data_and_says_no_word(notebook: Kernel, clean: Kernel) -> None:
    student = notebook.student(clean=clean.process, hidden=True)
    copy = student.rebuild(student.call("small"))
    hidden = HiddenData(np.random.default_rng(0).normal(size=(20, 4)).astype("float32"), np.arange(20))
    assert student.measure(copy, hidden).outputs.shape == (20, 2)
    assert (student.flags, student.evidence) == ([], None)
    with pytest.raises(StudentFault, match=r"expected numbers in answer .* received text"):
        copy.describe()
    with pytest.raises(StudentFault, match=r"^the notebook's code raised (an exception|ValueError)$"):
        copy.predict(np.zeros((2, 17), dtype="float32"))


def test_a_path_of_a_weight_does_not_come_back_from_a_copy_on_hidden_data(notebook: Kernel, clean: Kernel) -> None:
    assert notebook.run("keras.Sequential.weights = property(lambda model: [Named()])") == ""
    assert notebook.run("class Named: path, name = 'row 17', ''") == ""
    student = notebook.student(clean=clean.process, hidden=True)
    model = student.call("small")
    assert notebook.run("Named.shape = ()") == ""
    with pytest.raises(StudentFault) as fault:
        student.rebuild(model)
    assert fault.value.message == "expected every part of the model to be an array, received something else"


def test_a_loss_of_the_notebooks_own_does_not_hinder_a_copy(notebook: Kernel, clean: Kernel) -> None:
    assert notebook.run("def compiled():\n  m = small()\n  m.compile('adam', lambda a, b: 0.0)\n  return m") == ""
    student = notebook.student(clean=clean.process)
    assert student.rebuild(student.call("compiled")).weights()[0].value.shape == (4, 3)
    assert (student.flags, student.evidence) == ([], None)


def test_a_model_of_the_notebooks_own_classes_counts_as_reported(notebook: Kernel, clean: Kernel) -> None:
    student = notebook.student(clean=clean.process)
    model = student.call("own")
    assert isinstance(model, Model)
    assert student.rebuild(model) is model
    assert (student.flags, student.evidence) == ([], "reported")


def test_a_model_that_lies_about_itself_is_found_out_with_both_values(notebook: Kernel, clean: Kernel) -> None:
    assert notebook.run("keras.Sequential.trainable_variables = property(lambda model: [])") == ""
    student = notebook.student(clean=clean.process)
    copy = student.rebuild(student.call("small"))
    assert copy.describe()["num_trainable_params"] == 8
    assert student.flags == [
        "the notebook's process says num_trainable_params = 0 of its model, rebuilt from its configuration and weights "
        "it has 8"
    ]


def test_a_configuration_that_is_none_is_the_students_fault(notebook: Kernel, clean: Kernel) -> None:
    assert notebook.run("keras.Sequential.to_json = lambda self: '{]'") == ""
    student = notebook.student(clean=clean.process)
    student.rebuild(student.call("small"))
    assert student.evidence == "reported"
