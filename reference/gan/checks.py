"""Hidden checks of `gan`: run outside the sandbox, with real digits and a classifier that never enter it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from autograder.checks import (
    Failure,
    Handle,
    Layer,
    Model,
    Student,
    Weight,
    accuracy,
    check,
    confusion_figure,
    confusion_matrix,
    energy_distance,
    expect_batch_independent,
    expect_close,
    expect_error_at_most,
    expect_finite,
    expect_gradients_close,
    expect_gradients_reach,
    expect_in_range,
    expect_model,
    expect_modes_covered,
    expect_number,
    expect_only_changed,
    expect_shape,
    expect_share,
    fit_classifier,
    received,
)

HERE = Path(__file__).parent
with np.load(HERE / "data" / "hidden.npz") as hidden, np.load(HERE / "files" / "digits.npz") as given:
    TRAINING = given["train_images"]
    REAL = hidden["images"]
    REAL_BY_DIGIT = [hidden["images"][hidden["labels"] == digit] for digit in range(10)]
    CLASSIFIER = fit_classifier(
        np.concatenate([hidden["images"], given["train_images"], given["validation_images"]]),
        np.concatenate([hidden["labels"], given["train_labels"], given["validation_labels"]]),
    )

LATENT = 16
PICTURE = (8, 8, 1)


# 1. The two players


@check(cell="generator-tests")
def makes_pictures_from_numbers(student: Student) -> None:
    """`build_generator` maps random numbers, however many, to pictures of 8 x 8 pixels with ink from 0 to 1."""
    for latent_size in (LATENT, 5):
        generator = expect_model(student.call("build_generator", latent_size), GENERATOR)
        for batch in (1, 20):
            pictures = generator(noise(student, batch, latent_size))  # `predict` would compile each model for nothing
            expect_in_range(expect_shape(pictures, (batch, *PICTURE), PICTURES), 0.0, 1.0, PICTURES)
        pictures = generator(100 * noise(student, 20, latent_size))
        expect_in_range(pictures, 0.0, 1.0, "the ink of pictures from numbers that are far out")


@check(cell="generator-tests")
def uses_every_number(student: Student) -> None:
    """Each of the random numbers changes the picture, and the same numbers make the same picture in any company."""
    generator = expect_model(student.call("build_generator", 6), GENERATOR)
    numbers = 10 * noise(student, 8, 6)  # far apart: weights that begin small make pictures that are nearly alike
    expect_batch_independent(generator, numbers)
    changed = np.repeat(numbers[:1], 7, axis=0)
    changed[np.arange(6), np.arange(6)] += 20.0
    pictures = expect_shape(generator(changed), (7, *PICTURE), PICTURES)
    unused = [place for place in range(6) if np.abs(pictures[place] - pictures[6]).max() < 1e-6]
    if unused:
        raise Failure(
            f"expected every random number to change the picture, received the same picture when number {unused[0]} is "
            "another",
            "What does not come from the random numbers is the same in every picture.",
        )


@check(cell="generator-tests", weight=0.5, evidence="reported")
def generator_learns_with_every_weight(student: Student) -> None:
    """No weight of the generator is frozen."""
    expect_nothing_frozen(expect_model(student.call("build_generator", LATENT), GENERATOR), "the generator")


@check(cell="discriminator-tests")
def judges_pictures(student: Student) -> None:
    """`build_discriminator` gives one logit for each picture, with any number of channels: no probability."""
    for channels in (1, 11):
        discriminator = expect_model(student.call("build_discriminator", channels=channels), DISCRIMINATOR)
        for batch in (1, 20):
            pictures = student.rng.random((batch, 8, 8, channels), dtype=np.float32)
            expect_finite(expect_shape(discriminator(pictures), (batch, 1), LOGITS), LOGITS)
    # Whatever the weights, a sigmoid stays between 0 and 1 and a tanh between -1 and 1: logits do not.
    for _ in range(20):
        shake(student, discriminator)
        if np.abs(expect_finite(discriminator(pictures), LOGITS)).max() > 1.0:
            return
    raise Failure(
        "expected logits, which have no bounds, received numbers between -1 and 1 whatever the weights",
        "No activation in the last layer: the losses take the sigmoid.",
    )


@check(cell="discriminator-tests")
def looks_at_every_pixel(student: Student) -> None:
    """Every pixel of every channel has a part in the discriminator's answer."""
    discriminator = expect_model(student.call("build_discriminator", channels=3), DISCRIMINATOR)
    pictures = student.rng.random((64, 8, 8, 3), dtype=np.float32)
    found = discriminator.gradients_of(pictures, np.ones((64, 1), dtype="float32")).inputs[0]
    slopes = expect_shape(found, (64, 8, 8, 3), "the logits' gradient for the pictures")
    blind = np.argwhere(~slopes.any(axis=0))
    if len(blind):
        row, column, channel = blind[0].tolist()
        raise Failure(
            f"expected every pixel to count, received a discriminator that does not see {len(blind)} of 192, such as "
            f"row {row}, column {column} of channel {channel}",
            'A convolution with strides 2 and padding="valid" leaves out the last row and column.',
        )


@check(cell="discriminator-tests", evidence="reported")
def the_gradient_reaches_the_generator(student: Student) -> None:
    """The gradient of the discriminator's logits reaches every weight of both networks, through the pictures."""
    generator = expect_model(student.call("build_generator", LATENT), GENERATOR)
    discriminator = expect_model(student.call("build_discriminator"), DISCRIMINATOR)
    parts = student.chain_gradients(
        [generator, discriminator], noise(student, 64), np.ones((64, 1), dtype="float32"), training=True
    )
    expect_nothing_frozen(discriminator, "the discriminator")
    for network, part, name in zip((generator, discriminator), parts, ("generator", "discriminator"), strict=True):
        # A bias in front of a batch normalisation has no gradient: what it adds is subtracted again.
        biases = [weight.path for weight in network.weights() if weight.value.ndim < 2]
        expect_gradients_reach(part, what=f"the discriminator's logit, going back to the {name},", but_for=biases)


LEARNED = ("kernel", "bias", "gamma", "beta")
GENERATOR, DISCRIMINATOR = "what `build_generator` returns", "what `build_discriminator` returns"
PICTURES, LOGITS = "the generator's pictures", "the discriminator's logits"


def noise(student: Student, rows: int, latent_size: int = LATENT) -> np.ndarray:
    """Draw random numbers for pictures."""
    return student.rng.normal(size=(rows, latent_size)).astype("float32")


def expect_nothing_frozen(network: Model, what: str) -> None:
    """Expect that what Keras's layers call their weights can learn; averages and vectors they keep cannot."""
    learned = [weight for weight in network.weights() if weight.path.rsplit("/", 1)[-1].split("#")[0] in LEARNED]
    if frozen := [weight.path for weight in learned if not weight.trainable]:
        raise Failure(
            f"expected weights of {what} that can all learn, received {len(frozen)} frozen: {frozen[0][:60]}",
            "Does a layer have `trainable=False`?",
        )


def shake(student: Student, layer: Layer) -> None:
    """Give every weight that can learn another value."""
    layer.set_weights(
        [
            weight.value + weight.trainable * student.rng.normal(scale=0.5, size=weight.value.shape).astype("float32")
            for weight in layer.weights()
        ]
    )


# 2. What each of them wants


def discriminator_loss(real_logits: np.ndarray, fake_logits: np.ndarray) -> float:
    """The discriminator's loss; -log sigmoid(d) is log(1 + exp(-d))."""
    return float(np.logaddexp(0, -real_logits).mean() + np.logaddexp(0, fake_logits).mean())


def generator_loss(fake_logits: np.ndarray) -> float:
    """The generator's loss, non-saturating (Goodfellow et al., 2014, section 3)."""
    return float(np.logaddexp(0, -fake_logits).mean())


@check(cell="losses-tests", weight=2)
def discriminator_loss_equals_the_formula(student: Student) -> None:
    """`discriminator_loss` is right for fixed logits, and for different numbers of real and forged pictures."""
    cases = [(np.array([[2.0], [-1.0]]), np.array([[0.5]]))]
    cases += [(logits(student, real), logits(student, fake)) for real, fake in ((5, 5), (3, 11), (16, 1))]
    for real, fake in cases:
        real, fake = real.astype("float32"), fake.astype("float32")
        found = expect_number(student.call("discriminator_loss", real, fake), "the discriminator's loss")
        what = f"the discriminator's loss for {len(real)} real and {len(fake)} forged pictures"
        if len(real) == 2:
            what = "the discriminator's loss for real logits 2, -1 and forged logit 0.5"
        hint = "Two means, added: -log sigmoid(d) over the real ones, -log(1 - sigmoid(d)) over the forged ones."
        expect_close(found, discriminator_loss(real, fake), what, rtol=1e-4, show=True, hint=hint)


@check(cell="losses-tests", weight=2)
def generator_loss_equals_the_formula(student: Student) -> None:
    """`generator_loss` is right for fixed logits."""
    for fake in (np.array([[2.0], [-1.0], [0.5]]), logits(student, 7), logits(student, 1)):
        fake = fake.astype("float32")
        found = expect_number(student.call("generator_loss", fake), "the generator's loss")
        what = f"the generator's loss for {'logits 2, -1, 0.5' if len(fake) == 3 else f'{len(fake)} pictures'}"
        hint = "The mean of -log sigmoid(d): small where the discriminator takes forgeries for real."
        expect_close(found, generator_loss(fake), what, rtol=1e-4, show=True, hint=hint)


@check(cell="losses-tests")
def losses_bear_large_logits(student: Student) -> None:
    """Both losses stay finite, and right, for logits in the hundreds."""
    hint = "log(sigmoid(d)) becomes log(0) for d = -200; `keras.ops.softplus` does not."
    for real, fake in ((200.0, -300.0), (-300.0, 200.0), (-150.0, -150.0)):
        asked = [np.full((4, 1), value, dtype="float32") for value in (real, fake)]
        found = expect_number(student.call("discriminator_loss", *asked), "the discriminator's loss")
        what = f"the discriminator's loss for real logits {real:g} and forged logits {fake:g}"
        expect_close(found, discriminator_loss(*asked), what, rtol=1e-4, show=True, hint=hint)
        found = expect_number(student.call("generator_loss", asked[1]), "the generator's loss")
        expect_close(
            found, generator_loss(asked[1]), f"the generator's loss for forged logits {fake:g}", show=True, hint=hint
        )


@check(cell="losses-tests")
def losses_have_the_right_slopes(student: Student) -> None:
    """Gradients flow through both losses to the logits, and are the right ones."""
    real, fake = (logits(student, rows).astype("float32") for rows in (4, 6))
    one = np.float32(1.0)
    real_slope, fake_slope = -sigmoid(-real) / len(real), sigmoid(fake) / len(fake)
    found = student.gradients_of("discriminator_loss", (real, fake), one)
    expect_gradients_close(
        dict(zip(("real logits", "forged logits"), found, strict=True)),
        {"real logits": real_slope, "forged logits": fake_slope},
    )
    found = student.gradients_of("generator_loss", fake, one)
    expect_gradients_close({"forged logits": found[0]}, {"forged logits": -sigmoid(-fake) / len(fake)})


def logits(student: Student, rows: int) -> np.ndarray:
    """Draw logits."""
    return student.rng.normal(scale=2.0, size=(rows, 1))


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


# 3. One step of the game


@dataclass(frozen=True)
class Players:
    """A generator, a discriminator, what trains them, and the weights that each may change."""

    networks: dict[str, Model]
    learned: dict[str, frozenset[str]]
    adversaries: Handle

    def weights(self) -> list[Weight]:
        """The weights that learn, as "generator: path" and "discriminator: path".

        Averages that batch normalisation keeps may follow at any step and are left out.
        """
        return [
            replace(weight, path=f"{name}: {weight.path}")
            for name, network in self.networks.items()
            for weight in network.weights()
            if weight.path in self.learned[name]
        ]

    def answers(self, real: np.ndarray, numbers: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """The discriminator's logits for real pictures and for forgeries, each mode of both networks that may matter.

        Dropout makes the discriminator's training mode uncertain, averages that follow slowly the inference modes.
        """
        generator, discriminator = self.networks.values()
        found = []
        for drawing, judging in ((False, False), (True, False), (True, True)):
            forged = expect_shape(generator(numbers, training=drawing), (len(numbers), *PICTURE), PICTURES)
            pair = [discriminator(x.astype("float32"), training=judging) for x in (real, forged)]
            found.append(tuple(expect_finite(expect_shape(one, (len(real), 1), LOGITS), LOGITS) for one in pair))
        return found


def players(student: Student) -> Players:
    """Have a generator, a discriminator, and what trains them made."""
    networks = {
        "generator": expect_model(student.call("build_generator", LATENT), GENERATOR),
        "discriminator": expect_model(student.call("build_discriminator"), DISCRIMINATOR),
    }
    # before `Adversaries` has them: it may freeze one while the other learns
    learned = {
        name: frozenset(weight.path for weight in network.weights() if weight.trainable)
        for name, network in networks.items()
    }
    adversaries = student.call("Adversaries", *networks.values())
    if not isinstance(adversaries, Handle):
        raise Failure(f"expected an object of the class `Adversaries`, received {received(adversaries)}")
    return Players(networks, learned, adversaries)


def negatives(student: Student, rows: int = 32) -> np.ndarray:
    """White digits on black paper: "real" is what is handed over, and these are not in the notebook."""
    return 1 - TRAINING[student.rng.permutation(len(TRAINING))[:rows]]


def expect_one_to_learn(game: Players, step: Callable[[], object], learner: str) -> None:
    """Expect that steps change every kernel of one network and nothing of the other.

    Three steps: a learning rate that warms up may be zero in the first. A bias in front of a batch normalisation has no
    gradient, so biases of the learner are free to stay.
    """

    def looked_at() -> list[Weight]:
        return [w for w in game.weights() if w.value.ndim > 1 or not w.path.startswith(learner)]

    before = looked_at()
    for _ in range(3):
        step()
    expect_only_changed(before, looked_at(), lambda weight: weight.path.startswith(learner))


def expect_told(found: object, answers: list[float], what: str) -> None:
    """Expect the loss of two untrained networks, of which dropout and normalisation change a little."""
    loss = expect_number(found, what)
    if min(abs(loss - answer) / answer for answer in answers) > 0.3:
        raise Failure(
            f"expected {what} to be the loss before the step, about {answers[0]:.2f}, received {loss:.2f}",
            "Both losses are those of part 2; of two untrained networks about 2 log 2 and log 2.",
        )


@check(cell="discriminator-step-tests", weight=2, seconds=60)
def discriminator_step_changes_the_discriminator_alone(student: Student) -> None:
    """Steps of the discriminator change its weights, and none of the generator's."""
    game = players(student)
    expect_one_to_learn(
        game,
        lambda: game.adversaries.call("discriminator_step", negatives(student), noise(student, 32)),
        learner="discriminator",
    )


@check(cell="discriminator-step-tests", weight=3, seconds=60)
def discriminator_step_tells_real_from_forged(student: Student) -> None:
    """Ten steps on one batch lower the discriminator's loss: real pictures and forgeries move apart."""
    game, real, numbers = players(student), negatives(student), noise(student, 32)
    before = game.answers(real, numbers)
    told = [game.adversaries.call("discriminator_step", real, numbers) for _ in range(10)]
    expect_told(told[0], [discriminator_loss(*pair) for pair in before], "what `discriminator_step` returns")
    after = game.answers(real, numbers)
    fallen = max(discriminator_loss(*old) - discriminator_loss(*new) for old, new in zip(before, after, strict=True))
    apart = max(
        (new[0].mean() - new[1].mean()) - (old[0].mean() - old[1].mean())
        for old, new in zip(before, after, strict=True)
    )
    if fallen <= 0 or apart <= 0:
        raise Failure(
            "expected the discriminator to become better at one batch in ten steps on it, received a loss that "
            "did not fall"
            if fallen <= 0
            else "expected logits of real and forged pictures to move apart",
            "It is to take the given pictures for real, and what the generator makes of the noise for forged.",
        )


@check(cell="generator-step-tests", weight=2, seconds=60)
def generator_step_changes_the_generator_alone(student: Student) -> None:
    """Steps of the generator change its weights, and none of the discriminator's."""
    game = players(student)
    expect_one_to_learn(game, lambda: game.adversaries.call("generator_step", noise(student, 32)), learner="generator")


@check(cell="generator-step-tests", weight=3, seconds=60)
def generator_step_fools_the_discriminator(student: Student) -> None:
    """Ten steps on the same noise make its pictures look more real to the discriminator."""
    game, real, numbers = players(student), negatives(student), noise(student, 32)
    untrained = [generator_loss(forged) for _, forged in game.answers(real, numbers)]
    expect_told(game.adversaries.call("generator_step", numbers), untrained, "what `generator_step` returns")
    for _ in range(5):  # an expert that knows something, for the generator to learn from
        game.adversaries.call("discriminator_step", real, numbers)
    before = game.answers(real, numbers)
    for _ in range(10):
        game.adversaries.call("generator_step", numbers)
    after = game.answers(real, numbers)
    if max(new[1].mean() - old[1].mean() for old, new in zip(before, after, strict=True)) <= 0:
        raise Failure(
            "expected the discriminator's logits for forgeries to rise in ten steps of the generator, received logits "
            "that fell or stayed the same",
            "The generator minimises -log sigmoid(d): it wants forgeries to be taken for real.",
        )


# 4. A short run
#
# This curve and those below end beyond what the worst right solution of variants.py falls short of once in 1,000 runs,
# if its values are bell-shaped: mean and three deviations of six runs (`autograder calibrate gan --seeds 6`) are 0.25,
# 0.75 and 0.70. They begin where the best of the wrong ones are, or a little on.


@check(cell="forgeries-tests", weight=4)
def forgeries_are_near_real_digits(student: Student) -> None:
    """The trained forger's pictures are like real digits it has never seen, by their energy distance."""
    found = energy_distance(forgeries(student), REAL)
    expect_error_at_most(
        found,
        "an energy distance to real digits",
        zero_at=0.6,
        full_at=0.3,
        baselines={"the average digit": 1.3, "random pixels": 1.9},
        hint=LOOK,
    )


@check(cell="forgeries-tests", weight=3)
def forgeries_are_of_all_digits(student: Student) -> None:
    """All ten digits are among the trained forger's pictures."""
    expect_modes_covered(
        CLASSIFIER.classify(forgeries(student)), 10, at_least=9, what="the forger's pictures", least=0.1
    )


def forgeries(student: Student) -> np.ndarray:
    """Ask the forger the notebook trained for pictures."""
    forger = expect_model(student.value("forger"), "`forger`")
    return expect_shape(forger.predict(noise(student, 1000), batch_size=250), (1000, *PICTURE), "forgeries")


# 5. Digits to order


@check(cell="conditional-generator-tests")
def labels_travel_with_pictures(student: Student) -> None:
    """`build_conditional_generator` gives pictures with ink from 0 to 1, and the label in ten more channels."""
    for latent_size in (LATENT, 3):
        painter = expect_model(student.call("build_conditional_generator", latent_size), PAINTER)
        for rows in (1, 12):
            labels = student.rng.integers(0, 10, rows)
            pictures = expect_shape(painter(orders(student, labels, latent_size)), (rows, 8, 8, 11), ORDERED)
            expect_in_range(pictures[..., 0], 0.0, 1.0, "the ink, channel 0,")
            planes = np.broadcast_to(np.eye(10)[labels][:, None, None, :], (rows, 8, 8, 10))
            hint = "Channel 1 + digit is 1 at every pixel, the others are 0: the label's ten numbers as they came."
            expect_close(pictures[..., 1:], planes, "channels 1 to 10, the label,", hint=hint)


@check(cell="conditional-generator-tests")
def draws_by_label_and_by_chance(student: Student) -> None:
    """The picture depends on the label, and on every random number."""
    painter = expect_model(student.call("build_conditional_generator", 4), PAINTER)
    labels = np.arange(10)
    same_noise = np.repeat(orders(student, labels[:1], 4), 10, axis=0)
    same_noise[:, 4:] = np.eye(10)
    expect_batch_independent(painter, same_noise)
    pictures = expect_shape(painter(same_noise), (10, 8, 8, 11), ORDERED)[..., 0]
    for digit in range(1, 10):
        if np.abs(pictures[digit] - pictures[0]).max() < 1e-6:
            raise Failure(f"expected another picture for another label, received the same for 0 and {digit}")
    same_label = np.repeat(same_noise[:1], 5, axis=0)
    same_label[np.arange(4), np.arange(4)] += 2.0
    pictures = expect_shape(painter(same_label), (5, 8, 8, 11), ORDERED)[..., 0]
    if min(np.abs(pictures[place] - pictures[4]).max() for place in range(4)) < 1e-6:
        raise Failure("expected every random number to change the picture, received one that does not")


@check(cell="painter-tests", weight=2)
def paints_what_was_ordered(student: Student) -> None:
    """Of the pictures the trained painter was asked for, the classifier reads most as the digit that was ordered."""
    pictures, labels = ordered(student)
    read = CLASSIFIER.classify(pictures)
    student.show(confusion_figure("Digits to order", confusion_matrix(labels, read, 10)))
    what = "a share of pictures that are read as the digit that was ordered"
    expect_share(accuracy(labels, read), what, zero_at=0.45, full_at=0.7, num_rows=len(labels), hint=LOOK)


@check(cell="painter-tests", weight=2)
def paints_each_digit_in_its_variety(student: Student) -> None:
    """For each digit, the trained painter's pictures are like real ones: as clear, and as varied."""
    pictures, labels = ordered(student)
    by_digit = [energy_distance(pictures[labels == digit], REAL_BY_DIGIT[digit]) for digit in range(10)]
    expect_error_at_most(
        float(np.mean(by_digit)),
        "a mean energy distance to real pictures of the same digit",
        zero_at=0.86,
        full_at=0.72,
        baselines={"the average of each digit": 1.0, "digits whatever the order": 0.9},
        hint=LOOK,
    )


LOOK = "Look at the pictures: noise, one and the same digit, or blurred ones? Then at the two learning rates."
PAINTER, ORDERED = "what `build_conditional_generator` returns", "labelled pictures"


def orders(student: Student, labels: np.ndarray, latent_size: int = LATENT) -> np.ndarray:
    """Random numbers with the one-hot label behind them."""
    return np.concatenate([noise(student, len(labels), latent_size), np.eye(10, dtype="float32")[labels]], axis=1)


def ordered(student: Student) -> tuple[np.ndarray, np.ndarray]:
    """Ask the painter the notebook trained for a hundred of each digit; pictures, and what was asked for."""
    labels = np.repeat(np.arange(10), 100)
    painter = expect_model(student.value("painter"), "`painter`")
    pictures = painter.predict(orders(student, labels), batch_size=250)
    return expect_shape(pictures, (1000, 8, 8, 11), "the painter's labelled pictures")[..., :1], labels
