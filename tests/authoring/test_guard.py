from __future__ import annotations

import pytest

from autograder.authoring.guard import remove_guard


def test_a_guarded_cell_loses_its_guard_and_keeps_its_comments() -> None:
    source = 'if __name__ == "__main__":  # slow\n    # train\n    for i in range(2):\n        print(i)\n\n    print()'
    assert remove_guard(source) == "# train\nfor i in range(2):\n    print(i)\n\nprint()"


def test_a_guard_at_the_end_of_a_cell_leaves_what_is_above() -> None:
    assert remove_guard("x = 1\n\nif __name__ == '__main__':\n  print(x)") == "x = 1\n\nprint(x)"


def test_a_string_over_several_lines_keeps_its_value() -> None:
    source = 'if __name__ == "__main__":\n    text = """a\n    b\n  c"""\n    x = f"""{text}\n    d"""\n'
    freed = remove_guard(source)
    assert freed == 'text = """a\n    b\n  c"""\nx = f"""{text}\n    d"""'


def test_a_cell_without_a_guard_is_left_as_it_is() -> None:
    assert remove_guard("x = 1\nif x:\n    y = '__main__'") == "x = 1\nif x:\n    y = '__main__'"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ('if __name__ == "__main__":\n    x = 1\ny = 2', 1),
        ('if __name__ == "__main__":\n    x = 1\nelse:\n    x = 2', 1),
        ('z = 1\nif __name__ == "__main__": x = 1', 2),
        ('def f():\n    if __name__ == "__main__":\n        x = 1', 2),
        ('if __name__ == "__main__":\n    x = 1\nif __name__ == "__main__":\n    x = 2', 1),
        ('if __name__ != "__main__":\n    x = 1', 1),
    ],
)
def test_a_guard_of_another_form_is_refused_with_its_line(source: str, line: int) -> None:
    with pytest.raises(ValueError, match=f"line {line}: expected `if __name__ .* as the cell's last statement"):
        remove_guard(source)
