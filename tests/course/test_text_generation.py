"""The lab text_generation: its answers against Keras, its text, and its checks against right and wrong solutions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autograder.checks.declare import import_file
from tests.course.trials import Laboratory

FOLDER = Path(__file__).parents[2] / "reference" / "text_generation"


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    return import_file(FOLDER / "checks.py", "text_generation_checks_under_test")


@pytest.fixture(scope="module")
def make_data() -> ModuleType:
    return import_file(FOLDER / "make_data.py", "text_generation_make_data_under_test")


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory(FOLDER) as opened:
        yield opened


def test_the_data_is_what_make_data_makes(make_data: ModuleType, tmp_path: Path) -> None:
    make_data.small(tmp_path / "files", tmp_path / "data")
    assert (tmp_path / "files/stories.txt").read_bytes() == (FOLDER / "files/stories.txt").read_bytes()
    with np.load(tmp_path / "data/hidden.npz") as made, np.load(FOLDER / "data/hidden.npz") as kept:
        assert sorted(made) == sorted(kept)
        for key in made:
            np.testing.assert_allclose(made[key], kept[key], rtol=1e-12)


def test_no_hidden_story_is_among_the_students_own(make_data: ModuleType) -> None:
    lines = (FOLDER / "files/stories.txt").read_text(encoding="utf-8").splitlines()
    vocabulary = sorted({word for line in lines for word in line.split()})
    theirs = {tuple(story) for story in make_data.numbered([line.split() for line in lines], vocabulary).tolist()}
    with np.load(FOLDER / "data/hidden.npz") as hidden:
        stories = np.concatenate([hidden["words"], hidden["next_words"][:, -1:]], axis=1)
        np.testing.assert_array_equal(hidden["words"][:, 1:], hidden["next_words"][:, :-1])
    assert not theirs & {tuple(story) for story in stories.tolist()}


def test_the_rule_keeps_its_three_promises(make_data: ModuleType) -> None:
    stories, _ = make_data.stories(200, seed=5)
    sentences = [text.split() for words in stories for text in " ".join(words[1:]).split(" .")[:-1]]
    assert len(sentences) > 300
    for sentence in sentences:
        head = next(word for word in sentence if word in make_data.PRONOUNS)
        verb = next(word for word in sentence if word in make_data.REASONS)
        assert verb.endswith("s") != head.endswith("s"), sentence
        assert sentence[-3] == make_data.PRONOUNS[head], sentence
        assert sentence[-1] == make_data.REASONS[verb], sentence


def test_after_every_beginning_the_words_that_may_follow_have_probabilities_that_sum_to_one(
    make_data: ModuleType,
) -> None:
    example = "the old queens near the owl sing because they are happy ."
    sentence: tuple[str, ...] = ()
    for word in [*example.split(), None]:
        following = make_data.next_words(sentence)
        assert np.isclose(sum(following.values()), 1.0)
        if word is not None:
            assert word in following, (sentence, word)
            sentence = (*sentence, word)


def test_the_entropy_rate_is_what_the_rule_loses_on_endless_text(make_data: ModuleType) -> None:
    """The mean over whole sentences, which are independent, of what the rule loses."""
    generator, lost, words = np.random.default_rng(0), 0.0, 0
    for _ in range(4000):
        sentence: tuple[str, ...] = ()
        while not sentence or sentence[-1] != ".":
            following = make_data.next_words(sentence)
            word = str(generator.choice(list(following), p=list(following.values())))
            lost, words, sentence = lost - np.log(following[word]), words + 1, (*sentence, word)
    assert make_data.entropy_rate() == pytest.approx(lost / words, abs=0.01)


def test_counting_groups_of_words_loses_what_it_does_by_hand(make_data: ModuleType) -> None:
    # after 0 always 1, after 1 always 0; each count begins at 0.1
    texts = np.array([[0, 1, 0, 1, 0]])
    unigrams = -(np.log(2.1 / 4.2) * 2 + np.log(2.1 / 4.2) * 2) / 4
    assert make_data.ngram_loss(texts, texts, 2, 1) == pytest.approx(unigrams)
    assert make_data.ngram_loss(texts, texts, 2, 2) == pytest.approx(-np.log(2.1 / 2.2))
    unseen = np.array([[1, 1]])
    assert make_data.ngram_loss(np.array([[0, 0]]), unseen, 2, 2) == pytest.approx(np.log(2))


def test_a_text_of_ones_own_makes_the_same_files(make_data: ModuleType, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("To be, or not to be. That is the question. " * 200, encoding="utf-8")
    make_data.make_full(text, tmp_path)
    lines = (tmp_path / "files/stories.txt").read_text(encoding="utf-8").splitlines()
    assert {len(line.split()) for line in lines} == {make_data.STORY_WORDS}
    with np.load(tmp_path / "data/hidden.npz") as hidden:
        assert hidden["words"].shape[1] == make_data.STORY_WORDS - 1
        assert hidden["bigram_loss"] < hidden["unigram_loss"]
        assert np.isnan(hidden["rule_loss"])


def test_our_gradients_of_attention_equal_those_of_keras(checks: ModuleType) -> None:
    keras = pytest.importorskip("keras")
    tensorflow = pytest.importorskip("tensorflow")
    generator = np.random.default_rng(0)
    queries, keys, values = (generator.normal(size=(2, 3, *shape)) for shape in ((4, 5), (6, 5), (6, 2)))
    mask, cotangent = generator.random((4, 6)) < 0.6, generator.normal(size=(2, 3, 4, 2))
    mask[:, 0] = True
    inputs = [tensorflow.constant(array) for array in (queries, keys, values)]
    with tensorflow.GradientTape() as tape:
        tape.watch(inputs)
        q, k, v = (keras.ops.swapaxes(array, 1, 2) for array in inputs)
        found = keras.ops.dot_product_attention(q, k, v, mask=tensorflow.constant(mask)[None, None])
        total = tensorflow.reduce_sum(keras.ops.swapaxes(found, 1, 2) * cotangent)
    ours = checks.attention_gradients(queries, keys, values, mask, cotangent)
    for one, theirs in zip(ours, tape.gradient(total, inputs), strict=True):
        np.testing.assert_allclose(one, theirs, rtol=1e-5, atol=1e-6)  # Keras takes this softmax in float32


def test_our_loss_equals_that_of_keras(checks: ModuleType) -> None:
    keras = pytest.importorskip("keras")
    generator = np.random.default_rng(0)
    logits, targets = generator.normal(scale=3.0, size=(4, 5, 7)), generator.integers(0, 7, (4, 5))
    theirs = keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")(targets, logits)
    assert checks.loss_of(logits, targets) == pytest.approx(float(theirs), rel=1e-6)


def test_the_audit_under_one_seed_finds_nothing_wrong(laboratory: Laboratory) -> None:
    assert laboratory.problems() == []
