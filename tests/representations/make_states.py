"""Makes the stored states anew: `python -m tests.representations.make_states states`, or `reference`, with torch.

`states` encodes `imagery_sentences.csv` with the numpy encoder and keeps 32 axes a layer in 16 bits. `reference` lets
torch and transformers encode `REFERENCE_TEXTS`, from the same files, for the numpy encoder to be held against.
"""

import csv
import importlib
import sys
from pathlib import Path

import numpy as np

from representations.encoder_minilm import MiniLM, model_folder
from representations.prototypes import reduced, standardised

HERE = Path(__file__).parent
SENTENCES, STATES, REFERENCE = (
    HERE / name for name in ("imagery_sentences.csv", "imagery_states.npz", "minilm_reference.npz")
)
AXES = 32
REFERENCE_TEXTS = (
    "",
    "Nothing.",
    "I saw the whole kitchen as if I were standing in it, down to the crumbs on the board.",
    "Café, naïve, 3.5 metres; “quoted” – and an unheard-of wordlet: floccinaucinihilipilification!",
    "It wasn't sharp, I could guess at the shape.\tBut not see it properly?",
    "The street was crowded and every person in it wore something different. " * 4,
)


def sentences() -> list[dict[str, str]]:
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def store_states() -> None:
    states = MiniLM().states([row["text"] for row in sentences()])
    np.savez_compressed(STATES, states=reduced(standardised(states), AXES).astype(np.float16))


def store_reference() -> None:
    torch, transformers = importlib.import_module("torch"), importlib.import_module("transformers")
    folder = str(model_folder())
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = transformers.AutoModel.from_pretrained(folder, local_files_only=True).eval()
    means = []
    with torch.no_grad():
        for text in REFERENCE_TEXTS:
            given = tokenizer(text, return_tensors="pt")
            means.append(
                [layer[0].mean(0).numpy() for layer in model(**given, output_hidden_states=True).hidden_states]
            )
    np.savez_compressed(REFERENCE, states=np.array(means, dtype=np.float32), torch=torch.__version__)


if __name__ == "__main__":
    {"states": store_states, "reference": store_reference}[sys.argv[1]]()
