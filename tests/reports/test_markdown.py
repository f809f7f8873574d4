"""A student's Markdown."""

from __future__ import annotations

import base64

from autograder.reports.markdown import safe_markdown

from .samples import png


def test_headings_move_below_those_of_the_page() -> None:
    assert safe_markdown("# One\n\n##### Five") == "<h3>One</h3>\n<h6>Five</h6>\n"


def test_maths_stays_as_it_was_written() -> None:
    assert safe_markdown("so $a_1 * b_1 * c$ is") == '<p>so <code class="maths">$a_1 * b_1 * c$</code> is</p>\n'
    assert '<code class="maths">$$\nx_i\n$$</code>' in safe_markdown("$$\nx_i\n$$")


def test_two_prices_are_no_formula() -> None:
    assert safe_markdown("from $5 to $ 6") == "<p>from $5 to $ 6</p>\n"


def test_a_link_becomes_its_text_and_its_address() -> None:
    shown = safe_markdown("[Keras](https://keras.io/a_b_) and <https://example.org>")
    assert shown == ('<p>Keras <span class="address">(https://keras.io/a_b_)</span> and https://example.org</p>\n')


def test_raw_html_is_text() -> None:
    assert safe_markdown("<b>bold</b>") == "<p>&lt;b&gt;bold&lt;/b&gt;</p>\n"


def test_the_name_of_a_code_block_is_no_class() -> None:
    assert safe_markdown("```masthead\nx\n```") == '<pre><code class="">x\n</code></pre>\n'


def test_a_picture_from_elsewhere_is_named_and_not_loaded() -> None:
    shown = safe_markdown("![a cat](https://tracker.example/x.png)")
    assert shown == '<p><span class="picture">[picture not shown: a cat]</span></p>\n'


def test_an_attached_picture_is_shown() -> None:
    data = base64.b64encode(png(4, 3)).decode()
    shown = safe_markdown("![plot](attachment:plot.png)", {"plot.png": {"image/png": data}})
    assert shown == f'<p><img src="data:image/png;base64,{data}" alt="plot"></p>\n'


def test_one_attachment_shown_a_hundred_times_does_not_swell_the_page() -> None:
    picture = f"<svg><desc>{' ' * 200_000}</desc></svg>"
    source = "![x](attachment:a)" * 100
    shown = safe_markdown(source, {"a": {"image/svg+xml": picture}})
    assert shown.count("<img") == 11
    assert shown.count("[picture not shown: x]") == 89


def test_a_table_is_a_table() -> None:
    assert "<th>a</th>" in safe_markdown("|a|b|\n|-|-|\n|1|2|")


def test_an_overlong_text_is_shown_as_text() -> None:
    shown = safe_markdown("*a" * 50_000)
    assert shown.startswith('<pre class="overlong">*a*a')
    assert len(shown) < 25_000
