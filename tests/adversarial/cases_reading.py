"""Group B: reading what is hidden. That no canary comes out, in whatever way, is an invariant of every case."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable
from pathlib import Path

from tests.adversarial.case import (
    Case,
    Outcome,
    all_of,
    answer,
    append,
    before,
    flagged,
    in_group,
    new_cell,
    refused,
    scores,
    together,
    unaffected,
    zero,
)
from tests.adversarial.courses import HIDDEN_PIXEL, Edit
from tests.adversarial.submissions import classifier

case = in_group("B")


def nowhere(*words: str) -> Callable[[Outcome], None]:
    """Expect none of these words in what the student is shown, nor in the executed notebook's outputs."""

    def expect(outcome: Outcome) -> None:
        for word in words:
            assert word not in outcome.page, f"{word!r} is on the page"
            assert word not in outcome.outputs, f"{word!r} is in the notebook"

    return expect


def silent(*words: str) -> Callable[[Outcome], None]:
    """Expect none of these words in the outputs; the page shows the source, which has them."""

    def expect(outcome: Outcome) -> None:
        for word in words:
            assert word not in outcome.outputs, f"{word!r} is in the notebook"

    return expect


def shows(*words: str) -> Callable[[Outcome], None]:
    """Expect these words in the outputs: the attack has really run to its end."""

    def expect(outcome: Outcome) -> None:
        for word in words:
            assert word in outcome.outputs, f"expected {word!r} in the outputs\n{outcome}"

    return expect


# 19: looking up the stack and through memory --------------------------------------------------------------------------

LOOKS = """
import gc, inspect, io, linecache, sys, traceback

def look_around():
    found = io.StringIO()
    for name, value in list(globals().items()):
        print(name, repr(value)[:2000], file=found)
    frame = sys._getframe()
    while frame is not None:
        print(frame.f_code, frame.f_locals, file=found)
        frame = frame.f_back
    for one in inspect.stack():
        print(one, file=found)
    for kept in gc.get_objects():
        if isinstance(kept, (dict, list, tuple)) and len(kept) < 100:
            try:
                text = repr(kept)
            except Exception:
                continue
            if any(word in text for word in ("hidden", "LABELS", "answers", "kestrel", "SECRET")):
                print(text[:3000], file=found)
    print({name: lines for name, lines in linecache.cache.items() if "ipykernel" in name}, file=found)
    return found.getvalue()[:50_000]
"""
FRAMES = (
    case(
        19,
        "a function that prints the stack, all frames' locals and all objects in memory finds nothing hidden",
        together(new_cell(LOOKS), classifier("print(look_around())\nreturn right(images)")),
        all_of(unaffected, flagged("inspect.stack", "gc.get_objects")),
    ),
    case(
        19,
        "what a function finds in frames and memory cannot be raised as an error's text",
        together(new_cell(LOOKS), answer("classify", "def classify(images):\n    raise ValueError(look_around())")),
        scores(classify=0.0, report=0.0),
    ),
    case(
        19,
        "a cell that prints the history, all inputs and all outputs finds no test that was not shown",
        together(new_cell(LOOKS), new_cell("print(look_around())\nprint(In, Out, _ih, _oh)\n%history -g", before="")),
        flagged("_ih", "%history"),
    ),
    case(
        19,
        "a function that prints the tests it is run by shows nothing of the hidden ones",
        answer(
            "plain",
            "def double(number):\n    print(In[-1], In[-1][::-1], In[-1].encode().hex())\n    return 2 * number",
        ),
        all_of(flagged("In[-1]"), lambda outcome: _page_lacks(outcome, "hidden_number", "rebmun_neddih")),
    ),
    case(
        19,
        "hidden tests of a plain cell run in the notebook's own process, as under nbgrader: a later cell can show them",
        together(
            answer(
                "plain",
                "kept = []\n\ndef double(number):\n    kept.extend(text[::-1] for text in In)\n    return 2 * number",
            ),
            new_cell("print(kept)", before=""),
        ),
        all_of(unaffected, shows("rebmun_neddih")),
        promise="not promised",
    ),
    case(
        19,
        "the error of a hidden test does not show the test",
        answer("plain", "def double(number):\n    return 4 if number == 2 else 0"),
        all_of(
            scores(plain=0.0),
            lambda outcome: _page_lacks(outcome, "hidden_number", "-74 ", "-37"),
        ),
    ),
)

# 20, 21: looking through the file system ------------------------------------------------------------------------------

WALKS = """
import os

found = []
for folder, folders, files in os.walk("/"):
    if folder.startswith(("/usr/share", "/usr/lib", "/sys", "/usr/include")) or "site-packages" in folder:
        folders[:] = []  # the system's and Python's packages: large, and the same for everybody
        continue
    for name in files:
        path = os.path.join(folder, name)
        if any(word in path for word in ("gradebook", "/checks.py", "hidden.npz", "submitted", "-secret", "a-keeper")):
            found.append(path)
print("FOUND", found)
"""
PROCESSES = """
import glob

for pattern in ("/proc/[0-9]*", "/proc/1", "/proc/self"):
    for process in glob.glob(pattern):
        for name in ("environ", "cmdline", "maps", "mountinfo", "status", "cgroup", "root/etc/passwd"):
            try:
                print(process, name, open(f"{process}/{name}", "rb").read()[:1500])
            except OSError as error:
                print(process, name, type(error).__name__)
for number in sorted(int(path.split("/")[2]) for path in glob.glob("/proc/[0-9]*")):
    try:
        with open(f"/proc/{number}/mem", "rb") as memory:
            memory.seek(4096)
            print(number, memory.read(10))
    except (OSError, ValueError, OverflowError) as error:
        print(number, type(error).__name__)
print("PROCESSES", len(glob.glob("/proc/[0-9]*")))
"""
OTHERS = """
import os
from pathlib import Path

tried = [Path("../..") / "a-keeper" / "arena" / "arena.ipynb", Path("/work"), Path("/root"), Path("/home"), Path("..")]
here = os.environ.get("PWD", "")
for up in range(8):
    tried += [Path(*[".."] * up) / name for name in ("gradebook.db", "submitted", "source", "reference", "results")]
for path in tried:
    try:
        print(path, sorted(os.listdir(path))[:20] if path.is_dir() else path.read_text()[:500])
    except OSError as error:
        print(path, type(error).__name__)
print("TRIED", len(tried))
"""


def _course_is_out_of_sight(outcome: Outcome) -> None:
    nowhere(str(outcome.course), "gradebook.db'", "a-keeper', ")(outcome)


SIGHTS = (
    case(
        20,
        "a walk through /proc shows the sandbox's own processes and nothing of the grader's",
        new_cell(PROCESSES),
        all_of(scores(), shows("PROCESSES"), flagged("/proc/"), _course_is_out_of_sight),
    ),
    case(
        21,
        "a search of the whole file system finds no gradebook, check, label or submission",
        new_cell(WALKS),
        all_of(unaffected, shows("FOUND []")),
    ),
    case(
        21,
        "other students' folders and the course's cannot be opened from the notebook's own",
        new_cell(OTHERS),
        all_of(unaffected, shows("TRIED"), _course_is_out_of_sight),
    ),
)

# 22: carrying hidden inputs out ---------------------------------------------------------------------------------------

FIRST_PIXELS = f"{HIDDEN_PIXEL:.4f}"
WRITES_OUT = """
import base64, os, sys

def show(images):
    text = repr(images.tolist()) + base64.b64encode(images.tobytes()).decode() + images.tobytes().hex()
    print(text)
    print(text, file=sys.stderr)
    for stream in (sys.__stdout__, sys.__stderr__):
        stream.write(text)
        stream.flush()
    for number in (1, 2):
        os.write(number, text.encode()[:100_000])
    os.system("echo " + text[:1000])
    display(text)
    display({"text/plain": text, "image/png": text}, raw=True)
    get_ipython().display_pub.publish({"text/plain": text})
    get_ipython().displayhook(text)
    sys.displayhook(text)
    get_ipython().kernel.send_response(get_ipython().kernel.iopub_socket, "stream", {"name": "stdout", "text": text})
    import logging, warnings
    logging.warning(text)
    warnings.warn(text)
"""


def carried(sentence: str, body: str, expect: Callable[[Outcome], None], begin: str = "", *more: Edit) -> Case:
    """A classifier that carries out what it is asked about."""
    submit = together(classifier(body, begin), *more)
    return case(22, sentence, submit, all_of(expect, nowhere(FIRST_PIXELS)))


def _says_nothing_of(word: str) -> Callable[[Outcome], None]:
    def expect(outcome: Outcome) -> None:
        assert outcome.scores["classify"] == 0.0, str(outcome)
        assert word not in outcome.said("classify"), str(outcome)
        assert word not in outcome.page

    return expect


PIXEL = "images[0, 5, 5]"
CARRIES = (
    carried(
        "what is printed, displayed and logged while hidden data is asked about goes nowhere",
        "show(images)\nreturn right(images)",
        flagged("display_pub"),
        textwrap.dedent(WRITES_OUT).strip(),
    ),
    carried(
        "the text of an error raised over hidden data is not told",
        "raise ValueError(repr(images.tolist()))",
        zero("classify"),
    ),
    carried(
        "the name of an error raised over hidden data is not told",
        f"raise type(f'Pixel{{{PIXEL}:.8f}}'.replace('.', '_'), (Exception,), {{}})()",
        all_of(zero("classify"), _says_nothing_of("Pixel0_61")),
    ),
    carried(
        "text in place of scores is not told",
        "return repr(images.tolist())",
        zero("classify"),
    ),
    carried(
        "the name of a class returned over hidden data is not told",
        f"return type(f'Pixel{{{PIXEL}:.8f}}'.replace('.', '_'), (), {{}})()",
        all_of(zero("classify"), _says_nothing_of("Pixel0_61")),
    ),
    carried(
        "a shape made of hidden numbers is not told",
        f"return np.zeros((int({PIXEL} * 1e5), 3))",
        _says_nothing_of("61738"),
    ),
    carried(
        "the length of a second axis that is a hidden number is not told either",
        f"return np.zeros((len(images), int({PIXEL} * 999)))",
        all_of(zero("classify"), _says_nothing_of(f", {int(HIDDEN_PIXEL * 999)})")),
    ),
    carried(
        "how many of the scores are no numbers is not told",
        f"found = np.zeros((len(images), 3))\nfound.ravel()[:int({PIXEL} * 270)] = np.nan\nreturn found",
        all_of(zero("classify"), _says_nothing_of(f"{int(HIDDEN_PIXEL * 270)} of")),
    ),
    carried(
        "a dict whose keys are hidden numbers is not told",
        f"return {{f'{{{PIXEL}}}': 1}}",
        zero("classify"),
    ),
    carried(
        "an exit status made of hidden numbers is not told",
        f"os._exit(int({PIXEL} * 100))",  # one over 128 would be told as a signal
        _says_nothing_of(f"status {int(HIDDEN_PIXEL * 100)}"),
        "import os",
    ),
    carried(
        "a signal made of hidden numbers is not told",
        f"os.kill(os.getpid(), 3 + int({PIXEL} * 10))",
        _says_nothing_of("9)"),
        "import os",
    ),
    carried(
        "hidden images kept by one question do not come out in another",
        "kept.append(images)\nreturn right(images)",
        scores(),
        "kept = []",
        answer("report", 'def describe():\n    return {"numbers": 108, "seen": repr(kept)}'),
        append("plain", "\nprint(kept)"),
        new_cell("print(kept)\nkept", before=""),
    ),
    carried(
        "a thread that prints hidden images long after the question is not heard",
        "threading.Timer(0.3, lambda: [print(images.tolist()) for _ in range(20)]).start()\nreturn right(images)",
        unaffected,
        "import threading",
    ),
    carried(
        "files that are written over hidden images are gone with the sandbox",
        "np.save('kept.npy', images)\nopen('/tmp/kept', 'w').write(repr(images.tolist()))\nreturn right(images)",
        all_of(unaffected, lambda outcome: _no_such_file(outcome.course, "kept")),
    ),
)


# 25: files that are not what they seem --------------------------------------------------------------------------------


def course_of(folder: Path) -> Path:
    """The course's folder, seen from a submission in `submitted/<student>/<lab>`."""
    return folder.parents[2]


def _replaced_by_link(name: str, target: Callable[[Path], Path]) -> Edit:
    def submit(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target(folder))

    return submit


def _hard_link(folder: Path) -> None:
    os.link(course_of(folder) / "reference" / "arena" / "data" / "note.txt", folder / "note.txt")
    os.link(course_of(folder) / "reference" / "arena" / "data" / "hidden.npz", folder / "hidden.npz")


def _fifo(folder: Path) -> None:
    os.mkfifo(folder / "weights.npy")
    os.mkfifo(folder / "more.json")


def _sparse(folder: Path) -> None:
    with (folder / "weights.npy").open("wb") as file:
        file.truncate(2**40)


def _folder_for_notebook(folder: Path) -> None:
    (folder / "arena.ipynb").unlink()
    (folder / "arena.ipynb").mkdir()


def _fifo_for_notebook(folder: Path) -> None:
    (folder / "arena.ipynb").unlink()
    os.mkfifo(folder / "arena.ipynb")


READS_BESIDE = """
import os

for folder, _, names in os.walk("."):
    for name in names:
        path = os.path.join(folder, name)
        print(path, os.path.islink(path), os.path.getsize(path))
        with open(path, "rb") as file:
            print(file.read(3000))
print("READ")
"""


def linked(sentence: str, submit: Edit) -> Case:
    """A submission one of whose files is no plain file; its notebook shows all there is beside it."""
    return case(25, sentence, together(submit, new_cell(READS_BESIDE)), all_of(unaffected, shows("READ")))


NO_FILES = (
    linked(
        "a link in place of the training data, to the hidden data, is not followed",
        _replaced_by_link(
            "train.npz", lambda folder: course_of(folder) / "reference" / "arena" / "data" / "hidden.npz"
        ),
    ),
    linked(
        "a link to /etc/shadow is not followed",
        _replaced_by_link("shadow.txt", lambda _: Path("/etc/shadow")),
    ),
    linked(
        "a link to another student's notebook is not followed",
        _replaced_by_link("other.ipynb", lambda folder: folder.parents[1] / "a-keeper" / "arena" / "arena.ipynb"),
    ),
    linked(
        "a link to an endless file is not followed",
        _replaced_by_link("endless.bin", lambda _: Path("/dev/zero")),
    ),
    linked(
        "a link to the course's folder is not followed",
        _replaced_by_link("course", course_of),
    ),
    case(25, "pipes among the files make nobody wait", _fifo, unaffected),
    case(
        25,
        "a file that claims to be a terabyte is no reason to copy one",
        _sparse,
        lambda outcome: _bounded(outcome),
    ),
    case(
        25,
        "a notebook that is a link to the instructor's is refused",
        _replaced_by_link("arena.ipynb", lambda folder: course_of(folder) / "source" / "arena" / "arena.ipynb"),
        lambda outcome: _nothing_of_the_link(outcome),
    ),
    case(
        25, "a folder in place of the notebook earns nothing", _folder_for_notebook, lambda o: _nothing_of_the_link(o)
    ),
    case(25, "a pipe in place of the notebook earns nothing", _fifo_for_notebook, lambda o: _nothing_of_the_link(o)),
    case(
        25,
        "links and pipes that a notebook makes where files are expected lead nowhere",
        before(
            "scale",
            """
            import os

            for name, target in (("out.npy", "/etc/passwd"), ("endless", "/dev/zero"), ("up", "../../..")):
                os.symlink(target, name)
            os.mkfifo("pipe.npy")
            os.truncate(os.open("sparse", os.O_CREAT | os.O_RDWR), 2**23)
            os.remove("train.npz.bak") if os.path.exists("train.npz.bak") else None
            """,
        ),
        unaffected,
    ),
)

# 26, 27: the line, and the world outside ------------------------------------------------------------------------------

SOCKETS = """
import glob, json, os
from ipykernel.connect import get_connection_file

file = get_connection_file()
for path in [file, *glob.glob(os.path.dirname(file) + "/*")]:
    for act in (lambda: os.remove(path), lambda: os.rename(path, path + "-old"), lambda: open(path, "w"),
                lambda: os.symlink("/dev/null", path + "-1")):
        try:
            act()
            print("DID", path)
        except OSError as error:
            print(type(error).__name__, error.errno)
print("SEALED")
"""
WORLD = """
import os, socket, subprocess, urllib.request

print(sorted(os.environ))
for path in ("~/.netrc", "~/.gitconfig", "~/.aws/credentials", "~/.ssh/id_rsa", "~/.pypirc",
             "~/.config/gh/hosts.yml", "/run/docker.sock", "/etc/shadow",
             "/var/run/secrets/kubernetes.io/serviceaccount/token"):
    print(path, os.path.exists(os.path.expanduser(path)))
for url in ("http://169.254.169.254/latest/meta-data/", "http://metadata.google.internal/"):
    try:
        urllib.request.urlopen(url, timeout=1)
        print("REACHED")
    except OSError as error:
        print("NOT THERE", type(error).__name__)
"""
LINES = (
    case(
        26,
        "the sockets of the line to the kernel can be neither removed nor replaced",
        new_cell(SOCKETS),
        all_of(unaffected, shows("SEALED"), silent("DID ")),
    ),
    case(
        26,
        "a submission that closes its own sockets loses its own marks and nobody else's",
        append(
            "scale",
            """
            import os

            for name in os.listdir("/proc/self/fd"):
                try:
                    if os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                        os.close(int(name))
                except OSError:
                    pass
            """,
        ),
        lambda outcome: _only_own_marks(outcome),
    ),
    case(
        27,
        "environment, credentials and the cloud's metadata are not there",
        new_cell(WORLD),
        all_of(
            unaffected,
            shows("NOT THERE"),
            silent("REACHED", " True", "'USER'", "'SSH_AUTH_SOCK'", "AWS_", "TOKEN", "SECRET"),
        ),
    ),
)

CASES: tuple[Case, ...] = (*FRAMES, *SIGHTS, *CARRIES, *NO_FILES, *LINES)


def _page_lacks(outcome: Outcome, *words: str) -> None:
    for word in words:
        assert word not in outcome.page, f"{word!r} is on the page"


def _no_such_file(course: Path, name: str) -> None:
    found = [path for path in course.rglob(f"*{name}*") if path.is_file()]
    assert not [path for path in found if path.stem == name], found


def _bounded(outcome: Outcome) -> None:
    """Either refused with a reason, or graded without the file."""
    if outcome.record.notebooks:
        unaffected(outcome)
    else:
        refused("weights.npy")(outcome)


def _nothing_of_the_link(outcome: Outcome) -> None:
    assert outcome.record.score == 0.0, str(outcome)
    assert "arena.ipynb" in outcome.notes, outcome.notes


def _only_own_marks(outcome: Outcome) -> None:
    assert outcome.record.status != "could_not_judge", str(outcome)
    assert outcome.scores["scale"] == 0.0, str(outcome)
    assert outcome.limits, str(outcome)
