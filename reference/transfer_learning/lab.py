# %% [markdown] text="intro"
# # Twenty pictures are enough
#
# Somebody hands you twenty handwritten digits, two of each, and wants a network that can read such digits. From scratch
# that is hopeless: a network with 26,000 weights will explain twenty pictures in any number of ways, and most of them
# are nonsense.
#
# You would not start from scratch either. You have seen letters all your life, and a digit is made of the same things:
# strokes, bends, corners, loops. Show you two examples of a sign you have never seen and you will find it again.
#
# **Transfer learning** gives a network the same advantage. Take one that has learned something related from plenty of
# data; keep the part that *sees* (its **base**); put a new part on top that *names* (a **head**); and let only that
# part learn from your few examples.
#
# ```text
#    images ──▶ block 1 ──▶ block 2 ──▶ block 3 ──▶ features ──▶ head        which of 37 letters?
#               edges       strokes     bends, loops  64 numbers   │
#               └──────────────── the base ────────────────┘       ✂  cut off
#                          keep, frozen                            └──▶ a new head     which of ten digits?
# ```
#
# Our pretrained network reads **printed letters**. It learned from 37,000 of them, in 16 fonts, turned and bent at
# random. It has never met a digit, nor anything that was written by hand. Let us see how far it gets us.
#
# | part | you write | points |
# | --- | --- | --- |
# | 1 | `cut_base`: from a letter reader to a describer of signs | 6 |
# | 2 | `build_classifier`: a frozen base, a new head | 8 |
# | 3 | `train_head`: learn from twenty pictures | 8 |
# | 4 | `fine_tune`: let the top of the base give way, a little | 10 |
# | 5 | the result, on digits it has never met | 6 |
# | 6 | a question about what you saw | 2 |
#
# The docstrings are the **contract**; the tests below each part catch the first mistakes. The marks come from more
# questions of the same kind, above all about weights: which ones moved, and which ones did not.

# %% text="imports"
import keras
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown] text="data-story"
# ## The two worlds
#
# Above, what the network grew up with: letters, rendered from fonts. Below, what it is asked to read: real scans of
# digits, from the *Optical Recognition of Handwritten Digits* collection (E. Alpaydin and C. Kaynak, UCI Machine
# Learning Repository) in the form scikit-learn ships. Both are 8 x 8 pixels, ink from 0 (paper) to 1 (black).
#
# You get twenty digits to learn from, and some more to see how well it went. Only the twenty are for training: the
# point is what can be done when there is nothing else.

# %% text="load-data"
if __name__ == "__main__":
    with np.load("digits.npz") as digits:
        few_images, few_labels = digits["few_images"], digits["few_labels"]
        validation_images, validation_labels = digits["validation_images"], digits["validation_labels"]
    with np.load("letters.npz") as archive:
        letter_images, letters = archive["images"].astype("float32") / 255, archive["letters"]
    print("to learn from:", few_images.shape, "labels", few_labels.shape)
    print("to look at:   ", validation_images.shape, "labels", validation_labels.shape)

    figure, axes = plt.subplots(3, 10, figsize=(9, 3))
    by_digit = few_images[np.argsort(few_labels, kind="stable")]
    rows = [letter_images[::15][:10], by_digit[0::2], by_digit[1::2]]
    for axis, picture in zip(axes.ravel(), np.concatenate(rows), strict=True):
        axis.imshow(picture[:, :, 0], cmap="gray_r", vmin=0, vmax=1)
        axis.axis("off")
    plt.show()

# %% [markdown] text="pretrained-story"
# And this is the network. Read its summary from top to bottom: three blocks of convolution, batch normalisation and
# ReLU; a layer `features` that averages each of the last 64 feature maps into one number; and `head`, which turns these
# 64 numbers into one of 37 letters.

# %% text="load-pretrained"
if __name__ == "__main__":
    pretrained = keras.models.load_model("letter_reader.keras")
    pretrained.summary()
    alphabet = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"))
    read = alphabet[pretrained.predict(letter_images, verbose=0).argmax(axis=1)]
    print(f"new printed letters read correctly: {np.mean(read == letters):.1%}")
    read = alphabet[pretrained.predict(by_digit[::2], verbose=0).argmax(axis=1)]
    print("the digits 0 to 9, read as letters:", *read)

# %% [markdown] text="cut-story"
# ## 1. Cut off the head
#
# It takes digits for letters, and not for arbitrary ones. So there is something in it that can be used. The last layer
# is of no use to us, it knows nothing but letters. But what does that layer *look at*? At 64 numbers that the rest of
# the network makes of an image. A good description of a sign, made to tell 37 of them apart.
#
# A Keras model knows its layers (`model.layers`, `model.get_layer("features")`), and each layer knows its `output`.
# `keras.Model(inputs, outputs)` makes a new model of whatever lies between the two, out of **the same** layers: nothing
# is copied, nothing trained.


# %% solution="cut-base"
def cut_base(pretrained: keras.Model) -> keras.Model:
    """Cut the head off a pretrained classifier.

    Args:
        pretrained: A network from images to classes, like the letter reader: the last layer is its head.

    Returns:
        A model from images of shape (batch, 8, 8, 1) to features of shape (batch, 64): what the head is given in
        `pretrained`, computed with the same weights.
    """
    # BEGIN SOLUTION
    return keras.Model(pretrained.input, pretrained.layers[-1].input, name="base")
    # END SOLUTION


# %% tests="cut-base-tests" points=6
if __name__ == "__main__":
    base = cut_base(pretrained)
    features = base.predict(few_images, verbose=0)
    assert features.shape == (20, 64), f"20 images give 20 descriptions of 64 numbers, received {features.shape}"
    assert features.min() >= 0, "features are averages of what a ReLU lets through: none of them is negative"
    kernel, bias = pretrained.layers[-1].get_weights()
    scores = np.exp(features @ kernel + bias)
    assert np.allclose(
        scores / scores.sum(axis=1, keepdims=True), pretrained.predict(few_images, verbose=0), atol=1e-4
    ), "the old head, put on your features by hand, should read what the whole network reads"

# %% [markdown] text="features-story"
# Is that description any good for digits? Here are the 225 validation digits, once as the 64 numbers that are their
# pixels and once as the 64 that the base makes of them, each seen from the side from which they look most different (a
# principal component analysis). The base has never been told what a digit is.
#
# Two dimensions show only a part of it. So the cell also gives each digit the name of the nearest of your twenty, in
# all 64. No training at all, and yet one of the two descriptions is clearly the better one.

# %% text="show-features"
if __name__ == "__main__":
    descriptions = {
        "pixels": (few_images.reshape(20, 64), validation_images.reshape(-1, 64)),
        "features of the letter reader": (features, base.predict(validation_images, verbose=0)),
    }
    figure, axes = plt.subplots(1, 2, figsize=(10, 4))
    for axis, (title, (known, points)) in zip(axes, descriptions.items(), strict=True):
        distances = np.linalg.norm(points[:, None] - known, axis=2)
        named_right = np.mean(few_labels[distances.argmin(axis=1)] == validation_labels)
        print(f"{title:<32}{named_right:.1%} have the name of the nearest of the twenty")
        centred = points - points.mean(axis=0)
        across, along = np.linalg.svd(centred, full_matrices=False)[2][:2]
        for digit in range(10):
            of_digit = centred[validation_labels == digit]
            axis.scatter(of_digit @ across, of_digit @ along, s=60, marker=f"${digit}$", color=plt.cm.tab10(digit))
        axis.set_title(title)
        axis.axis("off")
    plt.show()

# %% [markdown] text="classifier-story"
# ## 2. A frozen base, a new head
#
# Now put a head of your own on the base. What it looks like is up to you; a dense layer with a softmax is enough.
#
# Two things decide whether this is transfer learning, or just a strange way to begin:
#
# **Freeze the base.** The head starts at random, so its first gradients are nonsense. Without protection they would
# flow down into the base and undo within a few steps what 37,000 letters have taught it. `base.trainable = False` takes
# all of its weights out of the optimizer's hands.
#
# **Keep batch normalisation in inference mode.** A batch normalisation layer has two kinds of weights: a scale and a
# shift, which are learned, and the mean and variance of everything it has seen, which are *counted*. In training mode
# it normalises with the batch at hand and goes on counting. With twenty pictures that is a bad idea twice over: they
# are too few to estimate anything, and the counts from 37,000 letters, on which everything above relies, are
# overwritten. Freezing has an answer to this, too: in Keras a batch normalisation layer that is frozen works in
# inference mode, also while the rest of the model is trained. Keep that in mind for part 4.


# %% solution="build-classifier"
def build_classifier(base: keras.Model, num_classes: int) -> keras.Model:
    """Put a new head on a pretrained base.

    The base is frozen: training the classifier changes none of its weights, neither those that are learned nor those
    that batch normalisation counts.

    Args:
        base: A model from images of shape (batch, 8, 8, 1) to features, as `cut_base` makes it. It is used as it is,
            and not copied: `fine_tune` will be given the same object.
        num_classes: How many classes the head tells apart.

    Returns:
        A model from images to class probabilities of shape (batch, num_classes): each row is not negative and sums to
        1. Its new weights are trainable.
    """
    # BEGIN SOLUTION
    base.trainable = False
    images = keras.Input(shape=(8, 8, 1))
    return keras.Model(images, keras.layers.Dense(num_classes, activation="softmax")(base(images)))
    # END SOLUTION


# %% tests="classifier-tests" points=8
if __name__ == "__main__":
    frozen_base = cut_base(keras.models.load_model("letter_reader.keras"))
    untrained = build_classifier(frozen_base, 10)
    untrained.summary()
    probabilities = keras.ops.convert_to_numpy(untrained(few_images))
    assert probabilities.shape == (20, 10), f"expected shape (20, 10), received {probabilities.shape}"
    assert np.allclose(probabilities.sum(axis=1), 1.0, atol=1e-5), "each row of probabilities sums to 1"
    assert frozen_base.trainable_weights == [], "the base is frozen: nothing of it is left to train"
    assert untrained.trainable_weights != [], "the head is there to be trained"

# %% [markdown] text="train-head-story"
# ## 3. Twenty pictures
#
# Compile and fit, as always. Since only the head learns, a rate of 0.03 does no harm, and ten epochs of five small
# batches take a second.


# %% solution="train-head"
def train_head(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> dict[str, list[float]]:
    """Compile a classifier whose base is frozen, and train its head in place.

    Args:
        model: A classifier as `build_classifier` makes it.
        images: A few training images, shape (num_images, 8, 8, 1), ink in [0, 1].
        labels: Their classes, whole numbers from 0, shape (num_images,).

    Returns:
        The history: at least "loss", a list of the mean training loss of each epoch (two epochs or more). It falls to
        less than half of where it began. No weight of the base changes, not even what batch normalisation counts.
    """
    # BEGIN SOLUTION
    model.compile(keras.optimizers.Adam(learning_rate=0.03), "sparse_categorical_crossentropy")
    return model.fit(images, labels, batch_size=4, epochs=10, verbose=0).history
    # END SOLUTION


# %% text="train-classifier"
def share_right(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of images whose most probable class is their label."""
    probabilities = keras.ops.convert_to_numpy(model(images))
    return float(np.mean(probabilities.argmax(axis=1) == labels))


if __name__ == "__main__":
    base = cut_base(keras.models.load_model("letter_reader.keras"))
    base_before = base.get_weights()
    classifier = build_classifier(base, 10)
    head_history = train_head(classifier, few_images, few_labels)
    base_after_head = base.get_weights()
    with_head = share_right(classifier, validation_images, validation_labels)
    print(f"frozen base, new head: {with_head:.1%} of the validation digits right")

# %% tests="train-head-tests" points=8
if __name__ == "__main__":
    assert isinstance(head_history, dict), f"expected a dict, received {type(head_history).__name__}"
    assert head_history["loss"][-1] < head_history["loss"][0] / 2, "the loss should fall to less than half"
    for before, after in zip(base_before, base_after_head, strict=True):
        assert np.array_equal(before, after), "not a single weight of the base may have changed"

# %% [markdown] text="from-scratch-story"
# To see what the base is worth, here is a network of the same architecture that begins from scratch. It learns from the
# same twenty pictures, for as many steps.

# %% text="train-from-scratch"
if __name__ == "__main__":
    fresh = keras.models.clone_model(keras.models.load_model("letter_reader.keras"))
    scratch = keras.Model(fresh.input, keras.layers.Dense(10, activation="softmax")(fresh.get_layer("features").output))
    scratch.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    scratch.fit(few_images, few_labels, batch_size=4, epochs=10, verbose=0)
    from_scratch = share_right(scratch, validation_images, validation_labels)
    print(f"from scratch: {from_scratch:.1%} of the validation digits right")

# %% [markdown] text="fine-tune-story"
# ## 4. Fine-tuning
#
# The base still sees the world through the eyes of somebody who reads print. Can it be talked into seeing handwriting a
# little better? Now that the head knows what it is doing, its gradients are worth listening to. But carefully:
#
# * **Only the top.** Block 1 finds edges, and edges are the same everywhere. The further up, the more a layer has
#   specialised in letters. So unfreeze the convolution of block 3, `block3_conv`, alone. (Setting `base.trainable` sets
#   all of its layers; set single layers after that, each with a `trainable` of its own.)
# * **Not the counts.** Unfreeze `block3_norm` as well, and it begins to count, as in part 2. Leave it frozen.
# * **Only a little.** Twenty pictures must not outvote 37,000. Take a learning rate ten to a hundred times smaller than
#   for the head.
# * **Compile again.** What can be trained is settled in `compile`. Without it, `fit` goes on as before, and your
#   change has no effect.
#
# (Many tutorials put `base(images, training=False)` into the model, and unfreeze the normalisation with the rest. With
# the version of Keras used here that protects nothing: `fit` calls the model with `training=True`, a functional model
# hands this on to all of its layers, and yours is overruled. The figures after the next cell would show it.)


# %% solution="fine-tune"
def fine_tune(model: keras.Model, base: keras.Model, images: np.ndarray, labels: np.ndarray) -> dict[str, list[float]]:
    """Train the top of the base together with the head, in place, at a low learning rate.

    Of the base, the kernel of `block3_conv` learns. It moves, but at most 0.2 times as far as it is large (norm of the
    difference by norm of the kernel before). Blocks 1 and 2 stay as they are, to the last bit, and so does what batch
    normalisation counts in any block. (The scale and shift of `block3_norm` may learn, as long as it does not count.)

    Args:
        model: A classifier as `build_classifier` made it of `base`, its head trained.
        base: The base in it.
        images: The training images, shape (num_images, 8, 8, 1), ink in [0, 1].
        labels: Their classes, whole numbers from 0, shape (num_images,).

    Returns:
        The history: at least "loss", a list of the mean training loss of each epoch (two epochs or more).
    """
    # BEGIN SOLUTION
    base.trainable = True
    for layer in base.layers:
        layer.trainable = layer.name == "block3_conv"
    model.compile(keras.optimizers.Adam(learning_rate=0.001), "sparse_categorical_crossentropy")
    return model.fit(images, labels, batch_size=4, epochs=6, verbose=0).history
    # END SOLUTION


# %% text="fine-tune-classifier"
if __name__ == "__main__":
    tune_history = fine_tune(classifier, base, few_images, few_labels)

    moved = {
        weight.path: np.linalg.norm(after - before) / np.linalg.norm(before)
        for weight, before, after in zip(base.weights, base_before, base.get_weights(), strict=True)
    }
    print("how far each weight of the base has moved, by its own size:")
    for path, distance in moved.items():
        print(f"  {path:<30}{distance:>7.3f} {'█' * int(100 * distance)}")
    fine_tuned = share_right(classifier, validation_images, validation_labels)
    print(f"fine-tuned: {fine_tuned:.1%} of the validation digits right")

# %% tests="fine-tune-tests" points=10
if __name__ == "__main__":
    assert len(tune_history["loss"]) >= 2, "a loss for each epoch, two or more"
    assert 0 < moved["block3_conv/kernel"] <= 0.2, "block 3's kernel should move, by at most 0.2 of its size"
    for path, distance in moved.items():
        if not path.startswith("block3") or "moving" in path:
            assert distance == 0, f"{path} should not have changed"

# %% [markdown] text="result-story"
# ## 5. The result
#
# It is `classifier`, as the notebook leaves it, that is now asked about 449 digits that neither of you has met. What
# the best network reaches that we could train on the same twenty pictures from scratch, 79 %, earns nothing here (we
# tried eight architectures with three learning rates each); 81 % earns everything. More than 82 % of the validation
# digits right is a good sign.

# %% text="three-networks"
if __name__ == "__main__":
    shares = {"from scratch": from_scratch, "frozen base, new head": with_head, "fine-tuned": fine_tuned}
    for network, share in shares.items():
        print(f"{network:<24}{share:.1%} of the validation digits right")

# %% tests="accuracy-tests" points=6
if __name__ == "__main__":
    right = share_right(classifier, validation_images, validation_labels)
    assert right > from_scratch, f"more than from scratch ({from_scratch:.1%}) should be right, not {right:.1%}"

# %% [markdown] text="imagenet-story"
# ### The same thing, larger
#
# Nothing in your four functions is about letters. With a connection to the internet, this is how one begins with a
# network that has seen 1.3 million photographs (MobileNetV2, Sandler and others, 2018). `include_top=False` has the
# head cut off already, and `pooling="avg"` makes its features a vector:
#
# ```python
# base = keras.applications.MobileNetV2(input_shape=(96, 96, 3), include_top=False, pooling="avg", weights="imagenet")
# ```
#
# Its layers have other names, its images are 96 x 96 pixels in colour, scaled to [-1, 1], and it has 2.3 million
# weights: that is all that changes.
#
# ## 6. Was it worth it?
#
# Compare three numbers on the validation digits: from scratch, with a frozen base, and after fine-tuning. Cutting and
# freezing probably gave you most of the gain, fine-tuning little or nothing.
#
# In four to eight sentences: **why does a base that has only seen printed letters help with handwritten digits, why
# does fine-tuning add so little here, and what would have to be different for it to add more?** Use your own numbers.

# %% [markdown] answer="was-it-worth-it" points=2
# The base helps because its features are not about letters but about what signs are made of: edges, strokes, bends and
# loops, and these are the same in print and in handwriting. The 26,000 weights that describe them were settled by
# 37,000 letters, so the twenty digits only have to settle the 650 weights of the head, and digits of one kind already
# lie close together in the features. From scratch, twenty pictures have to settle everything, and the network learns
# them by heart.
#
# Fine-tuning opens the 18,000 weights of block 3 to the same twenty pictures. They are classified correctly already, so
# the loss is small and so are its gradients, and what little is learned fits these twenty rather than digits in
# general; a low rate keeps it from doing harm and from doing much good. It would add more with more labelled digits
# (hundreds in place of twenty), or if the new images were less like the old ones, so that the features of the top block
# really did not fit: photographs of house numbers, say.
#
# Marking: 1 point for the first question (features that both worlds share, and that few weights are left to learn from
# few examples; half a point for either). 1 point for the others: half for a reason why little is gained (too few
# examples for so many weights, or features that fit already, or a loss that is small already), half for a condition
# under which more would be (more data, a larger difference between the two worlds). Take off half a point if no number
# of the student's own is used. Somebody whose fine-tuning did help, or hurt, and who argues from that is right too.
