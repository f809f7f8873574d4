"""Solutions of `gan` that must lose marks, each a mistake students make, and other right ones that must not."""

from __future__ import annotations

from pathlib import Path

from autograder.audit import reference_cells, replaced, right, wrong

CELLS = reference_cells(Path(__file__).parent)

GENERATOR_HEADER = "def build_generator(latent_size: int) -> keras.Model:\n"
DISCRIMINATOR_HEADER = "def build_discriminator(channels: int = 1) -> keras.Model:\n"
CONDITIONAL_HEADER = "def build_conditional_generator(latent_size: int) -> keras.Model:\n"
TRAIN_HEADER = "def train(adversaries, images, draw_noise) -> dict[str, list[float]]:\n"

FORGED = "discriminator(generator(noise))"
SAMPLES = ["forgeries-tests", "painter-tests"]


# 1. The two players


@wrong(loses=["generator-tests"])
def ink_below_zero() -> dict[str, str]:
    """Ends the generator in a tanh, as for pictures from -1 to 1."""
    return {"generator": replaced(CELLS["generator"], ('activation="sigmoid"', 'activation="tanh"'))}


@wrong(loses=["generator-tests"])
def ink_without_bounds() -> dict[str, str]:
    """Leaves the generator's last activation out: ink below 0 and above 1."""
    return {"generator": replaced(CELLS["generator"], (', activation="sigmoid"', ""))}


@wrong(loses=["generator-tests"])
def pictures_too_large() -> dict[str, str]:
    """Doubles the size once too often: 16 x 16 pixels."""
    return {
        "generator": replaced(
            CELLS["generator"],
            ('padding="same", activation="sigmoid"', 'padding="same", strides=1, activation="sigmoid"'),
            (
                "keras.layers.Conv2D(1, 3",
                'keras.layers.Conv2DTranspose(8, 4, strides=2, padding="same"),\n            keras.layers.Conv2D(1, 3',
            ),
        )
    }


@wrong(loses=["generator-tests", "forgeries-tests"])
def noise_not_used() -> dict[str, str]:
    """Multiplies the random numbers by zero: whatever they are, the picture is the same."""
    return {
        "generator": replaced(
            CELLS["generator"],
            (
                "keras.layers.Dense(4 * 4 * 32),",
                'keras.layers.Dense(4 * 4 * 32, kernel_initializer="zeros", trainable=False),',
            ),
        )
    }


@wrong(loses=["generator-tests"])
def normalises_in_company() -> dict[str, str]:
    """Keeps batch normalisation in training mode for good: a picture depends on the others of its batch."""
    return {
        "generator": "class AlwaysTraining(keras.layers.BatchNormalization):\n"
        "    def call(self, inputs, training=None, mask=None):\n"
        "        return super().call(inputs, training=True)\n\n\n"
        + CELLS["generator"].replace("keras.layers.BatchNormalization(momentum=0.9)", "AlwaysTraining()")
    }


@wrong(loses=["discriminator-tests"])
def probability_not_logit() -> dict[str, str]:
    """Ends the discriminator in a sigmoid; the losses then take a probability for a logit."""
    return {
        "discriminator": replaced(
            CELLS["discriminator"], ("keras.layers.Dense(1)", 'keras.layers.Dense(1, activation="sigmoid")')
        )
    }


@wrong(loses=["discriminator-tests"])
def ten_classes() -> dict[str, str]:
    """Builds a classifier of digits where a judge of forgeries is asked for."""
    return {"discriminator": replaced(CELLS["discriminator"], ("keras.layers.Dense(1)", "keras.layers.Dense(10)"))}


@wrong(loses=["discriminator-tests"])
def blind_at_the_border() -> dict[str, str]:
    """Strided convolutions without padding never see the last row and column."""
    return {
        "discriminator": replaced(
            CELLS["discriminator"],
            ('keras.layers.Conv2D(32, 3, strides=2, padding="same")', "keras.layers.Conv2D(32, 3, strides=2)"),
        )
    }


@wrong(loses=["discriminator-tests", "painter-tests"])
def looks_at_the_ink_alone() -> dict[str, str]:
    """Reads the first channel only, so that labels are never looked at."""
    return {
        "discriminator": DISCRIMINATOR_HEADER
        + """    pictures = keras.Input(shape=(8, 8, channels))
    x = keras.layers.Conv2D(32, 3, strides=2, padding="same")(pictures[..., :1])
    x = keras.layers.LeakyReLU(negative_slope=0.2)(x)
    x = keras.layers.Conv2D(64, 3, strides=2, padding="same")(x)
    x = keras.layers.LeakyReLU(negative_slope=0.2)(x)
    return keras.Model(pictures, keras.layers.Dense(1)(keras.layers.Flatten()(x)))
"""
    }


# 2. What each of them wants


@wrong(loses=["losses-tests", "discriminator-step-tests"])
def real_and_forged_exchanged() -> dict[str, str]:
    """Exchanges the halves of the discriminator's loss: it learns to call real pictures forged."""
    return {
        "losses": replaced(
            CELLS["losses"],
            ("softplus(-real_logits)", "softplus(real_logits)"),
            ("softplus(fake_logits)", "softplus(-fake_logits)"),
        )
    }


@wrong(loses=["losses-tests"])
def mean_of_the_halves() -> dict[str, str]:
    """Averages the two halves instead of adding them."""
    return {
        "losses": replaced(
            CELLS["losses"],
            ("return keras.ops.mean(keras.ops.softplus(-real", "return 0.5 * keras.ops.mean(keras.ops.softplus(-real"),
            (" + keras.ops.mean(", " + 0.5 * keras.ops.mean("),
        )
    }


@wrong(loses=["losses-tests"])
def one_mean_over_all() -> dict[str, str]:
    """Puts real and forged logits into one mean: whichever there are more of counts more."""
    return {
        "losses": replaced(
            CELLS["losses"],
            (
                "return keras.ops.mean(keras.ops.softplus(-real_logits)) + keras.ops.mean("
                "keras.ops.softplus(fake_logits))",
                "return 2 * keras.ops.mean(keras.ops.softplus(keras.ops.concatenate([-real_logits, fake_logits])))",
            ),
        )
    }


@wrong(loses=["losses-tests"])
def summed_not_averaged() -> dict[str, str]:
    """Adds up over the batch where the mean is asked for."""
    return {"losses": CELLS["losses"].replace("keras.ops.mean(", "keras.ops.sum(")}


@wrong(loses=["losses-tests", "generator-step-tests"])
def generator_wants_to_be_found_out() -> dict[str, str]:
    """Takes the discriminator's wish for the generator's: it learns to draw what is easily found out."""
    return {"losses": CELLS["losses"].replace("softplus(-fake_logits)", "softplus(fake_logits)")}


@wrong(loses=["losses-tests"])
def saturating_loss() -> dict[str, str]:
    """The generator minimises log(1 - sigmoid(d)), which is flat where it is found out."""
    return {
        "losses": replaced(
            CELLS["losses"],
            (
                "return keras.ops.mean(keras.ops.softplus(-fake_logits))",
                "return -keras.ops.mean(keras.ops.softplus(fake_logits))",
            ),
        )
    }


@wrong(loses=["losses-tests"])
def logarithm_of_zero() -> dict[str, str]:
    """Writes log(sigmoid(d)) as it stands: infinite where the discriminator is certain."""
    return {
        "losses": """def discriminator_loss(real_logits, fake_logits):
    real, fake = keras.ops.sigmoid(real_logits), keras.ops.sigmoid(fake_logits)
    return -keras.ops.mean(keras.ops.log(real)) - keras.ops.mean(keras.ops.log(1 - fake))


def generator_loss(fake_logits):
    return -keras.ops.mean(keras.ops.log(keras.ops.sigmoid(fake_logits)))
"""
    }


@wrong(loses=["losses-tests"])
def cross_entropy_without_logits() -> dict[str, str]:
    """Hands logits to a cross-entropy that expects probabilities."""
    return {
        "losses": """def discriminator_loss(real_logits, fake_logits):
    loss = keras.losses.BinaryCrossentropy()
    return loss(keras.ops.ones_like(real_logits), real_logits) + loss(keras.ops.zeros_like(fake_logits), fake_logits)


def generator_loss(fake_logits):
    return keras.losses.BinaryCrossentropy()(keras.ops.ones_like(fake_logits), fake_logits)
"""
    }


@wrong(loses=["losses-tests", "discriminator-step-tests", "generator-step-tests"])
def losses_in_numpy() -> dict[str, str]:
    """Right numbers, written in NumPy: no gradient comes through."""
    return {
        "losses": """def discriminator_loss(real_logits, fake_logits):
    real, fake = np.array(real_logits), np.array(fake_logits)
    return float(np.logaddexp(0, -real).mean() + np.logaddexp(0, fake).mean())


def generator_loss(fake_logits):
    return float(np.logaddexp(0, -np.array(fake_logits)).mean())
"""
    }


# 3. One step of the game; what a mistake here costs later is not declared where the step itself shows it for less


@wrong(loses=["generator-step-tests"])
def generator_step_changes_both() -> dict[str, str]:
    """Trains generator and discriminator together as one model: the expert is taught to be fooled."""
    return {
        "adversaries": replaced(
            CELLS["adversaries"],
            (
                "self.forger = Player(generator, discriminator, forger_is_found_out,",
                "both = keras.Sequential([generator, discriminator])\n"
                "        self.forger = Player(both, discriminator, forger_is_found_out,",
            ),
        )
    }


@wrong(loses=["generator-step-tests"])
def generator_step_changes_the_discriminator() -> dict[str, str]:
    """Exchanges the networks in the generator's step: it teaches the expert to be fooled, and never draws better."""
    return {
        "adversaries": replaced(
            CELLS["adversaries"],
            (
                "Player(generator, discriminator, forger_is_found_out",
                "Player(discriminator, generator, forger_is_found_out",
            ),
        )
    }


@wrong(loses=["discriminator-step-tests"])
def discriminator_step_changes_both() -> dict[str, str]:
    """The expert's loss also changes the generator, which learns to be found out."""
    return {
        "adversaries": replaced(
            CELLS["adversaries"],
            (
                "self.expert = Player(discriminator, generator, expert_is_wrong,",
                "both = keras.Sequential([generator, discriminator])\n"
                "        self.expert = Player(both, generator, expert_is_wrong,",
            ),
        )
    }


@wrong(loses=SAMPLES)
def noise_for_forgeries() -> dict[str, str]:
    """Shows the expert random pixels as forgeries instead of the generator's pictures."""
    return {
        "adversaries": replaced(
            CELLS["adversaries"],
            (
                f"return discriminator_loss(discriminator(images), {FORGED})",
                "static = keras.random.uniform(keras.ops.shape(images))\n"
                "            return discriminator_loss(discriminator(images), discriminator(static))",
            ),
        )
    }


@wrong(loses=["discriminator-step-tests"])
def discriminator_wants_what_the_generator_wants() -> dict[str, str]:
    """Uses the generator's loss in both steps: nobody looks for forgeries."""
    return {
        "adversaries": replaced(
            CELLS["adversaries"],
            (f"return discriminator_loss(discriminator(images), {FORGED})", f"return generator_loss({FORGED})"),
        )
    }


@wrong(loses=["discriminator-step-tests"])
def ignores_the_pictures_it_is_given() -> dict[str, str]:
    """Takes the notebook's own digits for real, whatever pictures are handed over."""
    return {
        "adversaries": replaced(
            CELLS["adversaries"],
            (
                "return self.expert.step((images, noise))",
                "return self.expert.step((train_images[: len(noise)], noise))",
            ),
        )
    }


@wrong(loses=["generator-step-tests"])
def forger_never_learns() -> dict[str, str]:
    """A learning rate of 0 for the generator."""
    return {"adversaries": replaced(CELLS["adversaries"], ("falling(0.002, decay_steps=300)", "0.0"))}


@wrong(loses=["discriminator-step-tests"])
def expert_never_learns() -> dict[str, str]:
    """Freezes the discriminator for the generator's sake and never thaws it: it learns nothing either."""
    return {
        "adversaries": replaced(
            CELLS["adversaries"], ("        falling = ", "        discriminator.trainable = False\n        falling = ")
        )
    }


@wrong(loses=["generator-step-tests"])
def gradient_cut_off() -> dict[str, str]:
    """Stops the gradient at the pictures: the generator is told that it is found out, but not by what."""
    return {
        "adversaries": replaced(
            CELLS["adversaries"],
            (
                f"return generator_loss({FORGED})",
                "return generator_loss(discriminator(keras.ops.stop_gradient(generator(noise))))",
            ),
        )
    }


@wrong(loses=["discriminator-step-tests", "generator-step-tests"])
def returns_nothing() -> dict[str, str]:
    """Takes the steps and returns nothing."""
    return {
        "adversaries": replaced(
            CELLS["adversaries"],
            ("return self.expert.step((images, noise))", "self.expert.step((images, noise))"),
            ("return self.forger.step(noise)", "self.forger.step(noise)"),
        )
    }


# 4. A short run


@wrong(loses=["forgeries-tests"])
def far_too_short() -> dict[str, str]:
    """Plays ten turns."""
    return {"train": replaced(CELLS["train"], ("range(300)", "range(10)"))}


@wrong(loses=SAMPLES)
def the_expert_alone_trains() -> dict[str, str]:
    """Forgets the generator's step."""
    return {
        "train": replaced(
            CELLS["train"],
            (
                'losses["generator"].append(adversaries.generator_step(draw_noise(32)))',
                'losses["generator"].append(0.0)',
            ),
        )
    }


@wrong(loses=SAMPLES)
def the_same_noise_for_ever() -> dict[str, str]:
    """Draws the noise once, before the loop: the generator only learns to draw from these four vectors."""
    return {
        "train": replaced(
            CELLS["train"],
            ("    for _ in range(300):", "    noise = draw_noise(4)\n    for _ in range(300):"),
            ("(batch, draw_noise(32))", "(batch, np.repeat(noise, 8, axis=0))"),
            ("generator_step(draw_noise(32))", "generator_step(np.repeat(noise, 8, axis=0))"),
        )
    }


@wrong(loses=SAMPLES)
def one_batch_for_ever() -> dict[str, str]:
    """Shows the same few pictures at every step."""
    return {"train": replaced(CELLS["train"], ("np.random.randint(0, len(images), size=32)", "np.arange(32) % 4"))}


@wrong(loses=SAMPLES)
def pictures_on_another_scale() -> dict[str, str]:
    """Divides the pictures by 255 once more: the forger learns to draw nearly white paper."""
    return {"train": replaced(CELLS["train"], ("size=32)]", "size=32)] / 255"))}


# 5. Digits to order


@wrong(loses=["conditional-generator-tests", "painter-tests"])
def label_not_looked_at() -> dict[str, str]:
    """Copies the label into the channels, but draws from the random numbers alone."""
    return {
        "conditional-generator": replaced(
            CELLS["conditional-generator"],
            ("build_generator(latent_size + 10)(numbers)", "build_generator(latent_size)(numbers[:, :latent_size])"),
        )
    }


@wrong(loses=["conditional-generator-tests", "painter-tests"])
def draws_from_the_label_alone() -> dict[str, str]:
    """Draws from the label alone: one picture for each digit, again and again."""
    return {
        "conditional-generator": replaced(
            CELLS["conditional-generator"],
            ("build_generator(latent_size + 10)(numbers)", "build_generator(10)(numbers[:, latent_size:])"),
        )
    }


@wrong(loses=["conditional-generator-tests"])
def label_in_front() -> dict[str, str]:
    """Takes the first ten numbers for the label."""
    return {
        "conditional-generator": replaced(
            CELLS["conditional-generator"], ("numbers[:, latent_size:]", "numbers[:, :10]")
        )
    }


@wrong(loses=["conditional-generator-tests"])
def picture_behind_the_label() -> dict[str, str]:
    """Puts the label's channels in front of the picture's."""
    return {
        "conditional-generator": replaced(
            CELLS["conditional-generator"],
            ("[picture, keras.layers.UpSampling2D(8)(label)]", "[keras.layers.UpSampling2D(8)(label), picture]"),
        )
    }


@wrong(loses=["conditional-generator-tests"])
def label_left_out() -> dict[str, str]:
    """Gives the picture without its label."""
    return {
        "conditional-generator": replaced(
            CELLS["conditional-generator"],
            ("keras.layers.Concatenate()([picture, keras.layers.UpSampling2D(8)(label)])", "picture"),
        )
    }


# Right ones


@right
def frozen_by_hand() -> dict[str, str]:
    """The way of older books: the discriminator compiled by itself, and frozen within a second model of both."""
    return {
        "losses": """def discriminator_loss(real_logits, fake_logits):
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    return loss(keras.ops.ones_like(real_logits), real_logits) + loss(keras.ops.zeros_like(fake_logits), fake_logits)


def generator_loss(fake_logits):
    return keras.losses.BinaryCrossentropy(from_logits=True)(keras.ops.ones_like(fake_logits), fake_logits)
""",
        "adversaries": """class Adversaries:
    def __init__(self, generator, discriminator):
        self.generator, self.discriminator = generator, discriminator
        discriminator.trainable = True
        discriminator.compile(
            optimizer=keras.optimizers.Adam(0.008, beta_1=0.5),
            loss=lambda real, logits: keras.ops.mean(
                keras.ops.softplus(keras.ops.where(keras.ops.reshape(real, (-1, 1)) > 0, -logits, logits))
            ) * 2,
        )
        self.both = keras.Sequential([generator, discriminator])
        self.both.compile(
            optimizer=keras.optimizers.Adam(0.002, beta_1=0.5), loss=lambda _, logits: generator_loss(logits)
        )

    def discriminator_step(self, images, noise):
        self.discriminator.trainable = True
        forged = self.generator.predict_on_batch(noise)
        pictures = np.concatenate([images, forged]).astype("float32")
        real = np.concatenate([np.ones(len(images)), np.zeros(len(forged))]).astype("float32")
        self.discriminator.reset_metrics()
        return float(self.discriminator.train_on_batch(pictures, real))

    def generator_step(self, noise):
        self.discriminator.trainable = False
        self.both.reset_metrics()
        return float(self.both.train_on_batch(noise, np.ones((len(noise), 1), dtype="float32")))
""",
    }


@right
def with_a_gradient_tape() -> dict[str, str]:
    """TensorFlow's gradient tape in place of `Player`; functional networks of other sizes."""
    return {
        "generator": GENERATOR_HEADER
        + """    numbers = keras.Input(shape=(latent_size,))
    x = keras.layers.Dense(4 * 4 * 24, use_bias=False)(numbers)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    x = keras.layers.Reshape((4, 4, 24))(x)
    x = keras.layers.Conv2DTranspose(24, 4, strides=2, padding="same", use_bias=False)(x)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    x = keras.layers.Conv2DTranspose(1, 3, padding="same")(x)
    return keras.Model(numbers, keras.layers.Activation("sigmoid")(x))
""",
        "discriminator": DISCRIMINATOR_HEADER
        + """    pictures = keras.Input(shape=(8, 8, channels))
    x = keras.layers.Conv2D(48, 4, strides=2, padding="same")(pictures)
    x = keras.layers.Dropout(0.2)(keras.layers.LeakyReLU()(x))
    x = keras.layers.Dense(64)(keras.layers.Flatten()(x))
    return keras.Model(pictures, keras.layers.Dense(1)(keras.layers.LeakyReLU()(x)))
""",
        "adversaries": """import tensorflow as tf


class Adversaries:
    def __init__(self, generator, discriminator):
        self.g, self.d = generator, discriminator
        self.for_g = keras.optimizers.Adam(0.002, beta_1=0.5)
        self.for_d = keras.optimizers.Adam(0.006, beta_1=0.5)
        self.step_d, self.step_g = tf.function(self._step_d), tf.function(self._step_g)

    def _step_d(self, images, noise):
        forged = self.g(noise, training=True)
        with tf.GradientTape() as tape:
            loss = discriminator_loss(self.d(images, training=True), self.d(forged, training=True))
        self.for_d.apply(tape.gradient(loss, self.d.trainable_weights), self.d.trainable_weights)
        return loss

    def _step_g(self, noise):
        with tf.GradientTape() as tape:
            loss = generator_loss(self.d(self.g(noise, training=True), training=True))
        self.for_g.apply(tape.gradient(loss, self.g.trainable_weights), self.g.trainable_weights)
        return loss

    def discriminator_step(self, images, noise):
        return float(self.step_d(tf.constant(images, "float32"), tf.constant(noise, "float32")))

    def generator_step(self, noise):
        return float(self.step_g(tf.constant(noise, "float32")))
""",
        "train": replaced(CELLS["train"], ("range(300)", "range(400)")),
    }


@right
def dense_and_subclassed() -> dict[str, str]:
    """Dense networks, as classes of their own; smaller and faster, so more turns; ReLU6 over 6 for ink in [0, 1]."""
    return {
        "generator": """class Forger(keras.Model):
    def __init__(self):
        super().__init__()
        self.first, self.second = keras.layers.Dense(128), keras.layers.Dense(128)
        self.norms = [keras.layers.BatchNormalization(), keras.layers.BatchNormalization()]
        self.draw, self.picture = keras.layers.Dense(64, activation="sigmoid"), keras.layers.Reshape((8, 8, 1))

    def call(self, numbers, training=False):
        x = keras.ops.relu(self.norms[0](self.first(numbers), training=training))
        x = keras.ops.relu(self.norms[1](self.second(x), training=training))
        return self.picture(self.draw(x))


def build_generator(latent_size):
    model = Forger()
    model(np.zeros((1, latent_size), dtype="float32"))
    return model
""",
        "discriminator": """class Expert(keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten = keras.layers.Flatten()
        self.hidden = [keras.layers.Dense(128), keras.layers.Dense(128)]
        self.dropout, self.logit = keras.layers.Dropout(0.3), keras.layers.Dense(1)

    def call(self, pictures, training=False):
        x = self.flatten(pictures)
        for layer in self.hidden:
            x = self.dropout(keras.ops.leaky_relu(layer(x)), training=training)
        return self.logit(x)


def build_discriminator(channels=1):
    model = Expert()
    model(np.zeros((1, 8, 8, channels), dtype="float32"))
    return model
""",
        "conditional-generator": """class Painter(keras.Model):
    def __init__(self, latent_size):
        super().__init__()
        self.latent_size, self.forger = latent_size, Forger()

    def call(self, numbers, training=False):
        picture = self.forger(numbers, training=training)
        planes = keras.ops.ones((1, 8, 8, 1)) * numbers[:, None, None, self.latent_size :]
        return keras.ops.concatenate([picture, planes], axis=-1)


def build_conditional_generator(latent_size):
    model = Painter(latent_size)
    model(np.zeros((1, latent_size + 10), dtype="float32"))
    return model
""",
        "train": replaced(
            CELLS["train"],
            ("range(300)", "range(600)"),
            ("size=32", "size=64"),
            ("batch, draw_noise(32)", "batch, draw_noise(64)"),
            ("generator_step(draw_noise(32))", "generator_step(draw_noise(64))"),
        ),
        "adversaries": replaced(
            CELLS["adversaries"],
            ("falling(0.01, decay_steps=300)", "falling(0.005, decay_steps=600)"),
            ("falling(0.002, decay_steps=300)", "falling(0.0015, decay_steps=600)"),
        ),
    }


@right
def embedded_label_and_warm_up() -> dict[str, str]:
    """A style made from the label, weights that begin small, rates that warm up from zero, and smaller batches."""
    small = "kernel_initializer=keras.initializers.RandomNormal(0.0, 0.02)"
    return {
        "generator": replaced(
            CELLS["generator"],
            ("keras.layers.Dense(4 * 4 * 32)", f"keras.layers.Dense(4 * 4 * 32, {small})"),
            ('4, strides=2, padding="same")', f'4, strides=2, padding="same", {small})'),
            ('padding="same", activation="sigmoid")', f'padding="same", activation="sigmoid", {small})'),
        ),
        "conditional-generator": CONDITIONAL_HEADER
        + """    numbers = keras.Input(shape=(latent_size + 10,))
    noise, label = numbers[:, :latent_size], numbers[:, latent_size:]
    style = keras.layers.Dense(latent_size, use_bias=False)(label)
    picture = build_generator(2 * latent_size)(keras.layers.Concatenate()([noise, style]))
    planes = keras.layers.Reshape((8, 8, 10))(keras.layers.RepeatVector(64)(label))
    return keras.Model(numbers, keras.layers.Concatenate()([picture, planes]))
""",
        "adversaries": replaced(
            CELLS["adversaries"],
            ("falling(0.01, decay_steps=300)", "falling(0.0, decay_steps=380, warmup_target=0.01, warmup_steps=40)"),
            ("falling(0.002, decay_steps=300)", "falling(0.0, decay_steps=380, warmup_target=0.002, warmup_steps=40)"),
        ),
        "train": """def train(adversaries, images, draw_noise):
    history = {"generator": [], "discriminator": []}
    for _ in range(400 // (len(images) // 32) + 1):
        shuffled = np.random.permutation(images)
        for start in range(0, len(images) - 31, 32):
            expert = adversaries.discriminator_step(shuffled[start : start + 32], draw_noise(32))
            history["discriminator"].append(expert)
            history["generator"].append(adversaries.generator_step(draw_noise(32)))
    return history
""",
    }
