"""How this lab's text was made, and how to make it at full size.

    python reference/text_generation/make_data.py small           files/stories.txt and data/hidden.npz, as committed
    python reference/text_generation/make_data.py rule            what the best model can reach, and the baselines
    python reference/text_generation/make_data.py full FILE DIR   the same files from any text, e.g. Shakespeare

Source: made here, by the rule below, so that the best loss anybody can reach is known exactly. A sentence is about a
noun, its head. Words between may put other nouns in the way, yet the verb agrees with the head, the pronoun stands for
it, and the reason fits the verb: "the queens near the old robot sing because they are happy ." That agreement with a
distant word is what a model of word pairs cannot have was shown with English by T. Linzen, E. Dupoux and Y. Goldberg,
"Assessing the Ability of LSTMs to Learn Syntax-Sensitive Dependencies", TACL 4, 2016.

`full` reads a text of your own. Public domain, one megabyte: the Shakespeare of TensorFlow's tutorials,
    https://storage.googleapis.com/download.tensorflow.org/data/shakespeare.txt
Nobody knows its rule: there is no best loss then, and marks have to begin and end elsewhere (see checks.py).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent

NUM_STORIES, NUM_HIDDEN = 2400, 600
STORY_WORDS = 33  # one more than a model reads: each word but the last is followed by the one to guess

PRONOUNS = {"queen": "she", "king": "he", "robot": "it", "owl": "it"}
PRONOUNS |= {noun + "s": "they" for noun in PRONOUNS}
ADJECTIVES = ("old", "young", "small")
PREPOSITIONS = ("near", "behind", "above")
REASONS = {"sing": "happy", "sleep": "tired", "eat": "hungry", "run": "late"}
REASONS |= {verb + "s": reason for verb, reason in REASONS.items()}
VERB_WEIGHTS = (0.4, 0.3, 0.2, 0.1)  # of sing, sleep, eat, run
MORE_NOUNS = 0.5  # chance of one more "near the robot" after each noun
ADJECTIVE = 0.25  # chance of an adjective in front of a noun


def next_words(sentence: tuple[str, ...]) -> dict[str, float]:
    """Return the rule: every word that may follow the beginning of a sentence, with its probability."""
    last = sentence[-1] if sentence else "."
    if last == "." or last in PREPOSITIONS:
        return {"the": 1.0}
    if last == "the":
        return shared(ADJECTIVE, ADJECTIVES) | shared(1 - ADJECTIVE, PRONOUNS)
    if last in ADJECTIVES:
        return shared(1.0, PRONOUNS)
    pronoun = next(PRONOUNS[word] for word in sentence if word in PRONOUNS)  # the head's: its first noun's
    if last in PRONOUNS:
        verbs = [verb for verb in REASONS if verb.endswith("s") != (pronoun == "they")]
        ending = {verb: (1 - MORE_NOUNS) * weight for verb, weight in zip(verbs, VERB_WEIGHTS, strict=True)}
        return shared(MORE_NOUNS, PREPOSITIONS) | ending
    if last in REASONS:
        return {"because": 1.0}
    if last == "because":
        return {pronoun: 1.0}
    if last == pronoun:
        return {"are" if pronoun == "they" else "is": 1.0}
    if last in ("is", "are"):
        return {next(REASONS[word] for word in sentence if word in REASONS): 1.0}
    return {".": 1.0}


def shared(chance: float, words: tuple[str, ...] | dict[str, str]) -> dict[str, float]:
    """Share a chance evenly among words."""
    return {word: chance / len(words) for word in words}


def entropy_rate() -> float:
    """Return the loss, in nats per word, below which no model can stay on endless text: the rule's own uncertainty.

    Each choice counts as often as it comes up in a sentence; all other words follow from what was said before.
    """
    num_nouns = 1 / (1 - MORE_NOUNS)  # on average: a geometric number

    def entropy(*chances: float) -> float:
        return -sum(chance * np.log(chance) for chance in chances)

    noun = entropy(ADJECTIVE, 1 - ADJECTIVE) + ADJECTIVE * np.log(len(ADJECTIVES)) + np.log(len(PRONOUNS))
    more = entropy(MORE_NOUNS, 1 - MORE_NOUNS)
    nats = num_nouns * (noun + more) + (num_nouns - 1) * np.log(len(PREPOSITIONS)) + entropy(*VERB_WEIGHTS)
    words = num_nouns * (2 + ADJECTIVE) + (num_nouns - 1) + len(["sing", "because", "they", "are", "happy", "."])
    return float(nats / words)


def story(generator: np.random.Generator) -> tuple[list[str], list[float]]:
    """Draw a story of `STORY_WORDS` words, and what the rule loses at each but the first.

    It opens with a full stop, as if a sentence had just ended, and stops wherever its last word falls.
    """
    words, losses, sentence = ["."], [], ()
    while len(words) < STORY_WORDS:
        following = next_words(sentence)
        word = str(generator.choice(list(following), p=list(following.values())))
        words.append(word)
        losses.append(-float(np.log(following[word])))
        sentence = () if word == "." else (*sentence, word)
    return words, losses


def stories(num_stories: int, seed: int) -> tuple[list[list[str]], np.ndarray]:
    """Draw stories, and the rule's losses in nats, shape (num_stories, STORY_WORDS - 1)."""
    generator = np.random.default_rng(seed)
    drawn = [story(generator) for _ in range(num_stories)]
    return [words for words, _ in drawn], np.array([losses for _, losses in drawn])


def numbered(texts: list[list[str]], vocabulary: list[str]) -> np.ndarray:
    """Number the words by their place in the vocabulary, as the notebook does; shape (num_texts, STORY_WORDS)."""
    places = {word: place for place, word in enumerate(vocabulary)}
    return np.array([[places[word] for word in text] for text in texts])


def ngram_loss(train: np.ndarray, texts: np.ndarray, vocab_size: int, words: int) -> float:
    """Return the loss of counting which word follows the `words - 1` before it, in nats per word.

    Each count begins at 0.1, so that nothing is impossible. The first words of a text have fewer before them.
    """

    def groups(tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        keys = np.zeros_like(tokens[:, 1:])
        for back in range(1, words):
            earlier = np.pad(tokens[:, :-back], ((0, 0), (back - 1, 0)), constant_values=-1)
            keys = keys * (vocab_size + 1) + earlier + 1
        return keys.ravel(), tokens[:, 1:].ravel()

    keys, following = groups(train)
    names, rows = np.unique(keys, return_inverse=True)
    counts = np.full((len(names) + 1, vocab_size), 0.1)  # the last row: what was never seen before
    np.add.at(counts, (rows, following), 1)
    chances = counts / counts.sum(axis=1, keepdims=True)
    keys, following = groups(texts)
    places = np.searchsorted(names, keys).clip(max=len(names) - 1)
    return float(-np.log(chances[np.where(names[places] == keys, places, len(names)), following]).mean())


def write(texts: list[list[str]], hidden: list[list[str]], rule_loss: float, files: Path, data: Path) -> None:
    """Write the students' stories into `files`, and the hidden ones with what others lose on them into `data`."""
    files.mkdir(parents=True, exist_ok=True)
    data.mkdir(parents=True, exist_ok=True)
    (files / "stories.txt").write_text("".join(" ".join(words) + "\n" for words in texts), encoding="utf-8")
    vocabulary = sorted({word for words in texts for word in words})
    given, tokens = numbered(texts, vocabulary), numbered(hidden, vocabulary)
    np.savez_compressed(
        data / "hidden.npz",
        words=tokens[:, :-1],
        next_words=tokens[:, 1:],
        unigram_loss=ngram_loss(given, tokens, len(vocabulary), 1),
        bigram_loss=ngram_loss(given, tokens, len(vocabulary), 2),
        rule_loss=rule_loss,
    )


def small(files: Path, data: Path) -> None:
    """Write the files as they are committed."""
    hidden, losses = stories(NUM_HIDDEN, seed=1)
    write(stories(NUM_STORIES, seed=0)[0], hidden, float(losses.mean()), files, data)


def make_full(text: Path, folder: Path, words: int = STORY_WORDS, vocab_size: int = 2000) -> None:
    """Write the files from any text: runs of words, the rarer ones written "?", every tenth run hidden.

    A story opens with whatever word it is cut at. Sizes in lab.py and checks.py (WORDS, CONTEXT, what the tables say)
    have to follow, and marks are to be given between the bigrams and the best model you can train.
    """
    every = text.read_text(encoding="utf-8").lower().replace(".", " . ").replace(",", " , ").split()
    names, counts = np.unique(every, return_counts=True)
    frequent = set(names[np.argsort(-counts)[:vocab_size]])
    known = [word if word in frequent else "?" for word in every]
    runs = [known[start : start + words] for start in range(0, len(known) - words + 1, words)]
    hidden = [run for place, run in enumerate(runs) if place % 10 == 9]
    given = [run for place, run in enumerate(runs) if place % 10 != 9]
    seen = {word for run in given for word in run}
    hidden = [run for run in hidden if seen.issuperset(run)]
    write(given, hidden, float("nan"), folder / "files", folder / "data")


def tell_the_rule() -> None:
    """Print what the rule and the counts of word groups reach on the hidden stories."""
    (texts, _), (hidden, losses) = stories(NUM_STORIES, seed=0), stories(NUM_HIDDEN, seed=1)
    vocabulary = sorted({word for words in texts for word in words})
    given, tokens = numbered(texts, vocabulary), numbered(hidden, vocabulary)
    print(f"{len(vocabulary)} words, {given.size} in the students' stories; losses in nats per word")
    print(f"the rule on endless text    {entropy_rate():.4f}")
    print(f"the rule on hidden stories  {losses.mean():.4f}")
    for length in range(1, 7):
        print(f"groups of {length}                 {ngram_loss(given, tokens, len(vocabulary), length):.4f}")


def main(arguments: list[str]) -> int:
    """Run one of the commands of the module's docstring."""
    match arguments:
        case ["small"]:
            small(HERE / "files", HERE / "data")
        case ["rule"]:
            tell_the_rule()
        case ["full", text, folder]:
            make_full(Path(text), Path(folder))
        case _:
            print(f"expected small, rule or full FILE DIR, received {arguments}\n\n{__doc__}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
