"""Hidden data: what pairs up, what is coarse, and when two answers to the same inputs differ."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autograder.checks import HiddenData, hidden_data
from autograder.checks.hidden import coarse, coarse_recall, differing_rows
from autograder.checks.run import _coarse_words
from autograder.errors import CheckError
from autograder.results import ConfusionMatrix


def test_hidden_data_is_loaded_by_the_names_of_its_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "h.npz", images=np.zeros((3, 2)), labels=np.arange(3))
    found = hidden_data(tmp_path / "h.npz", "images", "labels")
    assert (len(found), found.inputs.shape, found.answers.tolist()) == (3, (3, 2), [0, 1, 2])


@pytest.mark.parametrize("arrays", [{"inputs": np.zeros(3)}, {"inputs": np.zeros(3), "answers": np.zeros(2)}])
def test_hidden_data_that_does_not_pair_up_is_an_error_of_the_lab(
    tmp_path: Path, arrays: dict[str, np.ndarray]
) -> None:
    np.savez(tmp_path / "h.npz", **arrays)
    with pytest.raises(CheckError, match="expected"):
        hidden_data(tmp_path / "h.npz")


def test_hidden_data_without_a_row_is_an_error_of_the_lab() -> None:
    with pytest.raises(CheckError, match="at least one"):
        HiddenData(np.zeros((0, 2)), np.zeros(0))


@pytest.mark.parametrize(
    ("fraction", "given"), [(1.0, 1.0), (0.999, 0.95), (0.976, 0.95), (0.5, 0.5), (0.512, 0.5), (0.02, 0.0), (0.0, 0.0)]
)
def test_marks_on_hidden_data_move_in_twentieths_and_are_full_only_when_earned(fraction: float, given: float) -> None:
    assert coarse(fraction) == given


def test_a_matrix_on_hidden_data_tells_how_much_of_a_class_is_recognised_and_no_more() -> None:
    figure = ConfusionMatrix(title="Digits", labels=("0", "1", "2"), counts=((97, 3, 0), (1, 2, 0), (0, 0, 0)))
    shown = coarse_recall(figure)
    assert (shown.labels, shown.percent) == (("0", "1", "2"), (100, 75, 0))
    assert shown.title == "Digits: per cent of each class recognised, to the nearest 25"
    one_more = figure.model_copy(update={"counts": ((96, 4, 0), (1, 2, 0), (0, 0, 0))})
    assert coarse_recall(one_more).percent == shown.percent  # one row more or less does not show


def test_arithmetic_in_another_order_is_no_difference_and_another_answer_is() -> None:
    first = np.array([[0.2, 0.8], [0.9, 0.1], [0.5, 0.5]], dtype="float32")
    assert not np.any(differing_rows(first, first + np.float32(1e-6)))
    again = first.copy()
    again[1] = [0.1, 0.9]
    assert np.array_equal(differing_rows(first, again), [False, True, False])
    assert np.array_equal(differing_rows([1, 2], [1, 3]), [False, True])
    assert not np.any(differing_rows([np.nan, 1.0], [np.nan, 1.0]))
    assert differing_rows(first, first[:2]) is None
    assert differing_rows(["a"], ["a"]) is None


def test_a_message_keeps_what_is_expected_and_tells_of_what_was_received_one_digit_or_steps_of_five() -> None:
    message = "expected 400 rows of 0.123456, received [0.123456, -3.14159e-05, 17, 1234, 1234.5678] for 400 rows"
    assert _coarse_words(message) == "expected 400 rows of 0.12, received [0.1, …, …, …, …] for … rows"
    assert _coarse_words("expected shape (90, any), received shape (90, 616)") == (
        "expected shape (90, any), received shape (…, …)"
    )
    assert _coarse_words("expected finite numbers, received 166 of 270 that are nan") == (
        "expected finite numbers, received … of … that are nan"
    )
    assert _coarse_words("it is not what it should be (17 of 90 numbers differ; by 0.31 and 0.77)") == (
        "it is not what it should be (… of … numbers differ; by 0.3 and …)"
    )
    assert _coarse_words("of at least 90%, received 87% (nothing up to 70%)") == (
        "of at least 90%, received 85% (nothing up to 70%)"
    )
    assert _coarse_words("expected an error of at most 0.5, received 1234567.5 or 3.7e-300") == (
        "expected an error of at most 0.5, received … or …"
    )
    assert len(_coarse_words("x" * 10_000)) == 300
