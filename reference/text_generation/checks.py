"""Hidden checks of `text_generation`: run outside the sandbox, with stories and answers that never enter it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from autograder.checks import (
    Failure,
    Layer,
    Model,
    Student,
    attention,
    attention_weights,
    check,
    expect_batch_independent,
    expect_causal,
    expect_close,
    expect_error_at_most,
    expect_finite,
    expect_frequencies,
    expect_gradients_close,
    expect_gradients_reach,
    expect_history,
    expect_layer,
    expect_model,
    expect_no_use_of,
    expect_num_params_at_most,
    expect_positions_matter,
    expect_shape,
    expect_weights_moved,
    hidden_data,
    learning_curve,
    note_measured,
    received,
)

DATA = Path(__file__).parent / "data" / "hidden.npz"
STORIES = hidden_data(DATA, "words", "next_words")
with np.load(DATA) as known:
    UNIGRAMS, BIGRAMS, RULE = (float(known[name]) for name in ("unigram_loss", "bigram_loss", "rule_loss"))

WORDS, CONTEXT = 35, 32
MOST_WEIGHTS = 200_000
SURPRISE = 0.02  # nats per word: 19,200 words are guessed better than by the rule by so much with no luck at all
LEARNED = 0.8  # of the loss of guessing
READY_MADE = ("MultiHeadAttention", "Attention", "AdditiveAttention", "GroupedQueryAttention", "dot_product_attention")


# 1. Looking back


@check(cell="causal-mask-tests")
def lets_each_word_look_back(student: Student) -> None:
    """`causal_mask` lets each word look at itself and at all before it, and at none after it."""
    for length in (1, 4, 13):
        allowed = np.arange(length)[:, None] >= np.arange(length)
        hint = "Row i belongs to the word that looks, column j to the word that is looked at."
        expect_close(student.call("causal_mask", length), allowed, f"causal_mask({length})", show=True, hint=hint)


@check(cell="attention-tests", weight=3)
def attention_equals_the_formula(student: Student) -> None:
    """`attention` equals the formula for random queries, keys, values and masks, of any sizes."""
    expect_own_work(student)
    for sizes in ((1, 1, 3, 3, 4, 4), (2, 3, 5, 5, 8, 8), (2, 2, 4, 7, 3, 6), (1, 2, 6, 1, 16, 2)):
        queries, keys, values, mask = questions(student, *sizes)
        found = student.call("attention", queries, keys, values, mask)
        what = f"attention of queries {queries.shape}, keys {keys.shape}, values {values.shape}"
        expect_close(found, attention(queries, keys, values, mask), what, rtol=1e-4, atol=1e-4, hint=FORMULA)


@check(cell="attention-tests")
def attention_ignores_what_the_mask_forbids(student: Student) -> None:
    """What the mask forbids has no weight at all, and the weights of the rest still sum to 1."""
    expect_own_work(student)
    queries, keys, values, mask = questions(student, 2, 2, 5, 5, 4, 3)
    mask = np.tril(np.ones((5, 5), dtype=bool))
    found = expect_shape(student.call("attention", queries, keys, values, mask), (2, 2, 5, 3), "the result")
    hint = "The mask acts on the scores, before the softmax: afterwards the weights no longer sum to 1."
    expect_close(found[:, :, 0], values[:, :, 0], "what the first word takes when it sees only itself", hint=hint)
    keys[:, :, 3:], values[:, :, 3:] = 50.0, 1000.0
    again = expect_shape(student.call("attention", queries, keys, values, mask), (2, 2, 5, 3), "the result")
    what = "what three words take when keys and values they may not look at become large"
    expect_close(again[:, :, :3], found[:, :, :3], what, hint=hint)
    ones = np.ones_like(values)
    expect_close(student.call("attention", queries, keys, ones, mask), ones, "the mean of values that are all 1")


@check(cell="attention-tests")
def attention_bears_large_scores(student: Student) -> None:
    """`attention` stays finite, and right, where scores are in the hundreds."""
    expect_own_work(student)
    queries, keys, values, mask = questions(student, 1, 2, 4, 6, 4, 4)
    # Whole numbers: their scores are exact in float32, and differ by far more than rounding could blur.
    queries, keys = np.round(15 * queries), np.round(15 * keys)
    found = expect_finite(student.call("attention", queries, keys, values, mask), "attention with large scores")
    hint = "exp of a large number overflows; `keras.ops.softmax` knows how to avoid that."
    expect_close(found, attention(queries, keys, values, mask), "attention with large scores", rtol=1e-3, hint=hint)


@check(cell="attention-tests")
def gradients_flow_through_attention(student: Student) -> None:
    """Gradients flow through `attention` to queries, keys and values, and equal those of the formula."""
    expect_own_work(student)
    queries, keys, values, mask = questions(student, 2, 2, 4, 5, 3, 6)
    cotangent = student.rng.normal(size=(2, 2, 4, 6)).astype("float32")
    found = student.gradients_of("attention", (queries, keys, values, mask), cotangent, wrt=[0, 1, 2])
    names = ("queries", "keys", "values")
    right = attention_gradients(queries, keys, values, mask, cotangent)
    expect_gradients_close(dict(zip(names, found, strict=True)), dict(zip(names, right, strict=True)))


def attention_gradients(
    queries: np.ndarray, keys: np.ndarray, values: np.ndarray, mask: np.ndarray, cotangent: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of sum(attention * cotangent) for queries, keys and values; a test holds them against Keras."""
    scale, weights = queries.shape[-1] ** -0.5, attention_weights(queries, keys, mask)
    by_weight = cotangent @ values.swapaxes(-1, -2)
    by_score = scale * weights * (by_weight - (weights * by_weight).sum(axis=-1, keepdims=True))
    return by_score @ keys, by_score.swapaxes(-1, -2) @ queries, weights.swapaxes(-1, -2) @ cotangent


def questions(
    student: Student, batch: int, heads: int, num_queries: int, num_keys: int, depth: int, value_depth: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw queries, keys, values, and a mask that lets each query look at one key at least."""
    queries = student.rng.normal(size=(batch, heads, num_queries, depth)).astype("float32")
    keys = student.rng.normal(size=(batch, heads, num_keys, depth)).astype("float32")
    values = student.rng.normal(size=(batch, heads, num_keys, value_depth)).astype("float32")
    mask = student.rng.random((num_queries, num_keys)) < 0.6
    mask[np.arange(num_queries), student.rng.integers(0, num_keys, num_queries)] = True
    return queries, keys, values, mask


def expect_own_work(student: Student) -> None:
    """Expect that `attention` is not Keras's; no check of its own, for an empty cell uses no library either."""
    hint = "Here the formula is to be written out; in part 3 you may take what you like."
    expect_no_use_of(student.sources, READY_MADE, "`attention`", cells=["attention"], hint=hint)


FORMULA = "Follow the formula for one query and two keys by hand: scores, division, mask, softmax over the keys, mean."


# 2. Words and places


@check(cell="embedding-tests")
def gives_each_word_a_vector(student: Student) -> None:
    """The embedding gives a vector of the asked width for each word, in texts of any length up to the longest."""
    for vocab_size, max_length, width in ((7, 6, 8), (12, 3, 20)):
        embedding = expect_layer(student.call("TokenAndPositionEmbedding", vocab_size, max_length, width), EMBEDDING)
        for batch, length in ((2, max_length), (3, 1), (1, max_length - 1)):
            tokens = student.rng.integers(0, vocab_size, (batch, length))
            expect_shape(embedding(tokens), (batch, length, width), f"the embedding of texts {tokens.shape}")


@check(cell="embedding-tests", weight=3)
def adds_a_vector_for_the_place(student: Student) -> None:
    """A vector is that of its word plus that of its place: the same word differs from place to place, always alike."""
    vocab_size, max_length, width = 9, 7, 16
    embedding = expect_layer(student.call("TokenAndPositionEmbedding", vocab_size, max_length, width), EMBEDDING)
    everywhere = np.repeat(np.arange(vocab_size)[:, None], max_length, axis=1)
    shake(student, embedding, everywhere)
    grid = expect_shape(embedding(everywhere), (vocab_size, max_length, width), "the vectors of each word")
    size = float(np.abs(grid).mean())
    by_place = np.abs(grid[:, :, None] - grid[:, None]).mean(axis=(0, 3)) + size * np.eye(max_length)
    if by_place.min() < 0.01 * size:
        one, other = sorted(np.argwhere(by_place == by_place.min())[0].tolist())
        raise Failure(
            f"expected another vector for the same word at another place, received the same at places {one} and "
            f"{other} of {max_length}",
            "Is a vector for each of the places 0, 1, 2, ... added, and are all of them different?",
        )
    by_word = np.abs(grid[:, None] - grid[None]).mean(axis=(2, 3)) + size * np.eye(vocab_size)
    if by_word.min() < 0.01 * size:
        raise Failure("expected another vector for another word at the same place, received the same one")
    expected = grid[:1] + grid[:, :1] - grid[:1, :1]
    hint = "The place's vector does not depend on the word, nor on the words around: a plain sum."
    expect_close(grid, expected, "each vector, as its word's plus its place's", rtol=1e-3, atol=1e-3 * size, hint=hint)
    text = student.rng.integers(0, vocab_size, (5, max_length - 2))
    found = embedding(text)
    what = "the vectors of a text, as those of each word on its own"
    expect_close(found, grid[text, np.arange(max_length - 2)], what, rtol=1e-3, atol=1e-3 * size, hint=hint)


EMBEDDING = "what `TokenAndPositionEmbedding(...)` makes"


def shake(student: Student, layer: Layer, x: np.ndarray) -> None:
    """Build a layer by calling it on `x`, and give every weight that can learn another value.

    Some good layers begin as if they did nothing, because that trains better: parts of them start at zero. What a
    layer can see has to be asked of one that has learned something. No more than a little, though: with large weights
    the softmax of attention is all or nothing, and what it does look at drowns in rounding.
    """
    layer(x)
    layer.set_weights(
        [
            weight.value + weight.trainable * student.rng.normal(scale=0.05, size=weight.value.shape).astype("float32")
            for weight in layer.weights()
        ]
    )


# 3. Look, then think


@check(cell="block-tests")
def block_keeps_the_shape(student: Student) -> None:
    """The block keeps the shape, for texts of any length, widths and numbers of heads."""
    for width, num_heads in ((8, 1), (12, 3), (16, 4)):
        layer = block(student, width, num_heads)
        for shape in ((2, 6, width), (1, 1, width), (3, 9, width)):
            expect_finite(expect_shape(layer(vectors(student, shape)), shape, f"the block's output for {shape}"))


@check(cell="block-tests", weight=2)
def block_never_looks_ahead(student: Student) -> None:
    """What comes out for a word does not depend on any word after it."""
    x, other = vectors(student, (2, 7, 12)), vectors(student, (2, 7, 12))
    layer = block(student, 12, 3)
    shake(student, layer, x)
    expect_causal(layer, x, other)


@check(cell="block-tests", weight=2)
def block_looks_at_every_word_before(student: Student) -> None:
    """What comes out for a word depends on every word before it, however far back."""
    layer = block(student, 12, 3)
    x = vectors(student, (1, 6, 12))
    shake(student, layer, x)
    expect_every_step_to_matter(lambda one: layer(one), x, vectors(student, (1, 6, 12)))


@check(cell="block-tests")
def block_has_no_sense_of_order(student: Student) -> None:
    """When two earlier words change places, nothing changes for the last one; other texts of the batch never matter."""
    layer = block(student, 12, 3)
    x = vectors(student, (3, 6, 12))
    shake(student, layer, x)
    expect_batch_independent(layer, x)
    last = expect_shape(layer(x), (3, 6, 12), "the block's output")[:, -1]
    swapped = expect_shape(layer(x[:, [3, 1, 2, 0, 4, 5]]), (3, 6, 12), "the block's output")[:, -1]
    hint = "Split into heads by a reshape and then a transpose; a reshape alone mixes words and heads."
    what = "the last word's output when words 0 and 3 change places"
    expect_close(swapped, last, what, rtol=1e-3, atol=1e-4, hint=hint)


@check(cell="block-tests", evidence="reported")
def block_learns_with_every_weight(student: Student) -> None:
    """Every weight of the block can learn."""
    layer = block(student, 12, 3)
    x = vectors(student, (4, 6, 12))
    shake(student, layer, x)
    expect_every_weight_to_learn(student, layer, x, "the block")


def block(student: Student, width: int, num_heads: int) -> Layer:
    """Ask for a block."""
    return expect_layer(student.call("DecoderBlock", width, num_heads), "what `DecoderBlock(...)` makes")


def vectors(student: Student, shape: tuple[int, ...]) -> np.ndarray:
    """Draw vectors for words."""
    return student.rng.normal(size=shape).astype("float32")


def expect_every_step_to_matter(f: Callable[[np.ndarray], object], x: np.ndarray, replacement: np.ndarray) -> None:
    """Expect that each output depends on each step up to its own: replace them one by one, in one batch.

    Args:
        f: Gives an output for each step.
        x: Inputs, shape (1, time, ...).
        replacement: Other inputs of the same shape.
    """
    num_steps = x.shape[1]
    one_changed = np.repeat(x, num_steps, axis=0)
    one_changed[np.arange(num_steps), np.arange(num_steps)] = replacement[0]
    outputs = expect_finite(f(np.concatenate([x, one_changed])), "the output for each word")
    expect_shape(outputs, (1 + num_steps, num_steps, None), "the output for each word")
    # Every word takes part by one in a hundred or more (blocks of all kinds, see `shake`); rounding is a millionth.
    differ = np.abs(outputs[1:] - outputs[:1]).max(axis=2) > 1e-4 * np.abs(outputs[0]).mean()
    for step in range(num_steps):
        blind = np.flatnonzero(~differ[step, step:])
        if blind.size:
            raise Failure(
                f"expected the output for word {step + blind[0]} to depend on word {step}, received the same when word "
                f"{step} is another",
                "Is every earlier word allowed by the mask, and are words and heads kept apart when they are split?",
            )


def waves(table: np.ndarray) -> bool:
    """Whether this is a table of sines and cosines: sin^2 + cos^2 = 1, so all rows are equally long."""
    lengths = np.linalg.norm(table, axis=1) if table.ndim == 2 else np.zeros(1)
    return bool(len(lengths) > 1 and lengths.min() > 0.0 and np.ptp(lengths) < 1e-3 * lengths.max())


def expect_every_weight_to_learn(student: Student, layer: Layer, x: np.ndarray, what: str) -> None:
    """Expect that no weight is frozen but fixed sines and cosines, and that a gradient reaches each of the others.

    Biases are excused: one that is added to all keys changes no softmax, so its gradient is zero.
    """
    learned = [w for w in layer.weights() if w.value.dtype.kind == "f" and (w.trainable or not waves(w.value))]
    if frozen := [weight.path for weight in learned if not weight.trainable]:
        raise Failure(f"expected {what} to have weights that can all learn, received a frozen one: {frozen[0][:60]}")
    outputs = expect_finite(layer(x), f"the output of {what}")
    found = layer.gradients_of(x, student.rng.normal(size=outputs.shape).astype("float32")).weights
    expect_gradients_reach(
        {weight.path: found.get(weight.path) for weight in learned},
        what=f"the output of {what}",
        but_for=[weight.path for weight in learned if weight.value.ndim < 2],
    )


# 4. The whole network


@check(cell="model-tests")
def gives_a_score_for_each_next_word(student: Student) -> None:
    """The model gives a logit for each word at each place, for any batch, and other sizes than the lab's."""
    # Called, not asked by `predict`, which would be traced anew for each batch; what `writer` predicts is asked below.
    model = language_model(student, 11, 9)
    for batch in (1, 5):
        texts = student.rng.integers(0, 11, (batch, 9))
        expect_finite(expect_shape(model(texts), (batch, 9, 11), "the model's output"))
    shake(student, model, texts)
    outputs = expect_shape(model(texts), (5, 9, 11), "the model's output")
    if outputs.min() >= 0 and np.abs(outputs.sum(axis=-1) - 1).max() < 1e-3:
        raise Failure(
            "expected logits, received probabilities: none negative, each row summing to 1",
            "Leave the softmax to the loss: `from_logits=True` there, and no activation in the last layer.",
        )


@check(cell="model-tests")
def stays_within_the_weight_budget(student: Student) -> None:
    """In the lab's size the model has at most 200,000 weights, and they exist when it is returned."""
    expect_num_params_at_most(language_model(student, WORDS, CONTEXT), MOST_WEIGHTS)


@check(cell="model-tests", weight=2)
def model_never_looks_ahead(student: Student) -> None:
    """The guess at a place does not depend on any word after it, and it does depend on every word before it."""
    model = language_model(student, 11, 9)
    texts = student.rng.integers(0, 11, (2, 9))
    shake(student, model, texts)
    expect_causal(model, texts, (texts + 1 + student.rng.integers(0, 10, (2, 9))) % 11)
    expect_every_step_to_matter(model, texts[:1], (texts[:1] + 1 + student.rng.integers(0, 10, (1, 9))) % 11)


@check(cell="model-tests", weight=2)
def model_knows_the_order(student: Student) -> None:
    """The guess depends on the order of the words before, not only on which there are."""
    model = language_model(student, 11, 9)
    texts = student.rng.permutation(11)[None, :9]
    shake(student, model, texts)
    expect_positions_matter(model, texts, absolute=True)


@check(cell="model-tests", evidence="reported")
def model_learns_with_every_weight(student: Student) -> None:
    """Every weight of the model can learn, but for fixed sines and cosines."""
    model = language_model(student, 11, 9)
    texts = student.rng.integers(0, 11, (16, 9))
    shake(student, model, texts)
    expect_every_weight_to_learn(student, model, texts, "the model")


def language_model(student: Student, vocab_size: int, length: int) -> Model:
    """Ask for a model."""
    return expect_model(student.call("build_language_model", vocab_size, length), "what `build_language_model` returns")


# 5. Training


@check(cell="train-tests", weight=2, seconds=60)
def trains_the_model_it_is_given(student: Student) -> None:
    """`train` teaches the given model, in place, to predict the *next* word of the given texts (here: made-up)."""
    model = language_model(student, 12, 16)
    follows = student.rng.permutation(12)
    new_texts = chains(student, follows, 100)
    before = model.weights()
    student.call("train", model, chains(student, follows, 300))
    expect_weights_moved(before, model.weights(), "`train`")
    logits = expect_shape(model(new_texts[:, :-1]), (100, 16, 12), "the trained model's output")
    found, guessing = loss_of(logits, new_texts[:, 1:]), float(np.log(12))
    note_measured("the loss on made-up texts, of that of guessing", found / guessing, full_at=LEARNED)
    if not found < LEARNED * guessing:
        raise Failure(
            f"expected a loss well below that of guessing, {guessing:.2f}, on new texts in which most words are always "
            f"followed by the same one; received {found:.2f} after training",
            "Does `train` use the texts it is given, each word's target being the next word, and a loss for logits?",
        )


def chains(student: Student, follows: np.ndarray, num_texts: int, length: int = 17) -> np.ndarray:
    """Make texts in which word w is followed by follows[w], but for one time in ten."""
    texts = student.rng.integers(0, len(follows), (num_texts, length))
    for place in range(1, length):
        usual = student.rng.random(num_texts) < 0.9
        texts[:, place] = np.where(usual, follows[texts[:, place - 1]], texts[:, place])
    return texts


@check(cell="train-tests", evidence="reported")
def tells_how_the_loss_fell(student: Student) -> None:
    """`train` returned the loss of each epoch, and it fell."""
    losses = expect_history(student.value("history"), "loss", what="what `train` returned")
    student.show(learning_curve("Training loss", {"loss": losses}))
    if not losses[-1] < losses[0]:
        raise Failure(
            f"expected a loss that falls, received {losses[0]:.3g} in the first epoch and {losses[-1]:.3g} in the last",
            "A learning rate that is far too large makes the loss jump or grow; one of 0 leaves it as it is.",
        )


@check(cell="loss-tests")
def writer_never_looks_ahead(student: Student) -> None:
    """The trained model `writer` guesses each next word without having seen it."""
    writer = expect_model(student.value("writer"), "`writer`")
    texts = student.rng.integers(0, WORDS, (2, CONTEXT))
    expect_causal(writer, texts, (texts + 1 + student.rng.integers(0, WORDS - 1, texts.shape)) % WORDS)


@check(cell="loss-tests", hidden=True, needs=["writer_never_looks_ahead"])
def predicts_better_than_unigrams(student: Student) -> None:
    """On new stories the trained model predicts better than someone who knows how often each word occurs."""
    if not (found := hidden_loss(student)) < UNIGRAMS:
        raise Failure(
            f"expected a loss below {UNIGRAMS:.2f} on new stories, received {found:.2f}",
            "Is each word's target the word that follows it, and is the loss one for logits?",
        )


@check(cell="loss-tests", weight=4, hidden=True, needs=["writer_never_looks_ahead"])
def comes_close_to_the_rule(student: Student) -> None:
    """On new stories the trained model comes near the rule's own loss: full marks for half of the way from bigrams."""
    found = hidden_loss(student)
    if found < RULE - SURPRISE:
        raise Failure(
            f"expected a loss of {RULE:.2f} at best, which is that of the rule itself, received {found:.2f}",
            "Nobody can know chance: the model must have seen the words it was to guess.",
        )
    expect_error_at_most(
        found,
        "the loss on new stories",
        zero_at=BIGRAMS,
        full_at=BIGRAMS - 0.5 * (BIGRAMS - RULE),
        baselines={"unigrams": UNIGRAMS, "bigrams": BIGRAMS, "the rule itself": RULE},
    )


def hidden_loss(student: Student) -> float:
    """Ask `writer` about all hidden stories; its mean loss in nats per word."""
    measured = student.measure(expect_model(student.value("writer"), "`writer`"), STORIES, batch_size=128)
    logits = expect_shape(measured.outputs, (len(measured), CONTEXT, WORDS), "what `writer` makes of stories")
    return loss_of(logits, measured.answers)


def loss_of(logits: np.ndarray, targets: np.ndarray) -> float:
    """Mean cross-entropy of the targets, in nats."""
    highest = expect_finite(logits, "the logits").max(axis=-1, keepdims=True)
    scores = logits - highest
    chosen = np.take_along_axis(scores, targets[..., None], axis=-1)[..., 0]
    return float((np.log(np.exp(scores).sum(axis=-1)) - chosen).mean())


# 6. Writing
#
# Frequencies are tested at the level of one false alarm in a million each.


@check(cell="sample-tests")
def draws_one_word_for_each_row(student: Student) -> None:
    """`sample` draws a whole number for each row, each row independently, and others at every call."""
    logits = np.zeros((400, 30))
    first, second = (drawn(student, logits) for _ in range(2))
    if np.array_equal(first, second):
        raise Failure(
            "expected other words when the same is asked again, received the very same 400 words",
            "A generator that is seeded inside the function draws the same numbers at every call.",
        )
    expect_frequencies(np.concatenate([first, second]), np.full(30, 1 / 30), "the word drawn from equal logits")
    scores = student.rng.normal(size=(300, 30)) + 50 * np.eye(30)[np.arange(300) % 30]
    expect_close(drawn(student, scores), np.arange(300) % 30, "the words drawn where each row has one far ahead")


@check(cell="sample-tests", weight=2)
def temperature_sharpens_and_flattens(student: Student) -> None:
    """Words come as often as the softmax of logits / temperature says: at 1, below, and above."""
    for temperature in (1.0, 0.4, 3.0):
        logits = student.rng.normal(scale=1.5, size=6) - 2.0
        expect_drawn(student, logits, temperature=temperature)


@check(cell="sample-tests", weight=2)
def top_k_cuts_off_the_tail(student: Student) -> None:
    """With `top_k` only the words with the largest logits come, as often as their softmax says."""
    for temperature, top_k in ((1.0, 2), (0.6, 4), (2.0, 6)):
        logits = student.rng.permutation(np.arange(6) * 0.5 - 4.0)  # all negative: 0 is no small logit
        expect_drawn(student, logits, temperature=temperature, top_k=top_k)
    scores = student.rng.normal(size=(200, 20))
    what = "the words drawn with top_k=1"
    expect_close(drawn(student, scores, top_k=1), scores.argmax(axis=-1), what, hint="Each row has its own best word.")


@check(cell="sample-tests")
def bears_a_temperature_near_zero(student: Student) -> None:
    """At a temperature near 0 the likeliest word comes, however large logits / temperature is."""
    scores = student.rng.permuted(np.tile(np.linspace(-60.0, 60.0, 13), (100, 1)), axis=-1)
    found = drawn(student, scores, temperature=0.01)
    hint = "exp of a large number overflows: subtract the row's maximum first."
    expect_close(found, scores.argmax(axis=-1), "the words drawn at temperature 0.01", hint=hint)


def expect_drawn(student: Student, logits: np.ndarray, temperature: float, top_k: int | None = None) -> None:
    """Ask for many draws from one row of logits, and compare how often each word came."""
    words = drawn(student, np.tile(logits, (5000, 1)), temperature=temperature, top_k=top_k)
    smallest_kept = np.sort(logits)[-(top_k or len(logits))]
    weights = np.where(logits >= smallest_kept, np.exp((logits - logits.max()) / temperature), 0.0)
    what = f"the word drawn from {np.round(logits, 2).tolist()} with temperature={temperature}, top_k={top_k}"
    expect_frequencies(words, weights / weights.sum(), what)


def drawn(student: Student, logits: np.ndarray, **how: float | None) -> np.ndarray:
    """Ask `sample`, and expect one whole number for each row."""
    words = student.call("sample", logits, **how)
    found = expect_shape(words, (len(logits),), f"what `sample` draws for {len(logits)} rows")
    if np.asarray(words).dtype.kind not in "iu":
        raise Failure(f"expected whole numbers, the words' places in the vocabulary, received {received(words)}")
    return found
