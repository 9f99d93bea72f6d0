"""A script in a study's stored content replaced by a draft: the very reading of a bundle, and where its faults are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from protocol.bundle import Bundle, read_bundle
from protocol.drafting import Held, Misfits, sound_part, with_script, written
from protocol.nodes import plain, read_yaml
from tests.protocol.bundles import ALL_KINDS, EXAMPLE, PROGRAMME, RECORDED


def media(bundle: Bundle) -> dict[str, Held]:
    return {path: Held(file.sha256, file.opener) for path, file in bundle.media.items()}


def scripts(bundle: Bundle) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bundle.content)["scripts"]
    return found


@pytest.mark.parametrize("folder", [EXAMPLE, ALL_KINDS, RECORDED, PROGRAMME])
def test_a_script_in_its_own_place_is_no_change(folder: Any) -> None:
    bundle = read_bundle(folder)
    for script in scripts(bundle).values():
        assert with_script(bundle.content, script, media(bundle)).digest == bundle.digest


def test_a_draft_replaces_the_script_and_nothing_else() -> None:
    bundle = read_bundle(EXAMPLE)
    script = scripts(bundle)["potoo"] | {"title": "Another"}
    found = with_script(bundle.content, script, media(bundle))
    assert found.study.scripts["potoo"].title.to("en") == "Another"
    expected = json.loads(bundle.content)
    expected["scripts"]["potoo"]["title"] = "Another"
    assert json.loads(found.content) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a\u2028b",
        "a\x85b",
        "\ufeffa",
        "a: b # c",
        "'\"\\",
        "- x",
        "yes",
        "1",
        "null",
        "line\n\nline",
        "\t",
        "😀",
        "é" * 900,
    ],
)
def test_whatever_words_hold_they_are_read_as_they_are_on_one_line(text: str) -> None:
    script = {"slug": "s", "title": text, "stages": [{"say": {"en": text, "de": [text, {}, []]}}]}
    lines, places = written(script)
    node = read_yaml(lines.encode(), "draft", lambda fault: pytest.fail(str(fault)))
    assert node is not None
    assert plain(node) == script
    assert len(places) == lines.count("\n")


def test_each_line_knows_what_stands_on_it() -> None:
    lines, places = written({"slug": "s", "stages": [{"rate": "x", "scale": {"min": 1, "max": 5}}, {"rest": "1s"}]})
    found = {line.strip().rstrip(","): places[n] for n, line in enumerate(lines.splitlines(), start=1)}
    assert found['"max": 5'] == ("stages", 0, "scale", "max")
    assert found['"scale": {'] == ("stages", 0, "scale")
    assert found['"rest": "1s"'] == ("stages", 1, "rest")


def test_a_fault_is_told_by_where_it_stands() -> None:
    bundle = read_bundle(EXAMPLE)
    script = scripts(bundle)["potoo"]
    script["stages"][2]["scale"]["max"] = "many"
    script["stages"][4]["say"].pop("de")
    script["purpose"] = "cure"
    with pytest.raises(Misfits) as found:
        with_script(bundle.content, script, media(bundle))
    assert {each.path for each in found.value.misfits} == {
        ("stages", 2, "scale", "max"),
        ("stages", 4, "say"),
        ("purpose",),
    }


def test_a_fault_elsewhere_names_its_file() -> None:
    bundle = read_bundle(ALL_KINDS)
    with pytest.raises(Misfits) as found:
        with_script(bundle.content, scripts(bundle)["tree"] | {"purpose": "control"}, media(bundle))
    assert any(each.file == "scripts/words.yaml" for each in found.value.misfits)


def test_a_fault_of_captions_belongs_to_the_part_that_has_them() -> None:
    bundle = read_bundle(RECORDED)
    script = scripts(bundle)["feather"]
    script["stages"][1]["say"] = "Mmm, mmm, mmm."
    with pytest.raises(Misfits) as found:
        with_script(bundle.content, script, media(bundle))
    [misfit] = found.value.misfits
    assert (misfit.path, misfit.file) == (("stages", 1, "captions"), "")
    assert misfit.message.startswith("media/hum.vtt, line ")


def test_a_file_that_is_not_there_is_a_fault() -> None:
    bundle = read_bundle(EXAMPLE)
    with pytest.raises(Misfits) as found:
        with_script(bundle.content, scripts(bundle)["potoo"], {})
    assert [each.path for each in found.value.misfits] == [("stages", 8, "reveal")]


def test_the_bytes_of_media_are_not_read_again() -> None:
    bundle = read_bundle(EXAMPLE)
    reads: list[str] = []

    def opener(path: str) -> Any:
        reads.append(path)
        return bundle.media[path].open()

    held = {path: Held("f" * 64, lambda path=path: opener(path)) for path in bundle.media}
    found = with_script(bundle.content, scripts(bundle)["potoo"], held)
    assert json.loads(found.content)["media"] == dict.fromkeys(bundle.media, "f" * 64)
    assert reads == list(bundle.media)  # once, for what kind of file it is


def test_of_a_draft_with_faults_what_is_sound_is_left() -> None:
    sound = sound_part({"slug": "s", "stages": [{"say": ""}, {"rest": "x"}, {"say": "Words"}, {}]})
    assert sound is not None
    assert [stage.kind for stage in sound.stages] == ["say"]
    assert sound_part({"slug": "s", "stages": []}) is None
