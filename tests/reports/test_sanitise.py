"""Text and HTML from strangers."""

from __future__ import annotations

import pytest

from autograder.reports.sanitise import excerpt, one_line, plain_text, safe_table, with_inline_code, without_regions


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil.example\x07click\x1b]8;;\x07", "click"),
        ("\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("\x1b]0;title\x07\x1b[2J\x1b]52;c;ZXZpbA==\x07text", "text"),
        ("\x9b31mred\x9b0m", "red"),
        ("10%\r55%\r100%", "100%"),
        ("done\r\nnext\r\n", "done\nnext\n"),
        ("4/5\b\b\b5/5", "5/5"),
        ("a\x00b\x07c\x7f", "a␀b␇c␡"),
        ("user\u202egpj.exe", "user⟨U+202E⟩gpj.exe"),
        ("zero\u200bwidth\ufeff", "zero⟨U+200B⟩width⟨U+FEFF⟩"),
        ("half \ud83d pair", "half \ufffd pair"),
        ("e" + "\u0301" * 100_000, "e" + "\u0301" * 4),
        ("\u0e01" + "\u0e47" * 1_000 + "\u0e01", "\u0e01" + "\u0e47" * 4 + "\u0e01"),
        (
            "\u05d1\u05b0\u05bc\u05e8\u05b5\u05d0\u05e9\u05b4\u05c1\u05d9\u05ea",
            "\u05d1\u05b0\u05bc\u05e8\u05b5\u05d0\u05e9\u05b4\u05c1\u05d9\u05ea",
        ),
        ("say \U000e0041\U000e007f\u3164it", "say ⟨U+E0041⟩⟨U+E007F⟩⟨U+3164⟩it"),
        ("family \U0001f468\u200d\U0001f469", "family \U0001f468\u200d\U0001f469"),
        ("tab\tstays\n", "tab\tstays\n"),
    ],
)
def test_text_is_shown_as_a_terminal_would_leave_it_with_the_invisible_made_visible(raw: str, shown: str) -> None:
    assert plain_text(raw) == shown


def test_an_unfinished_terminal_code_does_not_swallow_what_follows() -> None:
    assert plain_text("before \x1b]8;;http://x\nafter") == "before 8;;http://x\nafter"


def test_a_long_text_keeps_its_beginning_and_its_end_and_says_what_is_missing() -> None:
    shown = excerpt("a" * 60_000 + "b" * 60_000, limit=9_000)
    assert shown.head == "a" * 6_000
    assert shown.tail == "b" * 3_000
    assert shown.left_out in (111_000, 111_001)  # one line break stands for the part that was never read


def test_a_short_text_is_whole() -> None:
    shown = excerpt("all of it", limit=9)
    assert (shown.head, shown.tail, shown.left_out) == ("all of it", "", 0)


def test_one_line_has_no_line_breaks_and_an_end() -> None:
    assert one_line("a\nb\t c") == "a b c"
    assert one_line("x" * 300, limit=5) == "xxxx…"


def test_backticks_make_code_and_everything_else_is_escaped() -> None:
    assert with_inline_code("`a<b>` & <i>") == "<code>a&lt;b&gt;</code> &amp; &lt;i&gt;"


def test_a_table_keeps_its_structure_and_nothing_else() -> None:
    html = (
        '<style>td {color: red}</style><table class="dataframe" onclick="x()"><tr><th scope="row" style="x">'
        '<a href="http://evil.example">a</a></th><td colspan="2">b<script>x()</script></td></tr></table>'
    )
    assert safe_table(html) == ('<table><tbody><tr><th scope="row">a</th><td colspan="2">b</td></tr></tbody></table>')


@pytest.mark.parametrize(
    "html",
    [
        "<p>no table</p>",
        "<script>table</script>",
        "<table><tr><td>" + "x" * 200_000,
        "<div>" * 10_000 + "<table><tr><td>deep</td></tr></table>",
    ],
)
def test_what_is_no_small_table_is_not_kept(html: str) -> None:
    assert safe_table(html) is None


def test_a_span_of_ten_thousand_columns_is_dropped() -> None:
    table = safe_table('<table><tr><td colspan="10000">x</td></tr></table>')
    assert table == "<table><tbody><tr><td>x</td></tr></tbody></table>"


def test_hidden_regions_are_taken_out_even_when_they_never_end() -> None:
    source = "a\n### BEGIN HIDDEN TESTS\nsecret\n### END HIDDEN TESTS\nb\n# BEGIN HIDDEN TESTS\nlast"
    assert without_regions(source, "HIDDEN TESTS") == ("a\nb", ["secret", "last"])
