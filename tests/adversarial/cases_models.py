"""Group F: files with models and data. Everything hostile is made by the submission's own code, in the sandbox."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from tests.adversarial.case import (
    Case,
    Outcome,
    all_of,
    answer,
    append,
    scores,
    together,
    unaffected,
    write_file,
    zero,
)
from tests.adversarial.courses import Edit
from tests.adversarial.hidden_places import GUESSES, nothing_planted, plant

# In a submission's cell: rewrites the file `network.keras` that the cell before it has saved.
REWRITE = """
import json, zipfile
with zipfile.ZipFile("network.keras") as archive:
    members = {{name: archive.read(name) for name in archive.namelist()}}
config = json.loads(members["config.json"])
layers = config["config"]["layers"]
{change}
members["config.json"] = json.dumps(config).encode()
with zipfile.ZipFile("network.keras", "w") as archive:
    for name, content in members.items():
        archive.writestr(name, content)
"""


def rewritten(change: str) -> Edit:
    """Change the configuration of the saved network: `config`, `layers` and `members` are at hand."""
    return append("learn", REWRITE.format(change=change.strip()))


def with_weights(change: str) -> Edit:
    """Change the saved weights: `weights` is the open HDF5 file, `kernel` the path of a dataset in it."""
    steps = f"""
        import h5py, io, zipfile
        with zipfile.ZipFile("network.keras") as archive:
            members = {{name: archive.read(name) for name in archive.namelist()}}
        stored = io.BytesIO(members["model.weights.h5"])
        with h5py.File(stored, "r+") as weights:
            found = []
            weights.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
            kernel = next(name for name in found if weights[name].ndim == 2)
            {change.strip()}
        members["model.weights.h5"] = stored.getvalue()
        with zipfile.ZipFile("network.keras", "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
    """
    return append("learn", "\n".join(line[8:] for line in steps.splitlines()))


def planted(*expectations: Callable[[Outcome], None]) -> Callable[[Outcome], None]:
    """Expect all of it, and that no payload has written to a file of the course."""
    return all_of(*expectations, nothing_planted)


def npy(header: str, content: bytes = b"", version: int = 1) -> bytes:
    """A .npy file with this header, true or not."""
    written = header.encode().ljust(118) + b"\n"
    length = struct.pack("<H" if version == 1 else "<I", len(written))
    return b"\x93NUMPY" + bytes([version, 0]) + length + written + content


def centres_from(content: bytes) -> Edit:
    """Answer `classify` with numbers from a file that was handed in."""
    classify = """
        centres = np.load("centres.npy")


        def classify(images):
            return -((images[:, None] - centres[None]) ** 2).sum(axis=(2, 3))
    """
    return together(write_file("centres.npy", content), answer("classify", classify))


def right_centres() -> np.ndarray:
    """The centres of the three classes, as anybody could have copied them."""
    centres = np.full((3, 6, 6), 0.4)
    for number in range(3):
        centres[number, 2 * number : 2 * number + 2, :5] += 0.3
    return centres


CENTRES = right_centres()
SHAPE = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }"
PICKLED = b"cos\nsystem\n(S'" + plant("pickle").encode() + b"'\ntR."
LAMBDA = """
import base64, marshal
code = (lambda x: __import__("os").system({command!r}) and x).__code__
raw = base64.b64encode(marshal.dumps(code)).decode()
layers.append({{
    "module": "keras.layers", "class_name": "Lambda", "registered_name": None,
    "config": {{"name": "payload", "trainable": True, "dtype": "float32", "function": {{
        "class_name": "__lambda__", "config": {{"code": raw, "defaults": None, "closure": None}}}}}},
    "build_config": {{"input_shape": [None, 3]}},
}})
"""
UNSAFE_FIRST = """
layers.insert(0, {
    "module": "keras.config", "class_name": "enable_unsafe_deserialization", "registered_name": None, "config": {},
})
"""
FUNCTION = """
layers.append({{
    "module": {module!r}, "class_name": {name!r}, "registered_name": None, "config": {{"arguments": {arguments!r}}},
    "name": "payload", "inbound_nodes": [{{"args": {arguments!r}, "kwargs": {{}}}}],
}})
"""
LOOKUP = """
layers.append({{
    "module": "keras.layers", "class_name": "StringLookup", "registered_name": None,
    "config": {{"name": "words", "vocabulary": {path!r}, "oov_token": "x", "num_oov_indices": 1}},
}})
"""
SAVED_MODEL = """
layers.append({
    "module": "keras.layers", "class_name": "TFSMLayer", "registered_name": None,
    "config": {"name": "other", "filepath": "other", "call_endpoint": "serve"},
})
"""
H5_LAMBDA = """
import os
payload = keras.layers.Lambda(lambda x: (__import__("os").system({command!r}), x)[1], output_shape=(3,))
hostile = keras.Sequential([*network.layers, payload])
hostile(images[:1])
hostile.save("hostile.h5")
os.replace("hostile.h5", "network.keras")
"""
READS_AND_WRITES = """
import tensorflow as tf


class Reader(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None, 6, 6])])
    def serve(self, x):
        for path in {guesses!r}:
            tf.io.write_file(path + "/owned", "owned")
        return tf.zeros([tf.shape(x)[0], 3])


try:
    reader = Reader()
    tf.saved_model.save(reader, "other", signatures={{"serve": reader.serve}})
    loaded = tf.saved_model.load("other")
    loaded.signatures["serve"](tf.zeros([1, 6, 6]))
except Exception as error:
    print(type(error).__name__)
"""


def no_arrays() -> Iterable[tuple[str, bytes]]:
    """Files that are called arrays and cannot be opened, or are none when they are."""
    yield "whose objects would have to be unpickled", npy(SHAPE % ("|O", "(1,)"), PICKLED)
    yield "of a thousand billion numbers", npy(SHAPE % ("<f8", "(1000000000000,)"))
    yield "whose header is code", npy("__import__('os').system('true')")
    yield "that is a pickle", PICKLED
    archive = io.BytesIO()
    np.savez(archive, centres=CENTRES)
    yield "that is an archive of arrays", archive.getvalue()


def copied(folder: Path) -> None:
    """Hand in numbers somebody else has found, and use them."""
    np.save(folder / "centres.npy", CENTRES)
    centres_from((folder / "centres.npy").read_bytes())(folder)


REFUSED = zero("saved", "deseriali")
ANY_MARK = planted(lambda outcome: scores(saved=outcome.scores["saved"] or 0.0)(outcome))

CASES: tuple[Case, ...] = (
    Case(
        57,
        "F",
        "a saved network with a Lambda layer runs nothing outside its sandbox",
        rewritten(LAMBDA.format(command=plant("lambda"))),
        planted(REFUSED),
        keras=True,
    ),
    Case(
        57,
        "F",
        "a saved network that first permits unsafe loading runs nothing outside its sandbox",
        rewritten(UNSAFE_FIRST + LAMBDA.format(command=plant("unsafe"))),
        planted(REFUSED),
        keras=True,
    ),
    Case(
        57,
        "F",
        "a submission that permits unsafe loading itself runs its payload in its sandbox",
        together(
            rewritten(LAMBDA.format(command=plant("permitted"))),
            append("learn", "keras.config.enable_unsafe_deserialization()"),
        ),
        ANY_MARK,
        keras=True,
    ),
    Case(
        57,
        "F",
        "a saved network that names a function of the system runs nothing outside its sandbox",
        rewritten(FUNCTION.format(module="os", name="system", arguments=[plant("function")])),
        planted(REFUSED),
        keras=True,
    ),
    Case(
        57,
        "F",
        "a saved network that downloads and unpacks runs nothing outside its sandbox",
        rewritten(
            FUNCTION.format(
                module="keras.utils", name="get_file", arguments=["x.tar", "http://127.0.0.1:9/x.tar", True]
            )
        ),
        planted(REFUSED),
        keras=True,
    ),
    Case(
        57,
        "F",
        "a saved network that leads on to another saved model runs nothing outside its sandbox",
        together(append("learn", READS_AND_WRITES.format(guesses=GUESSES)), rewritten(SAVED_MODEL)),
        planted(REFUSED),
        keras=True,
    ),
    Case(
        57,
        "F",
        "a network in the old HDF5 format with a Lambda layer runs nothing outside its sandbox",
        append("learn", H5_LAMBDA.format(command=plant("h5"))),
        ANY_MARK,
        keras=True,
    ),
    Case(
        57,
        "F",
        "a saved network whose layer is named as a path writes nothing outside its sandbox",
        rewritten('layers[-1]["config"]["name"] = "../../../../../../owned"'),
        ANY_MARK,
        keras=True,
    ),
    Case(
        58,
        "F",
        "weights linked to the hidden data find nothing there",
        with_weights(f"del weights[kernel]; weights[kernel] = h5py.ExternalLink({GUESSES[0] + '/hidden.npz'!r}, '/x')"),
        planted(zero("saved")),
        keras=True,
    ),
    Case(
        58,
        "F",
        "weights stored in a file outside find nothing there",
        with_weights(
            "del weights[kernel]; "
            f"weights.create_dataset(kernel, (36, 3), 'f4', external=[({GUESSES[0] + '/hidden.npz'!r}, 0, 432)])"
        ),
        planted(zero("saved")),
        keras=True,
    ),
    Case(
        58,
        "F",
        "a layer whose words are a file outside finds nothing there",
        rewritten(LOOKUP.format(path=f"{GUESSES[0]}/hidden.npz")),
        planted(REFUSED),
        keras=True,
    ),
    Case(
        59,
        "F",
        "weights that claim a thousand billion numbers cost their question",
        with_weights("del weights[kernel]; weights.create_dataset(kernel, (10**6, 10**6), 'f4', chunks=(1000, 1000))"),
        planted(zero("saved")),
        keras=True,
    ),
    Case(
        59,
        "F",
        "a saved network that unpacks to four gigabytes costs its question",
        append(
            "learn",
            """
            import zipfile
            with zipfile.ZipFile("network.keras") as archive:
                members = {name: archive.read(name) for name in archive.namelist()}
            with zipfile.ZipFile("network.keras", "w", zipfile.ZIP_DEFLATED) as archive:
                for name in ("config.json", "metadata.json"):
                    archive.writestr(name, members[name])
                with archive.open("model.weights.h5", "w", force_zip64=True) as file:
                    for _ in range(256):
                        file.write(bytes(2**24))
            """,
        ),
        planted(zero("saved")),
        keras=True,
        slow=True,
    ),
    *(
        Case(
            60,
            "F",
            f"an array file {what} is read by nobody but the submission, and costs what depends on it",
            centres_from(content),
            planted(scores(classify=0.0, report=0.0)),
        )
        for what, content in no_arrays()
    ),
    Case(
        60,
        "F",
        "an array file of elements without a size is no classifier",
        centres_from(npy(SHAPE % ("|V0", "(3, 6, 6)"))),
        zero("classify"),
    ),
    Case(
        60,
        "F",
        "an array file with junk behind it earns what its numbers are worth",
        centres_from(npy(SHAPE % ("<f8", "(3, 6, 6)"), CENTRES.tobytes() + b"<script>" * 100)),
        unaffected,
    ),
    Case(
        60,
        "F",
        "an array file in the other order of bytes earns what its numbers are worth",
        centres_from(npy(SHAPE % (">f8", "(3, 6, 6)"), CENTRES.astype(">f8").tobytes())),
        unaffected,
    ),
    Case(
        60,
        "F",
        "an array file of version 3 earns what its numbers are worth",
        centres_from(npy(SHAPE % ("<f8", "(3, 6, 6)"), CENTRES.tobytes(), version=3)),
        unaffected,
    ),
    Case(
        61,
        "F",
        "pickles of every name beside the notebook are opened by nobody",
        together(*(write_file(f"model.{kind}", PICKLED) for kind in ("pkl", "pickle", "joblib", "pt", "pth", "npy"))),
        planted(unaffected),
    ),
    Case(
        61,
        "F",
        "files named as models beside the notebook are opened by nobody",
        together(*(write_file(f"network.{kind}", PICKLED) for kind in ("h5", "hdf5", "onnx", "pb"))),
        planted(unaffected),
    ),
    Case(
        62,
        "F",
        "numbers copied from somebody else earn what they are worth: who found them cannot be seen",
        copied,
        unaffected,
        promise="not promised",
    ),
)
