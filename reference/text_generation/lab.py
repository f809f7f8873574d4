# %% [markdown] text="intro"
# # A Transformer that writes
#
# *The queens near the old robot ...* sing, or sings? You did not hesitate: the queens **sing**. The word right in
# front says *robot*, but you looked past it, back to the word that matters.
#
# A model that predicts each word from the one before it cannot do that. It hears *robot* and says *sings*. The
# Transformer was invented to look back: at every word it asks which of the earlier words matter here, however far away
# they are. Every large language model is a tall stack of what you build in this lab.
#
# | part | you write | points |
# | --- | --- | --- |
# | 1 | `causal_mask` and `attention`: looking back, and nowhere else | 8 |
# | 2 | `TokenAndPositionEmbedding`: words and their places as vectors | 4 |
# | 3 | `DecoderBlock`: attention, then thinking | 7 |
# | 4 | `build_language_model`: the whole network | 5 |
# | 5 | `train`: teach it, and see how close to perfect it comes | 8 |
# | 6 | `sample`: temperature and top-k | 6 |
# | 7 | a question about what you saw | 2 |
#
# The docstring of each function or class is its **contract**: names, shapes, what comes back. The tests below each part
# catch the first mistakes; the marks come from more questions of the same kind, with other sizes and other text.

# %% text="imports"
import keras
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown] text="data-story"
# ## The text
#
# Real text would take a large network and a week. We take a tiny language instead: 35 words, and a rule that makes
# endless small stories from them. Three promises hold in every sentence, across any number of words between:
#
# 1. the **verb** agrees with the first noun, the one the sentence is about (*queens ... sing*);
# 2. the **pronoun** stands for that same noun (*queens ... they*);
# 3. the **reason** fits the verb (*sing ... happy*, *sleep ... tired*, *eat ... hungry*, *run ... late*).
#
# A made-up language has a great advantage: because we know its rule, we know how well *anybody* can predict the next
# word. Much is pure chance (which noun comes next?) and stays so even for a perfect model.

# %% text="load-stories"
CONTEXT = 32  # how many words the model sees at once

if __name__ == "__main__":
    stories_in_words = np.loadtxt("stories.txt", dtype=str).tolist()
    vocabulary = sorted({word for story in stories_in_words for word in story})
    number_of = {word: number for number, word in enumerate(vocabulary)}
    stories = np.array([[number_of[word] for word in story] for story in stories_in_words])
    train_stories, validation_stories = stories[:-200], stories[-200:]

    print(" ".join(stories_in_words[0]))
    print("the same in numbers:", stories[0, :12], "...")
    print("training:", train_stories.shape, " validation:", validation_stories.shape, " words:", len(vocabulary))

# %% text="show-promises"
if __name__ == "__main__":
    sentence = ["the", "queens", "near", "the", "old", "robot", "sing", "because", "they", "are", "happy", "."]
    promises = {"verb": (1, 6), "pronoun": (1, 8), "reason": (6, 10)}

    figure, axis = plt.subplots(figsize=(9, 2.2))
    for place, word in enumerate(sentence):
        axis.text(place, 0, word, ha="center", va="top", fontsize=12)
    for color, (promise, (start, end)) in zip(("C0", "C1", "C2"), promises.items(), strict=True):
        height = (end - start) / 2
        angles = np.linspace(0, np.pi, 50)
        axis.plot((start + end) / 2 - height * np.cos(angles), 0.15 + height * np.sin(angles), color)
        axis.text((start + end) / 2, 0.3 + height, promise, ha="center", color=color)
    axis.set(xlim=(-0.7, len(sentence) - 0.5), ylim=(-0.7, 4.5))
    axis.axis("off")
    plt.show()

# %% [markdown] text="attention-story"
# ## 1. Looking back
#
# Think of a library. At every place in the text stands a word that asks a question, its **query**: "which noun is this
# sentence about?". Every word also shows a **key**, what it can be found by, and holds a **value**, what it has to say.
# Where query and key point the same way, their dot product is large, and much of that value is taken:
#
# $$\text{attention}(Q, K, V) = \text{softmax}\!\left(\frac{Q K^\top}{\sqrt{d}}\right) V$$
#
# Row $i$ of the softmax says how word $i$ shares out its attention: no weight is negative, and each row sums to 1.
# Why $\sqrt{d}$? The dot product of two random vectors of length $d$ is typically as large as $\sqrt{d}$. Without the
# division the softmax of long vectors is nearly all or nothing, and its gradient nearly zero. (Vaswani et al.,
# *Attention is all you need*, 2017.)
#
# One thing is forbidden: looking **ahead**. The model learns by guessing the next word; if it could see it, it would
# only learn to copy. So a **mask** says who may look at whom. It has to act *before* the softmax: a forbidden score is
# replaced by one so low that its weight becomes zero, and the weights that are left still sum to 1.
#
# Several **heads** do this side by side, each with questions of its own, so arrays have four axes. Use `keras.ops`
# rather than NumPy in what follows: gradients flow through `keras.ops.matmul`, not through `np.matmul`.


# %% solution="attention"
def causal_mask(length: int) -> np.ndarray:
    """Say who may look at whom in a text of `length` words: each at itself and at all before it.

    Args:
        length: Number of words.

    Returns:
        Booleans of shape (length, length), an array or a tensor: row i, column j is True when word i may look at
        word j.
    """
    # BEGIN SOLUTION
    places = keras.ops.arange(length)
    return places[:, None] >= places[None, :]
    # END SOLUTION


def attention(queries, keys, values, mask):
    """Scaled dot-product attention, written with `keras.ops` and without any of Keras's own attention.

    Args:
        queries: Shape (batch, heads, num_queries, depth).
        keys: Shape (batch, heads, num_keys, depth).
        values: Shape (batch, heads, num_keys, value_depth).
        mask: Booleans of shape (num_queries, num_keys), True where a query may look at a key. Each query may look at
            one key at least.

    Returns:
        Tensor of shape (batch, heads, num_queries, value_depth): for each query the mean of the values it may look
        at, weighted by the softmax of its scaled scores. Finite for scores of any size.
    """
    # BEGIN SOLUTION
    scores = keras.ops.matmul(queries, keras.ops.swapaxes(keys, -1, -2)) / queries.shape[-1] ** 0.5
    weights = keras.ops.softmax(keras.ops.where(mask, scores, -1e9), axis=-1)
    return keras.ops.matmul(weights, values)
    # END SOLUTION


# %% tests="causal-mask-tests" points=2
if __name__ == "__main__":
    mask = np.array(causal_mask(3))
    assert mask.shape == (3, 3), f"one row and one column for each word, received {mask.shape}"
    assert mask[2, 0], "the last word may look back at the first"
    assert not mask[0, 1], "the first word may not look at the second"

# %% tests="attention-tests" points=6
if __name__ == "__main__":
    look_anywhere = np.ones((1, 2), dtype=bool)
    queries, keys = np.zeros((1, 1, 1, 4), dtype="float32"), np.zeros((1, 1, 2, 4), dtype="float32")
    values = np.array([[10.0, 0.0, 0.0], [20.0, 0.0, 6.0]], dtype="float32").reshape(1, 1, 2, 3)
    found = np.array(attention(queries, keys, values, look_anywhere))
    assert found.shape == (1, 1, 1, 3), f"one value for each query, received {found.shape}"
    assert np.allclose(found[0, 0, 0], [15, 0, 3]), "all scores are equal: the plain mean of the values"
    found = np.array(attention(queries, keys, values, np.array([[True, False]])))
    assert np.allclose(found[0, 0, 0], [10, 0, 0]), "only the first may be looked at: its value, and all of it"

# %% [markdown] text="embedding-story"
# ## 2. Words and places
#
# Attention takes vectors, so each of the 35 words gets one, to be learned: a row of a table (`keras.layers.Embedding`).
#
# But look at the formula once more: nothing in it knows *where* a word stands. Shuffle the earlier words and every
# weighted mean stays the same. To attention, *the queen sees the king* and *the king sees the queen* are one and the
# same bag of words. So each **place** gets a vector as well, and it is simply added to the word's.


# %% solution="embedding"
class TokenAndPositionEmbedding(keras.layers.Layer):
    """Turn words into vectors that also say where each word stands: a word's vector plus a place's.

    Words' vectors are learned; places' are learned too, or made of fixed sines and cosines. The same word at the same
    place has the same vector in every text, whatever stands around it.

    Args:
        vocab_size: Number of different words.
        max_length: Number of places there are vectors for.
        width: Length of the vectors.

    Call:
        tokens: Whole numbers in [0, vocab_size), shape (batch, length) with length <= max_length.
        Returns floats of shape (batch, length, width).
    """

    def __init__(self, vocab_size: int, max_length: int, width: int, **kwargs):
        super().__init__(**kwargs)
        # BEGIN SOLUTION
        self.words = keras.layers.Embedding(vocab_size, width)
        self.places = keras.layers.Embedding(max_length, width)
        # END SOLUTION

    def call(self, tokens):
        # BEGIN SOLUTION
        return self.words(tokens) + self.places(keras.ops.arange(tokens.shape[1]))
        # END SOLUTION


# %% tests="embedding-tests" points=4
if __name__ == "__main__":
    embedding = TokenAndPositionEmbedding(vocab_size=5, max_length=6, width=8)
    vectors = np.array(embedding(np.array([[3, 3, 1], [0, 3, 3]])))
    assert vectors.shape == (2, 3, 8), f"one vector for each word, received shape {vectors.shape}"
    assert np.allclose(vectors[0, 1], vectors[1, 1]), "the same word at the same place: the same vector"
    assert not np.allclose(vectors[0, 0], vectors[0, 1]), "the same word at another place: another vector"

# %% [markdown] text="block-story"
# ## 3. Look, then think
#
# A block of the Transformer does two things to the vector of each word, and **adds** what comes of it each time:
#
# ```text
#        x ──┬── normalise ── attention ──(+)──┬── normalise ── dense, relu, dense ──(+)── out
#            └─────────────────────────────┘   └─────────────────────────────────────┘
#                 look: words exchange               think: each word on its own
# ```
#
# The detours around both (*residual connections*) let a signal, and a gradient, travel through many blocks unharmed.
#
# For attention, three dense layers make queries, keys and values from the vectors, and a fourth mixes what the heads
# bring back. To split a vector among the heads, reshape (batch, length, width) to (batch, length, heads, width / heads)
# and then **exchange** the middle axes; a reshape alone would mix up words and heads. Take your own `attention`, or
# `keras.layers.MultiHeadAttention` if you like: only the contract counts.


# %% solution="block"
class DecoderBlock(keras.layers.Layer):
    """One block of a decoder-only Transformer: causal self-attention, then a small dense network for each word.

    What comes out for a word depends on that word and on *every* word before it, and on no word after it. The block
    itself has no sense of order: if two earlier words change places, nothing changes for a later one (places are the
    embedding's business). Every weight can learn. With training=False the same input gives the same output.

    Args:
        width: Length of the vectors, a multiple of `num_heads`.
        num_heads: Number of attention heads.

    Call:
        vectors: Floats of shape (batch, length, width), for any length.
        Returns floats of the same shape.
    """

    def __init__(self, width: int, num_heads: int, **kwargs):
        super().__init__(**kwargs)
        # BEGIN SOLUTION
        self.num_heads, self.width = num_heads, width
        self.to_queries, self.to_keys, self.to_values, self.mix = (keras.layers.Dense(width) for _ in range(4))
        self.think = keras.Sequential([keras.layers.Dense(4 * width, activation="relu"), keras.layers.Dense(width)])
        self.before_looking, self.before_thinking = keras.layers.LayerNormalization(), keras.layers.LayerNormalization()
        # END SOLUTION

    def call(self, vectors, training=False):
        # BEGIN SOLUTION
        length = vectors.shape[1]

        def split(mixed):
            heads = keras.ops.reshape(mixed, (-1, length, self.num_heads, self.width // self.num_heads))
            return keras.ops.transpose(heads, (0, 2, 1, 3))

        normal = self.before_looking(vectors)
        queries, keys, values = (split(to(normal)) for to in (self.to_queries, self.to_keys, self.to_values))
        seen = keras.ops.transpose(attention(queries, keys, values, causal_mask(length)), (0, 2, 1, 3))
        vectors = vectors + self.mix(keras.ops.reshape(seen, (-1, length, self.width)))
        return vectors + self.think(self.before_thinking(vectors))
        # END SOLUTION


# %% tests="block-tests" points=7
if __name__ == "__main__":
    block = DecoderBlock(width=8, num_heads=2)
    vectors = np.random.normal(size=(1, 5, 8)).astype("float32")
    out = np.array(block(vectors))
    assert out.shape == (1, 5, 8), f"the shape stays as it is, received {out.shape}"
    changed = vectors.copy()
    changed[0, 3:] += 1.0
    assert np.allclose(np.array(block(changed))[0, :3], out[0, :3], atol=1e-5), "words 3 and 4 are the future of word 2"

# %% [markdown] text="model-story"
# ## 4. The whole network
#
# Embedding, a few blocks, and at the end one dense layer with a score for each word of the vocabulary. The model
# predicts at **every** place at once: the scores at place $t$ are its guess at word $t + 1$, made from the words up to
# $t$. One story of 32 words is 32 exercises.
#
# The scores are **logits**: any numbers, not yet probabilities. The softmax comes later, in the loss and in part 6.
#
# How wide, how many heads and blocks? One block can look at words; a second can look at what the first found out, such
# as "this *robot* only says where the queens are". Two blocks of four heads and a width of 32 are enough here. You
# have 200,000 weights at most; 30,000 are plenty, and much faster.


# %% solution="model"
def build_language_model(vocab_size: int, length: int) -> keras.Model:
    """Build a decoder-only Transformer that predicts, at every place of a text, the word that follows.

    The model is built (its weights exist) and has at most 200,000 weights in the lab's size (35 words, length 32).
    The guess at a place depends on the words up to there *and on their order*, and on no word after it. Every weight
    can learn, but for fixed sines and cosines.

    Args:
        vocab_size: Number of different words.
        length: Number of words in each text.

    Returns:
        A Keras model from whole numbers of shape (batch, length) to logits of shape (batch, length, vocab_size): no
        softmax.
    """
    # BEGIN SOLUTION
    width = 32
    tokens = keras.Input(shape=(length,), dtype="int32")
    vectors = TokenAndPositionEmbedding(vocab_size, length, width)(tokens)
    for _ in range(2):
        vectors = DecoderBlock(width, num_heads=4)(vectors)
    logits = keras.layers.Dense(vocab_size)(keras.layers.LayerNormalization()(vectors))
    return keras.Model(tokens, logits)
    # END SOLUTION


# %% tests="model-tests" points=5
if __name__ == "__main__":
    model = build_language_model(len(vocabulary), CONTEXT)
    model.summary()
    logits = model.predict(stories[:3, :CONTEXT], verbose=0)
    expected = (3, CONTEXT, len(vocabulary))
    assert logits.shape == expected, (
        f"a score for each word at each place: expected {expected}, received {logits.shape}"
    )
    assert model.count_params() <= 200_000, f"at most 200,000 weights, received {model.count_params():,}"

# %% [markdown] text="training-story"
# ## 5. Training
#
# A story of 33 words gives a model of length 32 its **inputs** (all words but the last) and its **targets** (all words
# but the first): what follows each input. Get this shift wrong and the model learns to repeat what it sees, with a
# wonderful loss.
#
# The loss is the cross-entropy, in *nats* per word: how surprised the model is by the true next word. Mind that your
# model gives logits. Four epochs or so are enough; it should take less than ten seconds, and 20 at the very most.
#
# Your model is then judged on new stories. What can it reach?
#
# | who predicts | loss |
# | --- | --- |
# | counts how often each word occurs (unigrams) | 3.17 |
# | counts which word follows which (bigrams) | 1.12 |
# | knows the rule: nobody can do better | 0.87 |
#
# The way from the bigrams down to the rule is what looking back is worth, and what you earn marks by: full marks for
# half of it, a loss of 0.99. Good models come to 0.9.


# %% solution="train"
def train(model: keras.Model, stories: np.ndarray) -> dict[str, list[float]]:
    """Compile the model and train it in place to predict each next word.

    Args:
        model: A fresh model from `build_language_model`.
        stories: Whole numbers of shape (num_stories, length + 1), where `length` is the model's.

    Returns:
        The history: at least "loss", a list of the mean training loss of each epoch, in order (two epochs or more).
    """
    # BEGIN SOLUTION
    epochs = 4
    batch_size = 32
    steps = epochs * -(-len(stories) // batch_size)
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.007, steps))
    optimizer.build(model.trainable_variables)  # left to `fit`, this makes Keras trace the whole network a second time
    model.compile(optimizer=optimizer, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    history = model.fit(stories[:, :-1], stories[:, 1:], batch_size=batch_size, epochs=epochs, verbose=0)
    return history.history
    # END SOLUTION


# %% [markdown] text="trained-story"
# The next cell trains your model. It is `writer`, as this cell leaves it, that is judged on new stories.

# %% text="train-writer"
if __name__ == "__main__":
    writer = build_language_model(len(vocabulary), CONTEXT)
    history = train(writer, train_stories)

    plt.figure(figsize=(5, 3))
    plt.plot(range(1, len(history["loss"]) + 1), history["loss"], label="your model, on its training stories")
    plt.axhline(1.12, color="C1", linestyle="--", label="bigrams")
    plt.axhline(0.87, color="C2", linestyle="--", label="the rule itself")
    plt.xlabel("epoch")
    plt.ylabel("loss (nats per word)")
    plt.ylim(0.5, 2)
    plt.legend()
    plt.show()

# %% tests="train-tests" points=3
if __name__ == "__main__":
    assert isinstance(history, dict), f"expected a dict, received {type(history).__name__}"
    assert "loss" in history, "the history holds the loss of each epoch under 'loss'"
    assert history["loss"][-1] < history["loss"][0], "the loss should be lower at the end than after the first epoch"

# %% [markdown] text="losses-story"
# Where does your model win? Below, the loss of both at each kind of word in the validation stories. The bigrams are a
# table: how often each word followed each other word in the training stories.

# %% text="show-losses"
if __name__ == "__main__":
    counts = np.full((len(vocabulary), len(vocabulary)), 0.1)
    np.add.at(counts, (train_stories[:, :-1], train_stories[:, 1:]), 1)
    bigrams = np.log(counts / counts.sum(axis=1, keepdims=True))

    inputs, targets = validation_stories[:, :-1], validation_stories[:, 1:]
    guesses = np.array(keras.ops.log_softmax(writer.predict(inputs, verbose=0), axis=-1))
    losses = {
        "bigrams": -bigrams[inputs, targets],
        "your model": -np.take_along_axis(guesses, targets[..., None], axis=-1)[..., 0],
    }
    print({name: f"{loss.mean():.3f} nats per word" for name, loss in losses.items()})

    kinds = {
        "noun": "queen king robot owl queens kings robots owls",
        "near ...": "near behind above",
        "verb": "sing sleep eat run sings sleeps eats runs",
        "pronoun": "she he it they",
        "reason": "happy tired hungry late",
    }
    figure, axis = plt.subplots(figsize=(7, 3))
    for shift, (name, loss) in zip((-0.2, 0.2), losses.items(), strict=True):
        means = [loss[np.isin(targets, [number_of[word] for word in words.split()])].mean() for words in kinds.values()]
        axis.bar(np.arange(len(kinds)) + shift, means, width=0.4, label=name)
    axis.set_xticks(range(len(kinds)), kinds)
    axis.set_ylabel("loss at this word (nats)")
    axis.legend()
    plt.show()

# %% tests="loss-tests" points=5
if __name__ == "__main__":
    print(f"loss on the validation stories: {losses['your model'].mean():.3f}")
    assert losses["your model"].mean() < 3.17, "better than knowing how often each word occurs"

# %% [markdown] text="sampling-story"
# ## 6. Writing
#
# To write, the model guesses the next word, one is **drawn** from its guess and appended, and so on. How boldly to draw
# is up to us. With logits $z$ and a **temperature** $T$:
#
# $$p_i = \frac{e^{z_i / T}}{\sum_j e^{z_j / T}}$$
#
# $T = 1$ is the model's own guess. A small $T$ makes likely words likelier still (and the text correct, and dull); a
# large one brings in surprises, and in the end nonsense. **Top-k** cuts off the tail: only the $k$ words with the
# largest logits can be drawn, and their probabilities, in the same proportions as before, sum to 1.


# %% solution="sample"
def sample(logits: np.ndarray, temperature: float = 1.0, top_k: int | None = None) -> np.ndarray:
    """Draw one word for each row of logits, at random, each row independently of the others.

    Every call draws anew. Use NumPy or Keras.

    Args:
        logits: Any finite numbers, shape (batch, vocab_size).
        temperature: Above 0. Probabilities are the softmax of logits / temperature; logits / temperature may be large.
        top_k: Only the `top_k` words with the largest logits of the row can be drawn (from 1 to vocab_size); all of
            them can when None.

    Returns:
        The words drawn: whole numbers in [0, vocab_size), shape (batch,).
    """
    # BEGIN SOLUTION
    scaled = np.asarray(logits, dtype="float64") / temperature
    if top_k is not None:
        smallest_kept = np.sort(scaled, axis=-1)[:, -top_k, None]
        scaled = np.where(scaled >= smallest_kept, scaled, -np.inf)
    weights = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    reached = np.cumsum(weights, axis=-1)
    spins = np.random.random((len(reached), 1)) * reached[:, -1:]
    return (spins >= reached).sum(axis=-1)
    # END SOLUTION


# %% tests="sample-tests" points=6
if __name__ == "__main__":
    logits = np.log([[0.7, 0.2, 0.1]] * 1000)
    drawn = np.array(sample(logits))
    assert drawn.shape == (1000,), f"one word for each row, received shape {drawn.shape}"
    print("drawn from 0.7, 0.2, 0.1:", np.bincount(drawn, minlength=3) / 1000)
    print("at temperature 0.5:      ", np.bincount(np.array(sample(logits, temperature=0.5)), minlength=3) / 1000)
    print("the best two:            ", np.bincount(np.array(sample(logits, top_k=2)), minlength=3) / 1000)
    assert set(np.array(sample(logits, top_k=1))) == {0}, "of the best one, only the best can be drawn"

# %% [markdown] text="writing-story"
# Now let it write. Stories begin with a full stop, as if a sentence had just ended. A model of fixed length sees the
# words so far and, behind them, padding: whatever stands there cannot matter, for no word looks ahead. That is your
# mask at work.


# %% text="write"
def write(model: keras.Model, num_stories: int, num_words: int, **how) -> np.ndarray:
    """Let the model write stories; `how` goes to `sample`. Returns whole numbers of shape (num_stories, num_words)."""
    texts = np.zeros((num_stories, CONTEXT + 1), dtype="int32")  # 0 is the full stop
    for place in range(num_words):
        logits = model.predict_on_batch(texts[:, :-1])[:, place]
        texts[:, place + 1] = np.array(sample(logits, **how))
    return texts[:, 1 : num_words + 1]


def share_kept(texts: list[list[str]]) -> float:
    """Return the share of whole sentences in which the pronoun stands for the first noun."""
    pronouns = {"queen": "she", "king": "he", "robot": "it", "owl": "it"}
    pronouns |= {noun + "s": "they" for noun in pronouns}
    kept = []
    for sentence in [text.split() for words in texts for text in " ".join(words).split(".")[:-1]]:
        nouns = [word for word in sentence if word in pronouns]
        said = [word for word in sentence if word in pronouns.values()]
        kept.append(bool(nouns) and said == [pronouns[nouns[0]]])
    return float(np.mean(kept)) if kept else 0.0


if __name__ == "__main__":
    for temperature in (0.5, 1.0, 2.0):
        texts = [[vocabulary[token] for token in text] for text in write(writer, 50, 32, temperature=temperature)]
        print(f"temperature {temperature}: the pronoun fits in {share_kept(texts):.0%} of the sentences")
        print("   ", " ".join(texts[0]))

# %% [markdown] text="question"
# ## 7. What looking back is worth
#
# Look at the bars of part 5 once more. At some kinds of words your model is far better than the bigrams, at others
# hardly at all.
#
# In four to eight sentences: **why does it win where it wins, and why is there nothing to win elsewhere?** Take one
# word of each sort. For the first, say which earlier word the model has to look at, and how query, key and value bring
# what is needed from there to here. For the second, say what even the perfect model does not know.

# %% [markdown] answer="why-looking-back" points=2
# At the pronoun the bigrams lose about one nat: the word in front is always *because*, which says nothing about who the
# sentence is about. My model has to look at the first noun of the sentence. The vector at *because* makes a query that
# asks for the noun the sentence is about. The first block has marked the vector of *queens* as a noun without a
# preposition in front, and its key points the same way. So the softmax gives it nearly all the weight, and its value,
# "several queens", is added to the vector at *because*, from which the last layer reads *they*. The distance does not
# matter, since the dot product is the same however many words stand between.
#
# At a noun there is hardly anything to win: after *the* the rule draws one of eight nouns by chance, and no earlier
# word says which. Knowing the rule, all one can do is give each of them its probability, and the bigrams know that too.
