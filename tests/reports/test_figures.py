"""Figures as SVG, with a table beside them."""

from __future__ import annotations

import pytest

from autograder.reports.figures import draw, draw_histogram, draw_share
from autograder.results import Bars, ConfusionMatrix, Curve

from .samples import CONFUSION, LEARNING_CURVE


def test_a_curve_has_a_line_and_a_key_for_each_series() -> None:
    drawing = draw(LEARNING_CURVE, "c")
    assert drawing.svg.count("<polyline") == 2
    assert drawing.keys == ("training", "validation")
    assert '<title id="c-title">Loss while training on the hidden digits</title>' in drawing.svg
    assert "training goes from 2.36 to 0.1281 over 12 values." in drawing.svg


def test_a_curve_is_drawn_where_its_values_are() -> None:
    drawing = draw(Curve(title="t", x_label="Epoch", y_label="y", series={"a": (0.0, 1.0)}), "c")
    # From the lower left to the upper right corner of the plotting area.
    assert 'points="66.0,220.0 508.0,12.0"' in drawing.svg


def test_a_long_curve_is_thinned_and_its_table_says_so() -> None:
    drawing = draw(Curve(title="t", x_label="Step", y_label="y", series={"a": tuple(map(float, range(5_000)))}), "c")
    assert drawing.svg.count(",") < 1_000
    assert drawing.table.note == "12 of 5,000 rows, evenly spread."
    assert drawing.table.rows[0] == ("1", "0")
    assert drawing.table.rows[-1] == ("5,000", "4999")


@pytest.mark.parametrize(
    "series", [{}, {"a": ()}, {"a": (0.0,)}, {"a": (5.0, 5.0)}, {"a": (-1e30, 1e30)}, {"a": (1e-12, 2e-12)}]
)
def test_an_odd_curve_is_still_a_figure(series: dict[str, tuple[float, ...]]) -> None:
    drawing = draw(Curve(title="t", x_label="x", y_label="y", series=series), "c")
    assert "nan" not in drawing.svg
    assert "inf" not in drawing.svg


def test_a_confusion_matrix_shows_every_count_and_says_how_many_agree() -> None:
    drawing = draw(CONFUSION, "m")
    assert drawing.svg.count("<rect") == 100
    assert drawing.svg.count('class="hit"') == 10
    assert "323 of 361 examples are on the diagonal" in drawing.svg
    assert drawing.table.columns == tuple("0123456789")
    assert drawing.table.rows[1] == ("1", "0", "30", "2", "0", "0", "0", "0", "0", "4", "0")


@pytest.mark.parametrize(
    ("labels", "counts"),
    [((), ()), (("a", "b"), ((1, 2),)), (("a",), ((1, 2, 3), (4,))), (("a", "b"), ((0, 0), (0, 0)))],
)
def test_an_odd_confusion_matrix_is_still_a_figure(
    labels: tuple[str, ...], counts: tuple[tuple[int, ...], ...]
) -> None:
    assert draw(ConfusionMatrix(title="t", labels=labels, counts=counts), "m").svg.endswith("</svg>")


def test_names_in_a_figure_are_escaped() -> None:
    drawing = draw(Curve(title="<b>", x_label="<i>", y_label="</svg>", series={"<script>": (1.0, 2.0)}), "c")
    assert "<b>" not in drawing.svg
    assert "<script>" not in drawing.svg
    assert drawing.svg.count("</svg>") == 1


def test_bars_say_the_per_cent_of_each_class_on_a_scale_that_ends_at_a_hundred() -> None:
    drawing = draw(Bars(title="New waste", labels=("glass", "<b>", "a very long name"), percent=(75, 0, 100)), "b")
    assert "glass: 75; &lt;b&gt;: 0; a very long name: 100" in drawing.svg
    assert drawing.table.rows == (("glass", "75"), ("<b>", "0"), ("a very long name", "100"))
    assert drawing.svg.count("<rect") == 2
    assert draw(Bars(title="none", labels=(), percent=()), "b").svg.endswith("</svg>")


def test_a_histogram_counts_above_its_bars() -> None:
    drawing = draw_histogram([0, 3], [("0", "0 to 49"), ("50", "50 to 100")], "Marks", "Per cent", "h")
    assert drawing.svg.count('class="bar"') == 1
    assert ">3</text>" in drawing.svg
    assert drawing.table.rows == (("0 to 49", "0"), ("50 to 100", "3"))


def test_a_share_never_leaves_its_bar() -> None:
    assert 'class="earned" width="100.00"' in draw_share(12.0, 5.0, 10.0)
    assert 'class="earned" width="0.00"' in draw_share(0.0, 0.0, 0.0)
    assert 'class="open" x="25.00" width="50.00"' in draw_share(1.0, 2.0, 4.0)
