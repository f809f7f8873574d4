"""The agent, asked one request after the other as a check asks it, with TensorFlow inside."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterator

import numpy as np
import pytest

from autograder.checks import Handle, Model, Student
from autograder.course import DEFAULT_PRELOAD
from autograder.errors import StudentFault
from autograder.sandbox import Limits, SlotSettings
from tests.sandbox.kernels import Kernel
from tests.slots import opened

NOTEBOOK = """
import keras, numpy as np, random, os
from keras import layers

def build(units=3):
    model = keras.Sequential([layers.Input((4,)), layers.Dense(units, name="first"), layers.Dense(2, name="last")])
    model.layers[0].trainable = False
    return model

class Scale(layers.Layer):
    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor
    def call(self, x):
        return x * self.factor
    def get_config(self):
        return {**super().get_config(), "factor": self.factor}

def scaled():
    return keras.Sequential([layers.Input((2,)), Scale(3.0)])

class Counter:
    def __init__(self, start): self.count = start
    def add(self, more): self.count += more; return self.count
    def __call__(self, x): return x + self.count

def echo(*args, **kwargs): return [list(args), kwargs]
def loud(x):
    print("hidden", x); import sys; print(x, file=sys.stderr); os.write(1, b"raw")
    return x
def fails(): raise ValueError("no " + "x" * 5000)
def leaves(): raise SystemExit(0)
def sleeps(): import time; time.sleep(60)
def draws(): return [random.random(), float(np.random.rand()), float(keras.random.uniform(())) ]
class Unprintable(Exception):
    def __str__(self): raise RuntimeError("no text")
def unprintable(): raise Unprintable()
def large(): return np.zeros(2**24)
answer = 42
"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with (
        opened(SlotSettings(limits=Limits(message_mib=64), preload=DEFAULT_PRELOAD)) as slot,
        Kernel(slot) as made,
    ):
        assert made.run(NOTEBOOK) == ""
        yield made


@pytest.fixture
def student(kernel: Kernel) -> Student:
    return kernel.student()


@pytest.fixture(scope="module")
def model(kernel: Kernel) -> Model:
    model = kernel.student().call("build")
    assert isinstance(model, Model)
    return model


X = np.arange(8, dtype="float32").reshape(2, 4)
Y = np.array([0, 1])


def test_tensorflow_runs_on_one_thread_and_leaves_small_graphs_as_they_are(kernel: Kernel) -> None:
    configured = """
import tensorflow as tf
assert tf.config.threading.get_intra_op_parallelism_threads() == 1
assert tf.config.threading.get_inter_op_parallelism_threads() == 1
assert tf.config.optimizer.get_experimental_options()["min_graph_nodes"] == 100
"""
    assert kernel.run(configured) == ""


def test_values_and_names(student: Student) -> None:
    assert student.value("answer") == 42
    assert student.has("answer")
    assert not student.has("question")
    with pytest.raises(StudentFault, match="the notebook does not define `question`"):
        student.value("question")


def test_arguments_arrive_as_they_were_sent(student: Student) -> None:
    args = (1, 2.5, float("inf"), "text", None, True, [1, (2, 3)], {"a": 1, 2: "b"})
    assert student.call("echo", *args, key={"nested": [None]}) == [list(args), {"key": {"nested": [None]}}]
    [[array], _] = student.call("echo", X)
    assert (array.dtype, array.tolist()) == (np.float32, X.tolist())


def test_objects_stay_inside_and_answer_by_name(student: Student) -> None:
    counter = student.call("Counter", 5)
    assert isinstance(counter, Handle)
    assert counter.kind == "Counter"
    assert counter.call("add", 2) == 7
    assert counter.get("count") == 7
    assert counter.call("__call__", 1) == 8
    [[same], _] = student.call("echo", counter)
    assert same.call("add", 1) == 8
    with pytest.raises(StudentFault, match="AttributeError"):
        counter.get("nothing")


def test_a_students_exception_names_itself_its_text_and_its_line(student: Student) -> None:
    with pytest.raises(
        StudentFault, match=r"the notebook's code raised ValueError: no x+ \(line \d+ of its cell\)"
    ) as e:
        student.call("fails")
    assert len(e.value.message) < 2200
    with pytest.raises(StudentFault, match="the notebook's code raised SystemExit: 0"):
        student.call("leaves")
    with pytest.raises(StudentFault, match=r"raised Unprintable: \(the exception has no readable text\)"):
        student.call("unprintable")
    assert student.value("answer") == 42


def test_what_student_code_prints_while_it_answers_is_shown_to_nobody(kernel: Kernel, student: Student) -> None:
    assert student.call("loud", "label 7") == "label 7"
    assert kernel.run("print('next')") == "next"


def test_a_question_that_takes_too_long_is_interrupted_and_the_kernel_lives(kernel: Kernel) -> None:
    begun = time.monotonic()
    with pytest.raises(StudentFault, match="expected an answer within 1 s, received none"):
        kernel.student(seconds=1.0).call("sleeps")
    assert time.monotonic() - begun < 4
    assert kernel.process.idle(10)
    assert kernel.student().value("answer") == 42


def test_a_model_describes_itself(model: Model) -> None:
    found = model.describe()
    assert found["class_name"] == "Sequential"
    assert (found["input_shape"], found["output_shape"]) == ((None, 4), (None, 2))
    assert (found["num_params"], found["num_trainable_params"]) == (4 * 3 + 3 + 3 * 2 + 2, 3 * 2 + 2)
    assert (found["built"], found["compiled"]) == (True, False)
    assert [(one["name"], one["class_name"], one["trainable"]) for one in found["layers"]] == [
        ("first", "Dense", False),
        ("last", "Dense", True),
    ]


def test_weights_come_out_and_go_in(model: Model) -> None:
    weights = model.weights()
    assert [(one.path.split("/", 1)[1], one.trainable, one.value.shape) for one in weights] == [
        ("first/kernel", False, (4, 3)),
        ("first/bias", False, (3,)),
        ("last/kernel", True, (3, 2)),
        ("last/bias", True, (2,)),
    ]
    model.set_weights([np.full(one.value.shape, 0.5, "float32") for one in weights])
    assert all((one.value == 0.5).all() for one in model.weights())
    expected = (X.sum(axis=1) * 0.5 + 0.5) * 1.5 + 0.5
    assert np.allclose(model.predict(X), expected[:, None].repeat(2, axis=1))
    assert np.allclose(model(X), model.predict(X, batch_size=1))
    with pytest.raises(StudentFault, match="raised ValueError"):
        model.set_weights([np.zeros(3)])


def test_gradients_come_for_what_is_trained(model: Model) -> None:
    found = model.gradients(X, Y)
    assert [path.split("/", 1)[1] for path in found] == ["last/kernel", "last/bias"]
    assert all(one is not None and np.isfinite(one).all() for one in found.values())


def test_training_moves_the_weights_and_tells_its_history(student: Student) -> None:
    model = student.call("build", 8)
    before = [one.value for one in model.weights()]
    history = model.fit(
        X, np.eye(2, dtype="float32"), epochs=3, optimizer="sgd", learning_rate=0.01, loss="mse", shuffle=False
    )
    assert set(history) == {"loss", "accuracy"}
    assert history["loss"][0] > history["loss"][2]
    moved = [not np.array_equal(old, new.value) for old, new in zip(before, model.weights(), strict=True)]
    assert moved == [False, False, True, True]
    first = model.train_step(X, np.eye(2, dtype="float32"))
    assert model.train_step(X, np.eye(2, dtype="float32")) < first


def test_a_model_with_a_layer_of_the_students_own_survives_saving(student: Student) -> None:
    model = student.call("scaled")
    again = model.save_and_load()
    assert isinstance(again, Model)
    assert again.predict(X[:, :2]).tolist() == (X[:, :2] * 3).tolist()


def test_a_saved_file_is_loaded_inside_and_a_missing_one_is_named(kernel: Kernel, student: Student) -> None:
    kernel.run("build(5).save('mine.keras')")
    assert student.load_model("mine.keras").predict(X).shape == (2, 2)
    with pytest.raises(StudentFault, match=r"there is no file 'other\.keras' beside the notebook"):
        student.load_model("other.keras")


def test_seeds_of_python_numpy_and_keras_are_fixed(kernel: Kernel, student: Student) -> None:
    drawn = []
    for seed in (1, 1, 2):
        kernel.process.ask("seed", {"seed": seed}, seconds=10)
        drawn.append(student.call("draws"))
    assert drawn[0] == drawn[1]
    assert all(one != other for one, other in zip(drawn[0], drawn[2], strict=True))


def test_what_is_no_request_is_refused(kernel: Kernel) -> None:
    for request in ("answer", "__init__", "handle", "object", "eval", ""):
        with pytest.raises(StudentFault, match="no request"):
            kernel.process.ask(request, {}, seconds=10)


def test_how_often_a_client_asks_who_is_there_changes_no_number(kernel: Kernel) -> None:
    draw = "import random, keras\nprint(random.random(), keras.random.SeedGenerator().get_config()['seed'])"
    drawn = []
    for times in (0, 1, 5):
        with Kernel(kernel.slot, seed=5) as one:
            for _ in range(times):
                one.wait(one.client.kernel_info(reply=True, timeout=10))
            drawn.append(one.run(draw))
    assert drawn[0] == drawn[1] == drawn[2] != ""


def test_a_collection_leaves_the_libraries_alone(kernel: Kernel) -> None:
    counted = kernel.run("import gc\nprint(gc.get_freeze_count() > 100_000, len(gc.get_objects()) < 100_000)")
    assert counted == "True True"


def test_same_seed_same_losses_bit_for_bit_in_another_run(kernel: Kernel) -> None:
    train = """
    import keras, numpy as np
    x, y = np.random.rand(64, 8).astype("float32"), np.random.randint(0, 3, 64)
    layers = keras.layers
    model = keras.Sequential([layers.Dense(16, "relu"), layers.Dropout(0.5), layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    print([value.hex() for value in model.fit(x, y, epochs=2, verbose=0).history["loss"]])
    """
    losses = []
    for seed in (5, 5, 6):
        with Kernel(kernel.slot, seed=seed) as one:
            losses.append(one.run(textwrap.dedent(train)))
    assert losses[0].startswith("['0x1.")
    assert losses[0] == losses[1] != losses[2]


def test_an_answer_above_the_cap_is_a_failure_that_says_so(kernel: Kernel) -> None:
    begun = time.monotonic()
    with Kernel(kernel.slot) as one:
        one.run(NOTEBOOK)
        with pytest.raises(StudentFault, match="expected an answer of at most 64 MiB, received a larger one"):
            one.student().call("large")
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    "tampering",
    [
        "kernel.shell_handlers.clear()",
        "kernel.shell_handlers['autograder_request'] = lambda *_: None",
        "kernel.session.send = lambda *_, **__: None",
    ],
)
def test_an_agent_that_was_removed_gives_no_answer(kernel: Kernel, tampering: str) -> None:
    with Kernel(kernel.slot) as one:
        one.client.execute(f"kernel = get_ipython().kernel\n{tampering}")
        time.sleep(0.3)
        with pytest.raises(StudentFault, match="expected an answer within 1 s, received none"):
            one.student(seconds=1.0).call("build")


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ("{'ok': [1, 2]}", "an untagged list"),
        ("{'ok': {'t': 'tensor', 'i': 0, 'dtype': '|O', 'shape': [1]}}", "a tensor of dtype"),
        ("{}", "received 'ok'"),
        ("{'error': 'all is well'}", "expected a well-formed answer"),
        ("{'error': {'kind': 'raised'}}", "expected a well-formed answer"),
    ],
)
def test_a_forged_answer_is_a_failure_and_no_fault_of_ours(kernel: Kernel, reply: str, message: str) -> None:
    forge = f"""
    kernel = get_ipython().kernel
    def liar(stream, identity, message):
        reply = {{**{reply}, "id": message["content"]["id"]}}
        kernel.session.send(stream, "autograder_reply", reply, parent=message, ident=identity)
    kernel.shell_handlers["autograder_request"] = liar
    """
    with Kernel(kernel.slot) as one:
        one.run(forge)
        with pytest.raises(StudentFault, match="expected a well-formed answer from the notebook's process") as caught:
            one.student().call("build")
        assert message in caught.value.message


def test_answers_to_other_questions_and_nonsense_are_passed_over(kernel: Kernel) -> None:
    forge = """
    kernel = get_ipython().kernel
    handlers = dict(kernel.shell_handlers)
    def noisy(stream, identity, message):
        for frames in ([b"x"], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"s", b"[]", b"{}", b"{}", b"[" * 10**5]):
            stream.send_multipart([*identity, *frames])
        for other in (0, -1, "1", None, message["content"]["id"] + 1):
            kernel.session.send(stream, "autograder_reply", {"id": other, "ok": "forged"}, ident=identity)
        handlers["autograder_request"](stream, identity, message)
    kernel.shell_handlers["autograder_request"] = noisy
    answer = 42
    """
    with Kernel(kernel.slot) as one:
        one.run(forge)
        assert one.student().value("answer") == 42
