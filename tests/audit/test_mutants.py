"""Generated mistakes: what each operator makes of a line, and how they are named and chosen."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autograder.audit.mutants import OPERATORS, Mutant, choose, make_mutants
from autograder.authoring import read_lab

COURSE = Path(__file__).parents[2] / "reference"

LAB = '''# %% [markdown] text="title"
# # Title

# %% solution="part"
def part(x, y):
    """Do it."""
    before = 1 + len(x)
    # BEGIN SOLUTION
{solution}
    # END SOLUTION


# %% tests="part-tests" points=2
if __name__ == "__main__":
    assert part(1, 2) == 3
'''


def mutants_of(folder: Path, *lines: str) -> tuple[Mutant, ...]:
    lab = folder / "lab"
    lab.mkdir(exist_ok=True)
    (lab / "lab.py").write_text(LAB.format(solution="\n".join(f"    {line}" for line in lines)), encoding="utf-8")
    return make_mutants(read_lab(lab))


# operator, a line of a solution, and everything the operator makes of it
CASES = [
    ("activation-dropped", 'Dense(3, activation="relu")', ["Dense(3, activation=None)"]),
    ("activation-dropped", "z = keras.ops.relu(x + y)", ["z = (x + y)"]),
    ("activation-dropped", "x = keras.layers.ReLU()(x)", ["x = keras.layers.Identity()(x)"]),
    ("activation-dropped", 'x = layers.Activation("tanh")(x)', ['x = layers.Activation("linear")(x)']),
    ("activation-swapped", 'Dense(3, activation="softmax")', ['Dense(3, activation="sigmoid")']),
    ("activation-swapped", 'Dense(3, activation="relu")', []),
    ("activation-swapped", "g = keras.ops.sigmoid(x)", ["g = keras.ops.tanh(x)"]),
    ("softmax-axis", "w = keras.ops.softmax(s)", ["w = keras.ops.softmax(s, axis=-2)"]),
    ("softmax-axis", "w = softmax(s, axis=1)", ["w = softmax(s, axis=0)"]),
    ("logits-flipped", "loss = BinaryCrossentropy(from_logits=True)", ["loss = BinaryCrossentropy(from_logits=False)"]),
    ("logits-flipped", "loss = BinaryCrossentropy()", ["loss = BinaryCrossentropy(from_logits=True)"]),
    (
        "logits-flipped",
        'm.compile(loss="binary_crossentropy")',
        ["m.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))"],
    ),
    ("padding-changed", 'Conv1D(3, 2, padding="causal")', ['Conv1D(3, 2, padding="same")']),
    ("padding-changed", "x = np.pad(x, 1)", ["x = x"]),
    ("stride-changed", "z = x[::2]", ["z = x[:]"]),
    ("stride-changed", "z = x[::-1]", []),
    ("stride-changed", "Conv2D(3, 2, strides=2)", ["Conv2D(3, 2, strides=1)"]),
    ("stride-changed", "z = conv(x, strides=s)", ["z = conv(x)"]),
    ("frozen-or-not", "base.trainable = False", ["base.trainable = True"]),
    ("frozen-or-not", 'w = self.add_weight(name="w")', ['w = self.add_weight(name="w", trainable=False)']),
    ("frozen-or-not", "MaxPooling2D(2)", []),
    ("bias-missing", "z = x @ w + self.bias", ["z = (x @ w)"]),
    ("bias-missing", "z = x @ w + b1", ["z = (x @ w)"]),
    ("bias-missing", "z = x + batch", []),
    ("training-flag", "z = m(x, training=True)", ["z = m(x, training=False)"]),
    ("training-flag", "z = m(x, training=training)", ["z = m(x, training=False)", "z = m(x, training=True)"]),
    ("training-flag", "z = x if training else y", ["z = x if not training else y"]),
    ("learning-rate", "o = Adam(1e-3)", ["o = Adam(0.0)", "o = Adam(0.1)"]),
    ("learning-rate", "o = Adam(learning_rate=0.5)", ["o = Adam(learning_rate=0.0)", "o = Adam(learning_rate=50)"]),
    ("learning-rate", "o = SGD()", ["o = SGD(learning_rate=0.0)", "o = SGD(learning_rate=0.1)"]),
    (
        "learning-rate",
        "o = falling(0.5, decay_steps=9)",
        ["o = falling(0.0, decay_steps=9)", "o = falling(50, decay_steps=9)"],
    ),
    ("learning-rate", "learning_rate = 0.01", ["learning_rate = 0.0", "learning_rate = 1"]),
    ("labels-shifted", "m.fit(x, y)", ["m.fit(x, np.roll(y, 1, axis=0))"]),
    ("labels-shifted", "z = loss_fn(labels, p)", ["z = loss_fn(keras.ops.roll(labels, 1, axis=0), p)"]),
    ("labels-shifted", "y = np.ones_like(x)", ["y = np.zeros_like(x)"]),
    ("labels-shifted", "y = keras.ops.zeros(n)", ["y = keras.ops.ones(n)"]),
    ("labels-shifted", "out = np.zeros(n)", []),
    ("not-shuffled", "m.fit(x, y, shuffle=True)", ["m.fit(x, y, shuffle=False)"]),
    ("not-shuffled", "o = rng.permutation(len(x))", ["o = np.sort(rng.permutation(len(x)))"]),
    ("not-shuffled", "d = data.shuffle(100)", ["d = data"]),
    ("sign-flipped", "w = w - rate * g", ["w = w + rate * g"]),
    ("sign-flipped", "z = x + (y - 2)", ["z = x - (y - 2)", "z = x + (y + 2)"]),
    ("sign-flipped", "z = x + y * 2", ["z = x - y * 2"]),
    ("sign-flipped", "z = -x", ["z = x"]),
    ("sign-flipped", 'z = "a" + x', []),
    ("sign-flipped", "w -= g", ["w += g"]),
    ("gradient-let-through", "t = keras.ops.stop_gradient(r + v)", ["t = (r + v)"]),
    ("gradient-let-through", "t = v.detach()", ["t = v"]),
    (
        "gradient-cut",
        "z = judge(forge(x))",
        ["z = judge(keras.ops.stop_gradient(forge(x)))"],
    ),
    ("gradient-cut", "z = float(len(x))", []),
    ("gradient-cut", "z = Dense(3)(forge(x))", []),
    ("step-forgotten", "opt.apply(g)", ["pass"]),
    ("step-forgotten", "total += x", ["pass"]),
    ("step-forgotten", 'print("hello")', []),
    ("off-by-one", "z = x - 1", ["z = x"]),
    ("off-by-one", "z = range(n)", ["z = range(n - 1)"]),
    ("off-by-one", "z = range(2, n)", ["z = range(3, n)", "z = range(2, n - 1)"]),
    ("off-by-one", "z = range(500)", []),
    ("off-by-one", "z = range(num_epochs)", []),
    ("off-by-one", "z = x[1:]", ["z = x[:]"]),
    ("off-by-one", "z = x[:-1]", ["z = x[:]"]),
    ("off-by-one", "z = x[i : i + n]", ["z = x[i + 1 : i + n]", "z = x[i : (i + n) - 1]"]),
    ("comparison-changed", "z = i < n", ["z = i <= n"]),
    ("comparison-changed", "z = rng.random() < e", ["z = rng.random() >= e"]),
    ("comparison-changed", "z = i == n", ["z = i != n"]),
    ("mask-moved", "m = np.tril(x)", ["m = np.tril(x, k=-1)", "m = np.triu(x)"]),
    ("mask-moved", "m = np.triu(x, k=1)", ["m = np.triu(x)", "m = np.tril(x, k=1)"]),
    ("mask-moved", "z = np.where(m, x, y)", ["z = np.where(m, y, x)"]),
    ("axis-wrong", "z = x.mean(axis=0)", ["z = x.mean(axis=1)"]),
    (
        "axis-wrong",
        "z = x.mean(axis=(1, 2), keepdims=True)",
        ["z = x.mean(axis=1, keepdims=True)", "z = x.mean(axis=(1, 2))"],
    ),
    ("axis-wrong", "z = q @ k.T", ["z = q @ k"]),
    ("axis-wrong", "z = keras.ops.transpose(k, (0, 2, 1))", ["z = k"]),
    ("axis-wrong", "z = x.shape[1]", ["z = x.shape[0]"]),
    ("reduction-wrong", "z = np.mean(x)", ["z = np.sum(x)"]),
    ("reduction-wrong", "z = keras.ops.argmax(x)", ["z = keras.ops.argmin(x)"]),
    ("factor-missing", "z = s / keras.ops.sqrt(d)", ["z = s"]),
    ("factor-missing", "z = r + discount * v", ["z = r + v"]),
    ("factor-missing", "z = (1.0 - done) * v", ["z = v"]),
    ("factor-missing", "z = 2 * v", []),
    ("function-missing", "z = np.maximum(x, 0.0)", ["z = x"]),
    ("function-missing", "z = max(n - 1, 0)", ["z = (n - 1)"]),
    ("function-missing", "z = np.max(x)", []),
    ("pair-swapped", "return x, y", ["return y, x"]),
    ("pair-swapped", "z = loss(judge(x), judge(y))", ["z = loss(judge(y), judge(x))"]),
    ("pair-swapped", "z = loss(judge(x), keep(y))", []),
    ("pair-swapped", "z = x @ w", ["z = w @ x"]),
    ("condition-negated", "z = x if y else 0", ["z = x if not y else 0"]),
    ("condition-negated", "z = x and y", ["z = x"]),
]


@pytest.mark.parametrize(("operator", "line", "made"), CASES, ids=[f"{case[0]}: {case[1]}" for case in CASES])
def test_an_operator_makes_its_mistakes_of_a_line(tmp_path: Path, operator: str, line: str, made: list[str]) -> None:
    found = [one.diff for one in mutants_of(tmp_path, line) if one.operator == operator]
    assert found == [f"-     {line}\n+     {wrong}" for wrong in made]


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        (
            ["def call(self, x):", "    return x * self.w"],
            "    return keras.ops.stop_gradient(x * self.w)",
        ),
        (
            ["with tf.GradientTape() as tape:", "    fake = generator(noise)", "    loss = loss_of(fake)"],
            "    fake = keras.ops.stop_gradient(generator(noise))",
        ),
    ],
)
def test_a_gradient_is_cut_where_a_layer_returns_and_where_a_tape_watches(
    tmp_path: Path, lines: list[str], wrong: str
) -> None:
    found = [one.diff for one in mutants_of(tmp_path, *lines) if one.operator == "gradient-cut"]
    assert found == [f"-     {lines[1]}\n+     {wrong}"]


def test_every_operator_has_a_case() -> None:
    assert {case[0] for case in CASES} | {"gradient-cut"} == set(OPERATORS)


def test_only_the_solution_is_changed_and_every_mutant_is_python_that_differs(tmp_path: Path) -> None:
    mutants = mutants_of(tmp_path, "return before + 1")
    assert mutants
    for mutant in mutants:
        assert "    before = 1 + len(x)" in mutant.source
        assert mutant.line == 4
        ast.parse(mutant.source)
    assert len({mutant.source for mutant in mutants}) == len(mutants)


def test_an_id_stays_when_other_lines_change_and_differs_between_equal_lines(tmp_path: Path) -> None:
    before = {one.id for one in mutants_of(tmp_path, "z = x - 1", "return z")}
    after = {one.id for one in mutants_of(tmp_path, "q = 5", "z = x - 1", "return q, z")}
    assert before <= after
    twice = [one.id for one in mutants_of(tmp_path, "z = x - 1", "z = x - 1")]
    assert len(set(twice)) == len(twice) == 2


def test_a_choice_is_the_same_each_time_and_leaves_no_operator_out() -> None:
    mutants = make_mutants(read_lab(COURSE / "cnn_digits"))
    chosen = choose(mutants, 30)
    assert len(chosen) == 30
    assert chosen == choose(list(reversed(mutants)), 30)[::-1]
    assert {one.operator for one in chosen} == {one.operator for one in mutants}
    assert set(choose(mutants, 29)) < set(chosen)
    assert choose(mutants, 1000) == mutants
