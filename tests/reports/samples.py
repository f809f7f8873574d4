"""Submissions as the grader records them: a full, a failing, a late unsandboxed, a limit-hit, an unjudged one."""

from __future__ import annotations

import base64
import math
import struct
import zlib

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.results import (
    CellResult,
    CheckResult,
    ConfusionMatrix,
    Curve,
    LimitHit,
    NotebookResult,
    Protection,
    SubmissionResult,
)

COURSE = "Deep learning with Keras"
LAB = "cnn_digits"
TITLES = {
    LAB: "Convolutional networks on handwritten digits",
    "convolution-values": "Convolution by hand",
    "cnn-shape": "A small convolutional network",
    "cnn-training": "Training it",
    "metrics-values": "Precision, recall and F1",
    "why-convolution": "Why convolution helps",
}

SANDBOX = Protection(level="strong", holds={"network": True, "file system": True, "memory": True, "processes": True})
NO_SANDBOX = Protection(level="none", holds={"network": False, "file system": False})

LEARNING_CURVE = Curve(
    title="Loss while training on the hidden digits",
    x_label="Epoch",
    y_label="Loss",
    series={
        "training": tuple(round(2.3 * math.exp(-0.32 * epoch) + 0.06, 4) for epoch in range(12)),
        "validation": tuple(round(2.25 * math.exp(-0.27 * epoch) + 0.16 + 0.004 * epoch, 4) for epoch in range(12)),
    },
)

CONFUSION = ConfusionMatrix(
    title="Predictions on the hidden digits",
    labels=tuple("0123456789"),
    counts=(
        (35, 0, 0, 0, 0, 0, 1, 0, 0, 0),
        (0, 30, 2, 0, 0, 0, 0, 0, 4, 0),
        (0, 0, 34, 1, 0, 0, 0, 0, 0, 0),
        (0, 0, 1, 31, 0, 2, 0, 1, 1, 1),
        (0, 1, 0, 0, 34, 0, 0, 1, 0, 0),
        (0, 0, 0, 1, 0, 35, 0, 0, 0, 1),
        (1, 0, 0, 0, 0, 0, 36, 0, 0, 0),
        (0, 0, 0, 0, 1, 0, 0, 35, 0, 0),
        (0, 5, 0, 1, 0, 1, 0, 0, 27, 1),
        (0, 0, 0, 4, 0, 3, 0, 2, 1, 26),
    ),
)


def check(name: str, sentence: str, **changes: object) -> CheckResult:
    """A check of weight 1, measured and passed unless told otherwise."""
    values: dict[str, object] = {"verdict": "passed", "fraction": 1.0, "weight": 1.0, "evidence": "measured"}
    return CheckResult(**{**values, "name": name, "sentence": sentence, "seconds": 0.21, **changes})  # type: ignore[arg-type]


CONVOLUTION = (
    check("convolves_like_keras", "`conv2d` equals Keras on random images, kernels, strides and paddings.", weight=2.0),
    check("leaves_its_input_alone", "`conv2d` does not change the arrays it is given."),
    check("pools_the_maximum", "`max_pool` keeps the largest value of every window."),
)
SHAPE = (
    check("gives_ten_probabilities", "`build_cnn` maps a batch of 8x8 images to ten probabilities.", weight=2.0),
    check("keeps_the_budget", "The network has at most 20,000 trainable parameters.", evidence="recomputed"),
    check("reaches_every_weight", "The gradient of the loss reaches every trainable weight.", evidence="reported"),
)
TRAINING = (
    check(
        "learns_the_digits",
        "After `train`, the network recognises hidden digits.",
        weight=3.0,
        figures=(LEARNING_CURVE, CONFUSION),
    ),
    check("overfits_one_batch", "The network can learn one small batch by heart."),
)
METRICS = (check("matches_the_definition", "Precision, recall and F1 follow from the confusion matrix."),)


def cell(
    name: str, points: float, checks: tuple[CheckResult, ...], score: float | None, **changes: object
) -> CellResult:
    """A cell judged by checks."""
    values: dict[str, object] = {"kind": "checks", "status": "graded", "seconds": 1.3}
    return CellResult(**{**values, "cell": name, "points": points, "checks": checks, "score": score, **changes})  # type: ignore[arg-type]


def manual(score: float | None) -> CellResult:
    """The written answer; `None` while nobody has read it."""
    return cell(
        "why-convolution", 2.0, (), score, kind="manual", status="graded" if score is not None else "needs_review"
    )


def submission(student: str, cells: tuple[CellResult, ...], **changes: object) -> SubmissionResult:
    """A submission of the lab with these cells; the sums follow from them."""
    limits = changes.pop("limits", ())
    statuses = {one.status for one in cells}
    status = next(one for one in ("could_not_judge", "needs_review", "graded") if one in statuses)
    score = sum(one.score or 0.0 for one in cells)
    max_score = sum(one.points for one in cells)
    values: dict[str, object] = {
        "course": COURSE,
        "student": student,
        "assignment": LAB,
        "score": score,
        "max_score": max_score,
        "status": status,
        "notebooks": (
            NotebookResult(
                notebook=LAB, score=score, max_score=max_score, status=status, cells=cells, limits=limits, seconds=6.4
            ),  # type: ignore[arg-type]
        ),
        "protection": SANDBOX,
        "key": "3f9c2a7d",
        "started": "2026-03-02T14:05:11+00:00",
        "seconds": 7.1,
        "versions": {"autograder": "0.1.0", "keras": "3.15.1", "tensorflow": "2.21.0", "numpy": "2.4.6"},
    }
    return SubmissionResult(**{**values, **changes})  # type: ignore[arg-type]


def full() -> SubmissionResult:
    """Everything passed; the written answer has been read."""
    return submission(
        "amara.okafor",
        (
            cell("convolution-values", 5.0, CONVOLUTION, 5.0),
            cell("cnn-shape", 4.0, SHAPE, 4.0),
            cell("cnn-training", 6.0, TRAINING, 6.0),
            cell("metrics-values", 3.0, METRICS, 3.0),
            manual(2.0),
        ),
    )


def failing() -> SubmissionResult:
    """Some passed, some failed, one in part, one skipped; the written answer is still to be read."""
    convolution = (
        check(
            "convolves_like_keras",
            CONVOLUTION[0].sentence,
            weight=2.0,
            verdict="failed",
            fraction=0.0,
            message="Expected an array of shape (1, 3, 3, 4) for stride 2 and padding `same`, received (1, 4, 4, 4).",
            hint="with `same`, the output is `ceil(size / stride)` long, whatever the kernel's size.",
        ),
        *CONVOLUTION[1:],
    )
    shape = (
        SHAPE[0],
        SHAPE[1],
        check(
            "reaches_every_weight",
            SHAPE[2].sentence,
            evidence="reported",
            verdict="failed",
            fraction=0.0,
            message="No gradient reaches `conv2d_1/kernel`.",
            hint="is the second convolution's output used by the layer after it?",
        ),
    )
    training = (
        check(
            "learns_the_digits",
            TRAINING[0].sentence,
            weight=3.0,
            verdict="failed",
            fraction=0.62,
            message="Expected an accuracy of 0.96 or more for all points (none below 0.80), received 0.90.",
            hint="the validation loss is still falling at the end: more epochs or a higher learning rate.",
            figures=(LEARNING_CURVE, CONFUSION),
        ),
        check(
            "overfits_one_batch",
            TRAINING[1].sentence,
            verdict="skipped",
            fraction=0.0,
            message="Skipped, because `reaches_every_weight` has to pass first.",
        ),
    )
    metrics = (
        check(
            "matches_the_definition",
            METRICS[0].sentence,
            verdict="failed",
            fraction=0.0,
            message="`precision_recall_f1` raised `ZeroDivisionError: division by zero` "
            "for a class that is never predicted.",
            hint="say what precision is when nothing was predicted, before you divide.",
        ),
    )
    return submission(
        "jonas.lindqvist",
        (
            cell("convolution-values", 5.0, convolution, 2.5),
            cell("cnn-shape", 4.0, shape, 3.0),
            cell("cnn-training", 6.0, training, 2.79),
            cell("metrics-values", 3.0, metrics, 0.0),
            manual(None),
        ),
        late_seconds=7_530.0,
    )


def unjudged() -> SubmissionResult:
    """A grader fault took one check away."""
    training = (
        check(
            "learns_the_digits",
            TRAINING[0].sentence,
            weight=3.0,
            verdict="could_not_judge",
            fraction=None,
            fault="FileNotFoundError: reference/cnn_digits/data/hidden.npz",
        ),
        TRAINING[1],
    )
    return submission(
        "mei-ling.chen",
        (
            cell("convolution-values", 5.0, CONVOLUTION, 5.0),
            cell("cnn-shape", 4.0, SHAPE, 4.0),
            cell("cnn-training", 6.0, training, None, status="could_not_judge"),
            cell("metrics-values", 3.0, METRICS, 3.0),
            manual(1.5),
        ),
    )


def limited() -> SubmissionResult:
    """Training that never ends."""
    message = "The cell ran longer than the 20 seconds it may take and was stopped."
    training = tuple(
        check(
            one.name, one.sentence, verdict="failed", fraction=0.0, message=message, hint="is the loop's end reached?"
        )
        for one in TRAINING
    )
    limit = LimitHit(
        limit="cell_seconds",
        cell="cnn-training",
        value=20.0,
        unit="s",
        sentence="The cell `cnn-training` ran longer than 20 seconds and was stopped. What came before it was kept.",
    )
    return submission(
        "sofia.rossi",
        (
            cell("convolution-values", 5.0, CONVOLUTION, 5.0),
            cell("cnn-shape", 4.0, SHAPE, 4.0),
            cell("cnn-training", 6.0, training, 0.0),
            cell("metrics-values", 3.0, METRICS, 3.0),
            manual(0.0),
        ),
        limits=(limit,),
    )


def unsandboxed() -> SubmissionResult:
    """A course without checks, graded as nbgrader would, on a machine without a sandbox."""
    return submission(
        "tomasz.nowak",
        (
            cell("convolution-values", 5.0, (), 5.0, kind="tests"),
            cell("metrics-values", 3.0, (), 0.0, kind="tests", message="AssertionError: expected 0.75, received 0.5"),
        ),
        protection=NO_SANDBOX,
        notes=("The notebook had no cell `cnn-shape`; it was put back from the assignment.",),
    )


def every() -> tuple[SubmissionResult, ...]:
    """One of each."""
    return full(), failing(), unjudged(), limited(), unsandboxed()


def class_of_many() -> tuple[SubmissionResult, ...]:
    """A class large enough for a distribution."""
    others = [
        made().model_copy(update={"student": f"student-{number:02}"})
        for number, made in enumerate([full, failing, full, limited, full, failing, full, full, limited], start=1)
    ]
    return (*every(), *others)


def png(width: int = 320, height: int = 120) -> bytes:
    """A real PNG of a gradient, without a library."""
    rows = b"".join(
        b"\x00" + b"".join(bytes((x * 255 // width, 90 + y, 255 - x * 200 // width)) for x in range(width))
        for y in range(height)
    )
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def graded(grade_id: str, **flags: bool) -> dict[str, object]:
    """The metadata nbgrader gives a cell."""
    return {"nbgrader": {"grade_id": grade_id, "schema_version": 3, "grade": False, "solution": False, **flags}}


def notebook() -> NotebookNode:
    """A lab as a student left it: prose, code, a progress bar, a table, a picture, errors and hidden tests."""
    frame = (
        "<div><style scoped>.dataframe td {color: red}</style><table border='1' class='dataframe'><thead><tr><th></th>"
        "<th>precision</th><th>recall</th></tr></thead><tbody><tr><th>0</th><td>0.97</td><td>0.97</td></tr>"
        "<tr><th>1</th><td>0.83</td><td>0.83</td></tr></tbody></table></div>"
    )
    progress = "".join(
        f"\x1b[1m{step}/45\x1b[0m \x1b[32m━━━━━━━━━━━━━━━━━━━━\x1b[0m "
        f"\x1b[1m0s\x1b[0m 3ms/step - loss: {2.3 / step:.3f}\r"
        for step in (1, 12, 30, 45)
    )
    cells = [
        new_markdown_cell(
            "# Convolutional networks\n\nA convolution slides a small kernel over the image. For one channel,\n\n"
            "$$y_{i,j} = \\sum_{a,b} x_{i+a,\\,j+b}\\, k_{a,b}$$\n\nIn this lab you\n\n1. write one by hand,\n"
            "2. build a network with [Keras](https://keras.io/api/layers/convolution_layers/),\n3. and measure it.",
            metadata=graded("introduction"),
        ),
        new_code_cell(
            "def conv2d(images: np.ndarray, kernels: np.ndarray, stride: int = 1) -> np.ndarray:\n"
            '    """Convolve images of shape (batch, height, width, channels) with kernels.\n\n'
            '    Returns:\n        An array of shape (batch, new_height, new_width, filters).\n    """\n'
            "    windows = sliding_window_view(images, kernels.shape[:2], axis=(1, 2))  # every patch at once\n"
            "    windows = windows[:, ::stride, ::stride]\n"
            '    return np.einsum("bhwcij,ijcf->bhwf", windows, kernels)\n',
            metadata=graded("convolution", solution=True),
            execution_count=2,
        ),
        new_code_cell(
            "image = np.ones((1, 4, 4, 1))\nassert conv2d(image, np.ones((2, 2, 1, 3))).shape == (1, 3, 3, 3)\n"
            "### BEGIN HIDDEN TESTS\nassert conv2d(image, SECRET_KERNEL)[0, 0, 0, 0] == 42.5\n### END HIDDEN TESTS",
            metadata=graded("convolution-values", grade=True, locked=True),
            execution_count=3,
            outputs=[
                new_output(
                    "error",
                    ename="AssertionError",
                    evalue="convolution differs\n x: array([42.5])",
                    traceback=["----> 5 assert conv2d(image, SECRET_KERNEL)[0, 0, 0, 0] == 42.5", "AssertionError"],
                )
            ],
        ),
        new_code_cell(
            "history = train(model, digits)\nprint(f\"accuracy {history['accuracy'][-1]:.3f}\")\nplt.imshow(filters)",
            execution_count=5,
            outputs=[
                new_output("stream", name="stdout", text=progress + "\naccuracy 0.898\n"),
                new_output("stream", name="stderr", text="UserWarning: the data was not shuffled\n"),
                new_output(
                    "display_data",
                    data={"image/png": base64.b64encode(png()).decode(), "text/plain": "<Figure size 320x120>"},
                ),
            ],
        ),
        new_code_cell(
            "scores",
            execution_count=6,
            outputs=[
                new_output("execute_result", execution_count=6, data={"text/html": frame, "text/plain": "  precision"})
            ],
        ),
        new_code_cell(
            "precision_recall_f1(np.zeros((3, 3)))",
            execution_count=7,
            outputs=[
                new_output(
                    "error",
                    ename="ZeroDivisionError",
                    evalue="division by zero",
                    traceback=[
                        "\x1b[31m-----------------------------------------------------------------\x1b[39m",
                        "\x1b[31mZeroDivisionError\x1b[39m               Traceback (most recent call last)",
                        "\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[7]\x1b[39m, line 1\n"
                        "----> 1 precision_recall_f1(np.zeros((3, 3)))",
                        "\x1b[31mZeroDivisionError\x1b[39m: division by zero",
                    ],
                )
            ],
        ),
        new_markdown_cell(
            "A kernel is used at **every** place, so a digit that moves is still the same digit: "
            "the network learns $k_{a,b}$ once instead of once per pixel.",
            metadata=graded("why-convolution", grade=True, solution=True),
        ),
    ]
    return new_notebook(cells=cells)
