# %% [markdown] text="intro"
# # The forger and the expert
#
# How do you teach a network to *draw*? There is no right answer to compare with: a good new 7 is not any 7 you have.
# Pixel by pixel, the picture with the smallest mean error to all sevens is their average, a grey blur that nobody ever
# wrote.
#
# Ian Goodfellow's idea of 2014: let a second network be the judge, and **learn the judge as well**.
#
# * The **generator**, a forger, turns random numbers into pictures.
# * The **discriminator**, an expert, is shown real pictures and forgeries, and says which is which.
#
# The expert learns from being wrong, the forger from being found out. When both are good, forgeries look real. It is a
# *generative adversarial network*: a GAN.
#
# | part | you write | points |
# | --- | --- | --- |
# | 1 | `build_generator` and `build_discriminator`: the two players | 6 |
# | 2 | `discriminator_loss` and `generator_loss`: what each of them wants | 6 |
# | 3 | `Adversaries`: one step of the game for each | 10 |
# | 4 | `train`: a short run, and what came of it | 7 |
# | 5 | `build_conditional_generator`: digits to order | 9 |
# | 6 | a question about what you saw | 2 |
#
# The docstring of each function or class is its **contract**: names, shapes, what comes back. The tests below each part
# catch the first mistakes; the marks come from more questions of the same kind. A GAN is a game between two, and games
# can go wrong: look at your pictures before you hand in.

# %% text="imports"
import keras
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown] text="data-story"
# ## The data
#
# Digits of 8 x 8 pixels, written by hand by 13 people and scanned: the *Optical Recognition of Handwritten Digits*
# collection (E. Alpaydin and C. Kaynak, UCI Machine Learning Repository) in the form scikit-learn ships. Small, but
# real: sloppy sevens and ones that could be anything are in it. Some are yours; the rest stays with your teachers, who
# will hold your forgeries against it.
#
# Each picture has the shape `(height, width, channels)` = `(8, 8, 1)`; its ink is a float from 0 (paper) to 1 (black).

# %% text="load-data"
LATENT = 16  # how many random numbers the forger makes a picture from


def show(pictures: np.ndarray, title: str, columns: int = 20) -> None:
    """Show pictures of shape (num_pictures, 8, 8, channels), the first channel of each, in rows."""
    rows = -(-len(pictures) // columns)
    sheet = np.ones((rows * columns, 9, 9))
    sheet[: len(pictures), :8, :8] = 1 - pictures[..., 0]
    plt.figure(figsize=(columns * 0.45, rows * 0.5))
    plt.imshow(sheet.reshape(rows, columns, 9, 9).swapaxes(1, 2).reshape(rows * 9, columns * 9), cmap="gray")
    plt.title(title)
    plt.axis("off")
    plt.show()


if __name__ == "__main__":
    with np.load("digits.npz") as digits:
        train_images, train_labels = digits["train_images"], digits["train_labels"]
        validation_images = digits["validation_images"]
    print("training:", train_images.shape, train_images.dtype, " validation:", validation_images.shape)
    show(train_images[:40], "real digits")

# %% [markdown] text="players-story"
# ## 1. The two players
#
# The **generator** runs a picture classifier backwards: from a vector to a small stack of feature maps (`Dense`, then
# `Reshape`), and from there to larger and larger maps. `Conv2DTranspose` with strides 2 doubles height and width: it
# lays a small stamp for each pixel of its input, two pixels apart, and adds up where stamps overlap.
#
# ```text
#   16 random numbers ── dense ── 4 x 4 x 32 ── transposed convolution ── 8 x 8 x 16 ── convolution ── 8 x 8 x 1
# ```
#
# The **discriminator** is an ordinary small classifier with strided convolutions and a single output: a **logit**,
# large for "real", very negative for "forged". The probability comes later, in the loss.
#
# You are free in how you build both. What has proved its worth (Radford, Metz, Chintala: *DCGAN*, 2015):
#
# * batch normalisation in the generator: without it, it learns far more slowly, if at all;
# * `LeakyReLU` in the discriminator, whose gradient is the only teacher the generator has: it should not be zero;
# * a discriminator that is not too clever. Dropout helps: an expert who is always certain teaches nothing.


# %% solution="generator"
def build_generator(latent_size: int) -> keras.Model:
    """Build a network that makes pictures from random numbers.

    Every number counts, and every weight can learn. The model is built: its weights exist.

    Args:
        latent_size: How many random numbers a picture is made from; they are drawn from a standard normal distribution.

    Returns:
        A Keras model from vectors of shape (batch, latent_size) to pictures of shape (batch, 8, 8, 1), ink in [0, 1].
    """
    # BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input(shape=(latent_size,)),
            keras.layers.Dense(4 * 4 * 32),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.ReLU(),
            keras.layers.Reshape((4, 4, 32)),
            keras.layers.Conv2DTranspose(16, 4, strides=2, padding="same"),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.ReLU(),
            keras.layers.Conv2D(1, 3, padding="same", activation="sigmoid"),
        ]
    )
    # END SOLUTION


# %% tests="generator-tests" points=3
if __name__ == "__main__":
    generator = build_generator(LATENT)
    generator.summary()
    pictures = generator.predict(np.random.normal(size=(20, LATENT)), verbose=0)
    assert pictures.shape == (20, 8, 8, 1), f"expected shape (20, 8, 8, 1), received {pictures.shape}"
    assert pictures.min() >= 0, "there is no ink below 0"
    assert pictures.max() <= 1, "there is no ink above 1"
    show(pictures, "what an untrained forger draws")


# %% solution="discriminator"
def build_discriminator(channels: int = 1) -> keras.Model:
    """Build a network that tells real pictures from forged ones.

    Every pixel of every channel counts, and every weight can learn. The model is built: its weights exist.

    Args:
        channels: Number of channels of the pictures (1 here, 11 in part 5).

    Returns:
        A Keras model from pictures of shape (batch, 8, 8, channels) to one logit each, shape (batch, 1): no sigmoid.
    """
    # BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input(shape=(8, 8, channels)),
            keras.layers.Conv2D(32, 3, strides=2, padding="same"),
            keras.layers.LeakyReLU(negative_slope=0.2),
            keras.layers.Dropout(0.2),
            keras.layers.Conv2D(64, 3, strides=2, padding="same"),
            keras.layers.LeakyReLU(negative_slope=0.2),
            keras.layers.Dropout(0.2),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    # END SOLUTION


# %% tests="discriminator-tests" points=3
if __name__ == "__main__":
    discriminator = build_discriminator()
    logits = discriminator.predict(train_images[:5], verbose=0)
    assert logits.shape == (5, 1), f"one logit for each picture: expected shape (5, 1), received {logits.shape}"
    print("an untrained expert on five real digits:", logits.ravel().round(3))

# %% [markdown] text="losses-story"
# ## 2. What each of them wants
#
# The expert's answer is a logit $d$; its probability of "real" is the sigmoid of it, $\sigma(d)$.
#
# The **discriminator** wants "real" for real pictures and "forged" for forgeries. Both halves of its cross-entropy are
# means, and they are added:
#
# $$L_D = \text{mean}\big(-\log \sigma(d_\text{real})\big) + \text{mean}\big(-\log(1 - \sigma(d_\text{forged}))\big)$$
#
# The **generator** wants the opposite of the second half. One could make $\log(1 - \sigma(d_\text{forged}))$
# small, but look at its slope: when the expert is sure of a forgery ($d$ very negative), it is flat. Exactly when the
# forger has most to learn, it would learn nothing. So it makes "real" likely instead (Goodfellow's *non-saturating*
# loss):
#
# $$L_G = \text{mean}\big(-\log \sigma(d_\text{forged})\big)$$
#
# A pitfall: $\log \sigma(d)$ as written overflows or becomes $\log 0$ for large logits. Yet
# $-\log \sigma(d) = \log(1 + e^{-d})$ is just the *softplus* of $-d$, which `keras.ops.softplus` computes for any $d$.
# (And $-\log(1 - \sigma(d))$ is the softplus of what?)


# %% text="show-losses"
if __name__ == "__main__":
    logits = np.linspace(-6, 6, 100)
    plt.figure(figsize=(5, 2.6))
    plt.plot(logits, np.logaddexp(0, -logits), label="$-\\log\\ \\sigma(d)$: learns most where it is found out")
    plt.plot(logits, -np.logaddexp(0, logits), "--", label="$\\log(1 - \\sigma(d))$: flat there")
    plt.xlabel("the expert's logit for a forgery")
    plt.ylabel("generator's loss")
    plt.legend()
    plt.show()


# %% solution="losses"
def discriminator_loss(real_logits, fake_logits):
    """Return the discriminator's loss, written with `keras.ops` or `keras.losses` so that gradients flow.

    Args:
        real_logits: The discriminator's logits for real pictures, shape (num_real, 1).
        fake_logits: Its logits for forgeries, shape (num_fake, 1); there may be more or fewer of them.

    Returns:
        Scalar tensor: mean of -log sigmoid(real_logits), plus mean of -log(1 - sigmoid(fake_logits)). Finite, and
        right, for logits of any size.
    """
    # BEGIN SOLUTION
    return keras.ops.mean(keras.ops.softplus(-real_logits)) + keras.ops.mean(keras.ops.softplus(fake_logits))
    # END SOLUTION


def generator_loss(fake_logits):
    """Return the generator's non-saturating loss.

    Args:
        fake_logits: The discriminator's logits for forgeries, shape (num_fake, 1).

    Returns:
        Scalar tensor: mean of -log sigmoid(fake_logits). Finite, and right, for logits of any size.
    """
    # BEGIN SOLUTION
    return keras.ops.mean(keras.ops.softplus(-fake_logits))
    # END SOLUTION


# %% tests="losses-tests" points=6
if __name__ == "__main__":
    undecided = np.zeros((4, 1), dtype="float32")
    found = float(discriminator_loss(undecided, undecided))
    assert np.isclose(found, 2 * np.log(2)), f"undecided: log 2 for each half, received {found:.3f}"
    assert np.isclose(float(generator_loss(undecided)), np.log(2)), "undecided: log 2"
    assert float(generator_loss(undecided + 5)) < 0.01, "a forger whose work passes for real has nearly no loss"

# %% [markdown] text="steps-story"
# ## 3. One step of the game
#
# Now they play in turns, and one thing is essential: **each player changes only its own weights**. If the forger could
# also change the expert, it would not learn to draw: it would teach the expert to be fooled.
#
# Still the forger's gradient flows *through* the expert: which pixels would have to change to look more real? Only the
# step is taken by one alone.
#
# `fit` trains one network on one loss, so we need something a little more general. `Player`, below, is a Keras model
# that computes a loss with two networks and lets one of them learn. For instance,
#
# ```python
# player = Player(network, opponent, loss=lambda batch: ...)    # any loss made with the two networks
# player.step(batch)                                            # one step of Adam for `network`; returns the loss
# ```
#
# What you pass to `step` comes to your `loss` as it is: an array, or a tuple of arrays.


# %% text="player"
class Player(keras.Model):
    """Lets `network` learn from a loss that `opponent` has a part in; the opponent's weights stay as they are.

    Args:
        network: The Keras model that learns.
        opponent: The other model.
        loss: Function of a batch that returns a scalar tensor. Within it, both models are in training mode.
        learning_rate: Of Adam: a number or a schedule.
    """

    def __init__(self, network, opponent, loss, learning_rate=0.001):
        super().__init__()
        self.network, self.opponent, self.loss_of = network, opponent, loss
        # beta_1: in a game the loss changes with every move of the other; old gradients are soon out of date.
        self.compile(keras.optimizers.Adam(learning_rate, beta_1=0.5))

    @property
    def trainable_weights(self):
        """What a step may change."""
        return self.network.trainable_weights

    trainable_variables = trainable_weights

    @property
    def non_trainable_variables(self):
        """Everything else."""
        own = {id(weight) for weight in self.trainable_weights}
        return [variable for variable in self.variables if id(variable) not in own]

    def call(self, batch, training=False):
        """Return the loss."""
        return self.loss_of(batch)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return what `call` returned: it is the loss already."""
        return y_pred

    def step(self, batch) -> float:
        """Take one step on a batch, and return the loss before it."""
        if not self.optimizer.built:  # what Adam remembers: made within the first step, it would be compiled twice
            self.optimizer.build(self.trainable_weights)
        return float(self.train_on_batch(batch))


def weights_of(model: keras.Model) -> list[np.ndarray]:
    """Return the weights as they are now, but for the averages that batch normalisation keeps."""
    learned = [weight for weight in model.weights if "moving" not in weight.path]
    return [np.array(keras.ops.convert_to_numpy(weight)) for weight in learned]


# %% solution="adversaries"
class Adversaries:
    """A generator and a discriminator, and one training step for each. Each step changes the weights of one of them.

    (Statistics that batch normalisation keeps are no weights in this sense: they may follow at any step.)

    Args:
        generator: Model from vectors to pictures.
        discriminator: Model from such pictures to logits.
    """

    def __init__(self, generator: keras.Model, discriminator: keras.Model):
        # BEGIN SOLUTION
        def expert_is_wrong(batch):
            images, noise = batch
            return discriminator_loss(discriminator(images), discriminator(generator(noise)))

        def forger_is_found_out(noise):
            return generator_loss(discriminator(generator(noise)))

        falling = keras.optimizers.schedules.CosineDecay
        self.expert = Player(discriminator, generator, expert_is_wrong, falling(0.01, decay_steps=300))
        self.forger = Player(generator, discriminator, forger_is_found_out, falling(0.002, decay_steps=300))
        # END SOLUTION

    def discriminator_step(self, images: np.ndarray, noise: np.ndarray) -> float:
        """Make the discriminator a little better at telling these real pictures from forgeries.

        Args:
            images: Real pictures, shape (batch, 8, 8, channels).
            noise: What the generator makes as many forgeries from, shape (batch, latent_size).

        Returns:
            The discriminator's loss before the step.
        """
        # BEGIN SOLUTION
        return self.expert.step((images, noise))
        # END SOLUTION

    def generator_step(self, noise: np.ndarray) -> float:
        """Make the generator a little better at forging: the discriminator shall take these pictures for real.

        Args:
            noise: What the generator makes pictures from, shape (batch, latent_size).

        Returns:
            The generator's loss before the step.
        """
        # BEGIN SOLUTION
        return self.forger.step(noise)
        # END SOLUTION


# %% tests="discriminator-step-tests" points=5
if __name__ == "__main__":
    generator, discriminator = build_generator(LATENT), build_discriminator()
    adversaries = Adversaries(generator, discriminator)
    noise = np.random.normal(size=(64, LATENT)).astype("float32")
    before = weights_of(generator)
    losses = [adversaries.discriminator_step(train_images[:64], noise) for _ in range(10)]
    print("the expert's loss, ten steps on one batch:", np.round(losses, 2))
    assert losses[-1] < losses[0], "ten steps on the same batch should make the expert better at it"
    for old, new in zip(before, weights_of(generator), strict=True):
        assert np.array_equal(old, new), "the discriminator's step leaves the generator as it is"

# %% tests="generator-step-tests" points=5
if __name__ == "__main__":
    before = weights_of(discriminator)
    losses = [adversaries.generator_step(noise) for _ in range(10)]
    print("the forger's loss, ten steps on the same noise:", np.round(losses, 2))
    assert losses[-1] < losses[0], "ten steps on the same noise should make these forgeries more convincing"
    for old, new in zip(before, weights_of(discriminator), strict=True):
        assert np.array_equal(old, new), "the generator's step leaves the discriminator as it is"

# %% [markdown] text="training-story"
# ## 4. A short run
#
# Take turns: a random batch of real pictures and fresh noise for the discriminator, fresh noise for the generator, and
# again. Some 300 turns with batches of 32 do it in a few seconds, with learning rates around 0.002 for the forger and
# four to five times that for the expert, who has to keep ahead (the DCGAN paper's 0.0002 is for hours). Rates that
# fall to 0 (`keras.optimizers.schedules.CosineDecay`) help the game to settle. Keep it below 10 seconds.
#
# How do you know that it went well? **Not by the losses**: each is measured against the other player, and a loss that
# stays level may mean that both get better. Look at the pictures, and measure:
#
# * the **energy distance** between forgeries and real pictures: twice the mean distance from one kind to the other,
#   minus the mean distances within both kinds. 0 when both kinds are alike. Random pixels are at 1.9, the average digit
#   at 1.3, a generator that draws one and the same digit again and again (a *mode collapse*) at about 3. Full marks
#   from 0.3 down.
# * whether **all ten digits** are among them, by a classifier that stays with your teachers.


# %% text="energy-distance"
def energy_distance(pictures: np.ndarray, real: np.ndarray) -> float:
    """Return the energy distance of two sets of pictures (Szekely and Rizzo, 2013); 0 when they are alike."""

    def mean_distance(a: np.ndarray, b: np.ndarray) -> float:
        a, b = a.reshape(len(a), -1).astype("float64"), b.reshape(len(b), -1).astype("float64")
        squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
        return float(np.sqrt(np.maximum(squares, 0)).mean())

    return 2 * mean_distance(pictures, real) - mean_distance(pictures, pictures) - mean_distance(real, real)


# %% solution="train"
def train(adversaries: Adversaries, images: np.ndarray, draw_noise) -> dict[str, list[float]]:
    """Let the two play: steps of both, in turn, on random batches.

    Args:
        adversaries: The two players, fresh.
        images: All real pictures there are, shape (num_images, 8, 8, channels), float32.
        draw_noise: Function that draws what the generator needs for a number of pictures: `draw_noise(64)` has shape
            (64, length of the generator's vectors), float32.

    Returns:
        "discriminator" and "generator": the losses of all steps, in order.
    """
    # BEGIN SOLUTION
    losses = {"discriminator": [], "generator": []}
    for _ in range(300):
        batch = images[np.random.randint(0, len(images), size=32)]
        losses["discriminator"].append(adversaries.discriminator_step(batch, draw_noise(32)))
        losses["generator"].append(adversaries.generator_step(draw_noise(32)))
    return losses
    # END SOLUTION


# %% [markdown] text="trained-story"
# The next cell trains your GAN. It is `forger`, as this cell leaves it, that is judged.

# %% text="train-forger"
if __name__ == "__main__":

    def draw_noise(num_pictures: int) -> np.ndarray:
        """Draw random numbers for pictures."""
        return np.random.normal(size=(num_pictures, LATENT)).astype("float32")

    forger, expert = build_generator(LATENT), build_discriminator()
    losses = train(Adversaries(forger, expert), train_images, draw_noise)
    forgeries = forger.predict(draw_noise(1000), verbose=0)

    plt.figure(figsize=(5, 2.6))
    for name, series in losses.items():
        plt.plot(series, label=name)
    plt.xlabel("step")
    plt.ylabel("loss")
    plt.legend()
    plt.show()
    show(forgeries[:60], "forgeries")

# %% tests="forgeries-tests" points=7
if __name__ == "__main__":
    distance = energy_distance(forgeries, validation_images)
    print(f"energy distance to the validation images: {distance:.3f}")
    assert distance < 1.0, "closer to real digits than the average digit is"

# %% [markdown] text="conditional-story"
# ## 5. Digits to order
#
# So far the forger draws what it likes. "A seven, please!" is a **conditional** GAN (Mirza and Osindero, 2014): both
# players are told the label. The forger gets it with its noise; the expert gets it with the picture, and a perfect 3
# that comes with the label 7 is a forgery.
#
# The neat way: **let the label travel with the picture**. `with_label` adds ten channels to a picture, one for each
# digit: all ones in the channel of its label, zeros in the others. A conditional GAN is then an ordinary GAN on
# labelled pictures, and `Adversaries` and `train` can stay as they are:
#
# * the *generator* takes 16 random numbers **and** the label (as ten numbers, one of them 1: *one-hot*), and gives a
#   labelled picture: it draws the first channel, and copies the label into the other ten;
# * the *discriminator* is `build_discriminator(channels=11)`.


# %% text="labels"
def with_label(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Add ten channels that say the label: from (num_images, 8, 8, 1) to (num_images, 8, 8, 11)."""
    planes = np.broadcast_to(np.eye(10)[labels][:, None, None, :], (len(images), 8, 8, 10))
    return np.concatenate([images, planes], axis=-1).astype("float32")


def order(labels: np.ndarray) -> np.ndarray:
    """Draw random numbers for pictures of these digits, the label behind them; shape (num_labels, LATENT + 10)."""
    noise = np.random.normal(size=(len(labels), LATENT))
    return np.concatenate([noise, np.eye(10)[labels]], axis=1).astype("float32")


# %% solution="conditional-generator"
def build_conditional_generator(latent_size: int) -> keras.Model:
    """Build a network that makes labelled pictures of the digit it is asked for.

    The picture depends on the label and on the random numbers.

    Args:
        latent_size: How many random numbers a picture is made from.

    Returns:
        A Keras model from vectors of shape (batch, latent_size + 10), random numbers first and the one-hot label behind
        them, to labelled pictures of shape (batch, 8, 8, 11): ink in [0, 1] in channel 0, and the label's ten numbers
        in channels 1 to 10, the same at each pixel.
    """
    # BEGIN SOLUTION
    numbers = keras.Input(shape=(latent_size + 10,))
    picture = build_generator(latent_size + 10)(numbers)
    label = keras.layers.Reshape((1, 1, 10))(numbers[:, latent_size:])
    return keras.Model(numbers, keras.layers.Concatenate()([picture, keras.layers.UpSampling2D(8)(label)]))
    # END SOLUTION


# %% tests="conditional-generator-tests" points=4
if __name__ == "__main__":
    labels = np.array([3, 7])
    pictures = build_conditional_generator(LATENT).predict(order(labels), verbose=0)
    assert pictures.shape == (2, 8, 8, 11), (
        f"picture and label: expected shape (2, 8, 8, 11), received {pictures.shape}"
    )
    assert np.allclose(pictures[..., 1:], with_label(pictures[..., :1], labels)[..., 1:]), (
        "the label is copied as it is"
    )

# %% [markdown] text="painter-story"
# The next cell trains it. It is `painter`, as this cell leaves it, that is judged: asked for digits, how many of its
# pictures does the teachers' classifier read as what was asked for? Full marks from 70 % on. And are the pictures of
# each digit as varied as real ones? Their energy distance to the real pictures of that digit, on average over the ten,
# says so: drawing the average of each digit has 1.0. Full marks from 0.72 down.

# %% text="train-painter"
if __name__ == "__main__":
    painter = build_conditional_generator(LATENT)
    adversaries = Adversaries(painter, build_discriminator(channels=11))
    train(adversaries, with_label(train_images, train_labels), lambda num: order(np.random.randint(0, 10, size=num)))

    show(painter.predict(order(np.repeat(np.arange(10), 10)), verbose=0), "0 to 9, ten of each", columns=10)

# %% tests="painter-tests" points=5
if __name__ == "__main__":
    labels = np.repeat(np.arange(10), 100)
    pictures = painter.predict(order(labels), verbose=0)[..., :1]
    distances = [energy_distance(pictures[labels == one], train_images[train_labels == one]) for one in range(10)]
    print(
        "energy distance of its 0, 1, 2, ... to real ones:",
        np.round(distances, 2),
        "mean:",
        np.mean(distances).round(2),
    )

# %% [markdown] text="question"
# ## 6. What the losses do not tell
#
# In an ordinary training run the loss falls, and you know that it works. Here both losses wander about level, while the
# pictures get better and better.
#
# In four to eight sentences: **why do the losses of a GAN not fall, although it learns?** Say what the discriminator's
# loss would be if forgeries could not be told from real pictures at all, and why. Then say what goes wrong, and what
# you would see in the losses and in the pictures, when the discriminator is far too good for the generator.

# %% [markdown] answer="why-level-losses" points=2
# Each loss is measured against the other player, and the other gets better too: a forger who is twice as good, against
# an expert who is twice as good, is found out as often as before. So a level loss can mean that nothing happens, or
# that both improve.
#
# If forgeries could not be told from real pictures, the best the expert could do would be to say 1/2 to everything, a
# logit of 0. Its loss would then be -log(1/2) - log(1/2) = 2 log 2 = 1.39, and the forger's log 2 = 0.69; my curves end
# near there.
#
# When the discriminator is far too good, it is certain of every forgery: its loss goes to 0 and the generator's becomes
# large. Its answer then hardly changes with the picture, so the gradient says little about which pixels to change, and
# the generator stays bad: noise, or one blurred digit again and again, whatever the random numbers.
