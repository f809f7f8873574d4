"""Solutions of `text_generation` that must lose marks, each a mistake students make, and right ones that must not."""

from __future__ import annotations

from pathlib import Path

from autograder.audit import reference_cells, replaced, right, wrong

CELLS = reference_cells(Path(__file__).parent)

EMBEDDING_HEADER = """class TokenAndPositionEmbedding(keras.layers.Layer):
    def __init__(self, vocab_size, max_length, width, **kwargs):
        super().__init__(**kwargs)
"""
BLOCK_HEADER = """class DecoderBlock(keras.layers.Layer):
    def __init__(self, width, num_heads, **kwargs):
        super().__init__(**kwargs)
"""
MODEL_HEADER = "def build_language_model(vocab_size: int, length: int) -> keras.Model:\n"
TRAIN_HEADER = "def train(model: keras.Model, stories: np.ndarray) -> dict[str, list[float]]:\n"
SAMPLE_HEADER = "def sample(logits, temperature=1.0, top_k=None):\n"


# 1. Looking back


@wrong(loses=["causal-mask-tests", "block-tests", "model-tests", "loss-tests"])
def looks_ahead_only() -> dict[str, str]:
    """Turns the mask round: each word sees itself and what comes after."""
    return {"attention": replaced(CELLS["attention"], ("places[:, None] >=", "places[:, None] <="))}


@wrong(loses=["causal-mask-tests", "block-tests"])
def may_not_look_at_itself() -> dict[str, str]:
    """Off by one: a word sees what comes before it, but not itself; the first word sees nothing."""
    return {"attention": replaced(CELLS["attention"], ("places[:, None] >=", "places[:, None] >"))}


@wrong(loses=["causal-mask-tests", "block-tests", "model-tests", "loss-tests"])
def sees_one_word_ahead() -> dict[str, str]:
    """Off by one the other way: each word also sees the next, the one to be guessed."""
    return {"attention": replaced(CELLS["attention"], ("places[:, None] >=", "places[:, None] + 1 >="))}


@wrong(loses=["attention-tests"])
def scores_not_scaled() -> dict[str, str]:
    """Forgets to divide the scores by the square root of the depth."""
    return {"attention": replaced(CELLS["attention"], (" / queries.shape[-1] ** 0.5", ""))}


@wrong(loses=["attention-tests"])
def divided_by_the_depth() -> dict[str, str]:
    """Divides by the depth instead of its square root."""
    return {"attention": replaced(CELLS["attention"], ("queries.shape[-1] ** 0.5", "queries.shape[-1]"))}


@wrong(loses=["attention-tests"])
def softmax_over_the_queries() -> dict[str, str]:
    """Takes the softmax along the wrong axis: columns sum to 1, rows do not."""
    return {"attention": replaced(CELLS["attention"], ("-1e9), axis=-1)", "-1e9), axis=-2)"))}


@wrong(loses=["attention-tests"])
def masked_after_the_softmax() -> dict[str, str]:
    """Multiplies the weights by the mask after the softmax: what is left no longer sums to 1."""
    return {
        "attention": replaced(
            CELLS["attention"],
            (
                "keras.ops.softmax(keras.ops.where(mask, scores, -1e9), axis=-1)",
                'keras.ops.softmax(scores, axis=-1) * keras.ops.cast(mask, "float32")',
            ),
        )
    }


@wrong(loses=["attention-tests", "block-tests"])
def forbidden_scores_are_zero() -> dict[str, str]:
    """Sets forbidden scores to 0, which is a score like any other."""
    return {"attention": replaced(CELLS["attention"], ("scores, -1e9)", "scores, 0.0)"))}


@wrong(loses=["attention-tests", "block-tests"])
def mask_means_forbidden() -> dict[str, str]:
    """Reads the mask the other way round: True is what may not be looked at."""
    return {"attention": replaced(CELLS["attention"], ("where(mask, scores, -1e9)", "where(mask, -1e9, scores)"))}


@wrong(loses=["attention-tests"])
def softmax_by_hand_overflows() -> dict[str, str]:
    """Writes the softmax with a plain exp, which overflows where scores are large."""
    return {
        "attention": replaced(
            CELLS["attention"],
            (
                "weights = keras.ops.softmax(keras.ops.where(mask, scores, -1e9), axis=-1)",
                "weights = keras.ops.exp(keras.ops.where(mask, scores, -1e9))\n"
                "    weights = weights / keras.ops.sum(weights, axis=-1, keepdims=True)",
            ),
        )
    }


@wrong(loses=["attention-tests", "block-tests"])
def attention_in_numpy() -> dict[str, str]:
    """Right numbers, written in NumPy: no gradient comes through, and queries and keys never learn."""
    return {
        "attention": replaced(
            CELLS["attention"],
            (
                "scores = keras.ops.matmul(queries,",
                "queries, keys = np.array(queries), np.array(keys)\n    scores = keras.ops.matmul(queries,",
            ),
        )
    }


@wrong(loses=["attention-tests"])
def keras_does_the_work() -> dict[str, str]:
    """Calls Keras's own attention where the formula was to be written."""
    return {
        "attention": replaced(
            CELLS["attention"],
            (
                CELLS["attention"][CELLS["attention"].index("    scores = ") :],
                "    queries, keys, values = (keras.ops.swapaxes(one, 1, 2) for one in (queries, keys, values))\n"
                "    mask = keras.ops.convert_to_tensor(mask)[None, None]\n"
                "    found = keras.ops.dot_product_attention(queries, keys, values, mask=mask)\n"
                "    return keras.ops.swapaxes(found, 1, 2)\n",
            ),
        )
    }


# 2. Words and places


@wrong(loses=["embedding-tests", "model-tests"])
def places_forgotten() -> dict[str, str]:
    """Embeds the words and forgets their places: to the model every story is a bag of words."""
    return {
        "embedding": replaced(CELLS["embedding"], (" + self.places(keras.ops.arange(tokens.shape[1]))", "")),
    }


@wrong(loses=["embedding-tests", "model-tests"])
def one_place_for_all() -> dict[str, str]:
    """Looks up place 0 for every word, as if all stood at the beginning."""
    return {
        "embedding": replaced(
            CELLS["embedding"], ("keras.ops.arange(tokens.shape[1])", "keras.ops.zeros(tokens.shape[1], dtype=int)")
        ),
    }


@wrong(loses=["embedding-tests"])
def places_by_word() -> dict[str, str]:
    """Looks the place's vector up by the word's number."""
    return {
        "embedding": replaced(
            CELLS["embedding"], ("self.places(keras.ops.arange(tokens.shape[1]))", "self.places(tokens)")
        ),
    }


@wrong(loses=["embedding-tests"])
def places_multiplied() -> dict[str, str]:
    """Multiplies the word's vector by the place's instead of adding it."""
    return {"embedding": replaced(CELLS["embedding"], ("self.words(tokens) +", "self.words(tokens) *"))}


@wrong(loses=["embedding-tests", "model-tests"])
def places_as_the_raw_number() -> dict[str, str]:
    """Adds the number of the batch's row where the place's belongs."""
    return {
        "embedding": replaced(
            CELLS["embedding"],
            (
                "self.places(keras.ops.arange(tokens.shape[1]))",
                'keras.ops.cast(keras.ops.arange(keras.ops.shape(tokens)[0]), "float32")[:, None, None]',
            ),
        )
    }


# 3. Look, then think


@wrong(loses=["block-tests", "model-tests", "loss-tests"])
def mask_left_out() -> dict[str, str]:
    """Lets every word see the whole text: the training loss is wonderful, and the model cannot write."""
    return {
        "block": replaced(CELLS["block"], ("causal_mask(length))", "np.ones((length, length), dtype=bool))")),
    }


@wrong(loses=["block-tests"])
def heads_by_reshape_alone() -> dict[str, str]:
    """Splits into heads by a reshape without exchanging axes: words and heads get mixed up."""
    return {
        "block": replaced(
            CELLS["block"],
            (
                "(-1, length, self.num_heads, self.width // self.num_heads))\n"
                "            return keras.ops.transpose(heads, (0, 2, 1, 3))",
                "(-1, self.num_heads, length, self.width // self.num_heads))\n            return heads",
            ),
            (
                "keras.ops.transpose(attention(queries, keys, values, causal_mask(length)), (0, 2, 1, 3))",
                "attention(queries, keys, values, causal_mask(length))",
            ),
        )
    }


@wrong(loses=["block-tests"])
def heads_not_joined_again() -> dict[str, str]:
    """Splits rightly, but joins the heads by a reshape without exchanging the axes back."""
    return {
        "block": replaced(
            CELLS["block"],
            (
                "keras.ops.transpose(attention(queries, keys, values, causal_mask(length)), (0, 2, 1, 3))",
                "attention(queries, keys, values, causal_mask(length))",
            ),
        )
    }


@wrong(loses=["block-tests", "model-tests"])
def normalised_over_the_text() -> dict[str, str]:
    """Normalises over all words of the text together: through the mean, every word sees the future."""
    return {
        "block": replaced(
            CELLS["block"],
            (
                "self.before_looking, self.before_thinking = keras.layers.LayerNormalization(), ",
                "self.before_looking, self.before_thinking = keras.layers.LayerNormalization(axis=(1, 2)), ",
            ),
        ),
    }


@wrong(loses=["block-tests"])
def thinks_without_looking() -> dict[str, str]:
    """Computes the attention and forgets to add it: each word only ever sees itself."""
    return {
        "block": replaced(
            CELLS["block"],
            (
                "        vectors = vectors + self.mix(",
                "        looked = vectors + self.mix(",
            ),
        ),
    }


# 4. The whole network


@wrong(loses=["model-tests"])
def probabilities_not_logits() -> dict[str, str]:
    """Ends in a softmax, and trains on probabilities, properly; `sample` then takes them for logits."""
    return {
        "model": replaced(
            CELLS["model"], ("keras.layers.Dense(vocab_size)", 'keras.layers.Dense(vocab_size, activation="softmax")')
        ),
        "train": replaced(CELLS["train"], ("from_logits=True", "from_logits=False")),
    }


@wrong(loses=["model-tests", "loss-tests"])
def guesses_the_last_word_only() -> dict[str, str]:
    """Averages over the text before the last layer: one guess for a story, seen by all places."""
    return {
        "model": replaced(
            CELLS["model"],
            (
                "    logits = ",
                "    mean = keras.layers.GlobalAveragePooling1D()(vectors)\n"
                "    vectors = keras.layers.RepeatVector(length)(mean)\n    logits = ",
            ),
        )
    }


@wrong(loses=["model-tests"])
def far_too_many_weights() -> dict[str, str]:
    """A width of 256: a million weights."""
    return {"model": replaced(CELLS["model"], ("width = 32", "width = 256"), ("range(2)", "range(1)"))}


@wrong(loses=["model-tests"])
def sizes_written_in() -> dict[str, str]:
    """Writes the lab's own sizes into the model and ignores its arguments."""
    return {
        "model": replaced(
            CELLS["model"],
            ("keras.Input(shape=(length,)", "keras.Input(shape=(32,)"),
            ("TokenAndPositionEmbedding(vocab_size, length, width)", "TokenAndPositionEmbedding(35, 32, width)"),
            ("keras.layers.Dense(vocab_size)", "keras.layers.Dense(35)"),
        )
    }


@wrong(loses=["loss-tests"])
def one_word_of_context() -> dict[str, str]:
    """No block at all: the bigram table as a network. It cannot see who the sentence is about."""
    return {"model": replaced(CELLS["model"], ("range(2)", "range(0)"))}


# 5. Training


@wrong(loses=["train-tests", "loss-tests"])
def targets_not_shifted() -> dict[str, str]:
    """Trains each word to predict itself: a wonderful loss, and nothing learned."""
    return {"train": replaced(CELLS["train"], ("stories[:, 1:]", "stories[:, :-1]"))}


@wrong(loses=["train-tests", "loss-tests"])
def shifted_backwards() -> dict[str, str]:
    """Shifts the wrong way: each word predicts the one before it."""
    return {
        "train": replaced(
            CELLS["train"], ("fit(stories[:, :-1], stories[:, 1:]", "fit(stories[:, 1:], stories[:, :-1]")
        )
    }


@wrong(loses=["train-tests", "loss-tests"])
def loss_for_probabilities() -> dict[str, str]:
    """Hands logits to a loss that expects probabilities."""
    return {"train": replaced(CELLS["train"], ("from_logits=True", "from_logits=False"))}


@wrong(loses=["train-tests", "loss-tests"])
def learning_rate_zero() -> dict[str, str]:
    """Trains with a learning rate of 0."""
    return {"train": replaced(CELLS["train"], ("keras.optimizers.schedules.CosineDecay(0.007, steps)", "0.0"))}


@wrong(loses=["train-tests", "loss-tests"])
def learning_rate_far_too_large() -> dict[str, str]:
    """A learning rate of 0.5 throws the weights about."""
    return {"train": replaced(CELLS["train"], ("keras.optimizers.schedules.CosineDecay(0.007, steps)", "0.5"))}


@wrong(loses=["loss-tests"])
def plain_gradient_descent() -> dict[str, str]:
    """Plain SGD with the rate that suits Adam, and for two epochs: it has hardly left the unigrams."""
    return {
        "train": replaced(
            CELLS["train"],
            ("epochs = 4", "epochs = 2"),
            (
                "keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.007, steps))",
                "keras.optimizers.SGD(0.005)",
            ),
        )
    }


@wrong(loses=["train-tests"])
def ignores_its_arguments() -> dict[str, str]:
    """Reads the notebook's stories from their file, whatever it is given."""
    read = """    words = np.loadtxt("stories.txt", dtype=str)
    stories = np.unique(words, return_inverse=True)[1].reshape(words.shape)
"""
    return {"train": replaced(CELLS["train"], ("    epochs = 4\n", f"{read}    epochs = 4\n"))}


@wrong(loses=["train-tests"])
def returns_no_history() -> dict[str, str]:
    """Trains for two epochs, which is enough, and returns nothing."""
    return {"train": replaced(CELLS["train"], ("epochs = 4", "epochs = 2"), ("return history.history", "return None"))}


# 6. Writing


@wrong(loses=["sample-tests"])
def multiplied_by_the_temperature() -> dict[str, str]:
    """Multiplies by the temperature: a low one makes wild text, a high one dull text."""
    return {"sample": replaced(CELLS["sample"], ('"float64") / temperature', '"float64") * temperature'))}


@wrong(loses=["sample-tests"])
def temperature_on_probabilities() -> dict[str, str]:
    """Divides the probabilities by the temperature and rescales them: nothing changes at all."""
    return {
        "sample": replaced(
            CELLS["sample"],
            ('"float64") / temperature', '"float64")'),
            ("    reached =", "    weights = weights / temperature\n    reached ="),
        )
    }


@wrong(loses=["sample-tests"])
def always_the_likeliest() -> dict[str, str]:
    """Takes the likeliest word every time."""
    return {"sample": SAMPLE_HEADER + "    return np.argmax(logits, axis=-1)\n"}


@wrong(loses=["sample-tests"])
def tail_set_to_zero() -> dict[str, str]:
    """Sets the logits of the tail to 0 instead of minus infinity: where all are negative, it becomes the head."""
    return {"sample": replaced(CELLS["sample"], ("scaled, -np.inf)", "scaled, 0.0)"))}


@wrong(loses=["sample-tests"])
def evenly_among_the_best() -> dict[str, str]:
    """Draws evenly among the k best, whatever their logits."""
    return {"sample": replaced(CELLS["sample"], ("scaled, -np.inf)", "0.0, -np.inf)"))}


@wrong(loses=["sample-tests"])
def one_too_many() -> dict[str, str]:
    """Keeps one word more than asked for."""
    return {
        "sample": replaced(
            CELLS["sample"],
            ("[:, -top_k, None]", "[:, -min(top_k + 1, scaled.shape[1]), None]"),
        )
    }


@wrong(loses=["sample-tests"])
def best_of_the_whole_batch() -> dict[str, str]:
    """Takes the k best of the first row for all rows."""
    return {
        "sample": replaced(
            CELLS["sample"],
            (
                "scaled = np.where(scaled >= smallest_kept, scaled, -np.inf)",
                "scaled = np.where(scaled[:1] >= smallest_kept[:1], scaled, -np.inf)",
            ),
        )
    }


@wrong(loses=["sample-tests"])
def one_spin_for_all_rows() -> dict[str, str]:
    """Spins once for the whole batch: all rows draw the same."""
    return {"sample": replaced(CELLS["sample"], ("np.random.random((len(reached), 1))", "np.random.random()"))}


@wrong(loses=["sample-tests"])
def seeded_inside() -> dict[str, str]:
    """Makes a generator with a fixed seed inside the function: every call draws the same."""
    return {"sample": replaced(CELLS["sample"], ("np.random.random((", "np.random.default_rng(0).random(("))}


@wrong(loses=["sample-tests"])
def exponential_overflows() -> dict[str, str]:
    """A softmax without subtracting the maximum: not a number at low temperatures."""
    return {
        "sample": replaced(CELLS["sample"], ("np.exp(scaled - scaled.max(axis=-1, keepdims=True))", "np.exp(scaled)"))
    }


# Right ones


@right
def keras_layers_throughout() -> dict[str, str]:
    """Keras's own multi-head attention, normalisation after each part, sines and cosines, and a class for the model."""
    return {
        "attention": """def causal_mask(length):
    return np.tril(np.ones((length, length), dtype=bool))


def attention(queries, keys, values, mask):
    scores = keras.ops.einsum("bhqd,bhkd->bhqk", queries, keys) / np.sqrt(keras.ops.shape(keys)[-1]).astype("float32")
    scores = scores + (1.0 - keras.ops.cast(mask, "float32")) * -1e9
    exponentials = keras.ops.exp(scores - keras.ops.max(scores, axis=-1, keepdims=True))
    return keras.ops.einsum(
        "bhqk,bhkd->bhqd", exponentials / keras.ops.sum(exponentials, axis=-1, keepdims=True), values
    )
""",
        "embedding": EMBEDDING_HEADER
        + """        self.words = keras.layers.Embedding(vocab_size, width)
        angles = np.arange(max_length)[:, None] / 10000 ** (np.arange(0, width, 2) / width)
        places = np.zeros((max_length, width), dtype="float32")
        places[:, 0::2], places[:, 1::2] = np.sin(angles), np.cos(angles[:, : width // 2])
        self.places, self.scale = keras.layers.Embedding(max_length, width, trainable=False), width**0.5
        self.places.build()
        self.places.set_weights([places])

    def call(self, tokens):
        return self.words(tokens) * self.scale + self.places(keras.ops.arange(keras.ops.shape(tokens)[1]))
""",
        "block": BLOCK_HEADER
        + """        self.attend = keras.layers.MultiHeadAttention(num_heads, width // num_heads, dropout=0.05)
        self.first = keras.layers.Dense(2 * width, activation="gelu")
        self.second = keras.layers.Dense(width)
        self.dropout = keras.layers.Dropout(0.05)
        self.after_attention = keras.layers.LayerNormalization(epsilon=1e-6)
        self.after_thinking = keras.layers.LayerNormalization(epsilon=1e-6)

    def call(self, vectors, training=False):
        seen = self.attend(vectors, vectors, use_causal_mask=True, training=training)
        vectors = self.after_attention(vectors + seen)
        thought = self.dropout(self.second(self.first(vectors)), training=training)
        return self.after_thinking(vectors + thought)
""",
        "model": """class Writer(keras.Model):
    def __init__(self, vocab_size, length):
        super().__init__()
        self.embedding = TokenAndPositionEmbedding(vocab_size, length, 48)
        self.blocks = [DecoderBlock(48, 4) for _ in range(2)]
        self.score = keras.layers.Dense(vocab_size)

    def call(self, tokens, training=False):
        vectors = self.embedding(tokens)
        for block in self.blocks:
            vectors = block(vectors, training=training)
        return self.score(vectors)


def build_language_model(vocab_size, length):
    model = Writer(vocab_size, length)
    model(np.zeros((1, length), dtype="int32"))
    return model
""",
        "train": TRAIN_HEADER
        + """    model.compile(
        optimizer=keras.optimizers.Adam(0.002),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model.fit(stories[:, :-1], stories[:, 1:], batch_size=32, epochs=2, verbose=0).history
""",
        "sample": SAMPLE_HEADER
        + """    logits = keras.ops.convert_to_tensor(logits, dtype="float32") / temperature
    if top_k is not None:
        best, _ = keras.ops.top_k(logits, top_k)
        logits = keras.ops.where(logits < best[:, -1:], -float("inf"), logits)
    return keras.random.categorical(logits, 1)[:, 0]
""",
    }


@right
def starts_as_if_it_did_nothing() -> dict[str, str]:
    """The last layer of each part of the block begins at zero (ReZero), places nearly so; Gumbel noise for sampling."""
    return {
        "embedding": replaced(
            CELLS["embedding"],
            (
                "keras.layers.Embedding(max_length, width)",
                "keras.layers.Embedding(max_length, width, "
                "embeddings_initializer=keras.initializers.RandomNormal(stddev=0.001))",
            ),
        ),
        "block": BLOCK_HEADER
        + """        self.num_heads, self.width = num_heads, width
        self.looking_norm, self.thinking_norm = keras.layers.LayerNormalization(), keras.layers.LayerNormalization()
        self.all_three = keras.layers.Dense(3 * width, use_bias=False)
        self.mix = keras.layers.Dense(width, kernel_initializer="zeros")
        self.wide = keras.layers.Dense(3 * width, activation="silu")
        self.narrow = keras.layers.Dense(width, kernel_initializer="zeros")

    def call(self, x):
        length = keras.ops.shape(x)[1]
        shape = (-1, length, 3, self.num_heads, self.width // self.num_heads)
        three = keras.ops.transpose(keras.ops.reshape(self.all_three(self.looking_norm(x)), shape), (2, 0, 3, 1, 4))
        seen = attention(three[0], three[1], three[2], causal_mask(length))
        seen = keras.ops.reshape(keras.ops.transpose(seen, (0, 2, 1, 3)), (-1, length, self.width))
        x = x + self.mix(seen)
        return x + self.narrow(self.wide(self.thinking_norm(x)))
""",
        "sample": SAMPLE_HEADER
        + """    scores = np.array(logits, dtype=float) / temperature
    if top_k is not None:
        tail = np.argsort(-scores, axis=-1)[:, top_k:]
        np.put_along_axis(scores, tail, -np.inf, axis=-1)
    return np.argmax(scores + np.random.gumbel(size=scores.shape), axis=-1)
""",
    }


@right
def one_block_in_a_loop() -> dict[str, str]:
    """One block, a training loop of its own, and NumPy's `choice` row by row."""
    return {
        "model": replaced(CELLS["model"], ("range(2)", "range(1)")),
        "train": TRAIN_HEADER
        + """    size = 64
    num_steps = max(100, 8 * len(stories) // size)
    rate = keras.optimizers.schedules.PolynomialDecay(0.008, num_steps, 0.0002)
    model.compile(keras.optimizers.AdamW(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    losses = []
    while len(losses) * len(stories) < num_steps * size:
        order = np.random.permutation(len(stories))
        batches = [stories[order[start : start + size]] for start in range(0, len(order), size)]
        losses.append(float(np.mean([model.train_on_batch(batch[:, :-1], batch[:, 1:]) for batch in batches])))
    return {"loss": losses}
""",
        "sample": SAMPLE_HEADER
        + """    drawn = []
    for row in np.asarray(logits, dtype="float64"):
        kept = np.argsort(row)[::-1][:top_k]
        weights = np.exp((row[kept] - row[kept].max()) / temperature)
        drawn.append(np.random.choice(kept, p=weights / weights.sum()))
    return np.array(drawn)
""",
    }


@right
def sorted_and_searched() -> dict[str, str]:
    """Sampling by sorting once: the tail is cut off by its place, and a draw is a search in the cumulative sum."""
    return {
        "sample": SAMPLE_HEADER
        + """    scores = np.asarray(logits, dtype="float64") / temperature
    order = np.argsort(-scores, axis=-1)[:, :top_k]
    best = np.take_along_axis(scores, order, axis=-1)
    reached = np.cumsum(np.exp(best - best[:, :1]), axis=-1)
    spins = np.random.uniform(size=len(scores)) * reached[:, -1]
    places = [np.searchsorted(row, spin, side="right") for row, spin in zip(reached, spins)]
    return np.take_along_axis(order, np.array(places)[:, None], axis=-1)[:, 0]
"""
    }
