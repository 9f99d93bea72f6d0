"""Rules of recordings: one for each wording of what is said, and captions that are its words, word for word."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Files
from itertools import zip_longest

from protocol.captions import Cue, words_of
from protocol.errors import Fault, listed, shown
from protocol.kinds import Reading
from protocol.nodes import Mapping, Node, Scalar, nodes_at

Captions = Files[str, tuple[Cue, ...] | None]


def check_recordings(script: Node, captions: Captions, reading: Reading) -> None:
    """Reports recordings that can't be of what is said.

    Args:
        script: Its tree; a stage with `say` may have `audio` and `captions`.
        captions: The cues by the path of their file; without those that could not be read.
        reading: Where faults go; those of words stand in the file of the captions.
    """
    for stage in nodes_at(script, "stages"):
        say = stage.child("say")
        if say is None:
            continue
        for key in ("audio", "captions"):
            if (recorded := stage.child(key)) is not None:
                _check_languages(say, recorded, key, reading)
        for language, said, path in _pairs(say, stage.child("captions")):
            cues = captions.get(path)
            if cues is not None:
                _check_words(said, language, path, cues, reading)


def _check_languages(say: Node, recorded: Node, key: str, reading: Reading) -> None:
    """One recording can't be of several wordings."""
    languages = [name.text for name, _ in say.named()]
    if len(languages) > 1 and isinstance(recorded, Scalar):
        reading.remark(
            recorded.line,
            f"{key} is one file, though say is in {listed(languages, 'and')}; expected a map of language to path",
        )


def _pairs(say: Node, captions: Node | None) -> Iterator[tuple[str, Scalar, str]]:
    """What is said with the path of its captions, and their language where they are in several."""
    said = _wordings(say)
    for language, path in _wordings(captions).items():
        text = said.get(language, said.get("")) if language or len(said) != 1 else next(iter(said.values()))
        if text is not None:
            yield language, text, str(path.value)


def _wordings(node: Node | None) -> dict[str, Scalar]:
    """The sound strings of a text by language; under "" where it is one for all."""
    if isinstance(node, Mapping):
        return {key.text: value for key, value in node.named() if isinstance(value, Scalar)}
    return {"": node} if isinstance(node, Scalar) else {}


def _check_words(said: Scalar, language: str, path: str, cues: tuple[Cue, ...], reading: Reading) -> None:
    """Reports the first word in which captions differ from what is said; signs and capital letters don't count."""
    source = f"{reading.file}:{said.line} says{f' in {language}' if language else ''}"
    heard = [word for cue in cues for word in cue.words]
    for place, (word, expected) in enumerate(zip_longest(heard, words_of(str(said.value))), start=1):
        if word is not None and expected is not None and word.text.casefold() == expected.casefold():
            continue
        if word is None:
            found = f"ends after word {place - 1}; expected {shown(expected)} next, as {source}"
        elif expected is None:
            found = f"has {shown(word.text)} as word {place}; expected no more than the {place - 1} that {source}"
        else:
            found = f"has {shown(word.text)} as word {place}; expected {shown(expected)}, as {source}"
        reading.report(Fault(path, (word or heard[-1]).line, found))
        return
