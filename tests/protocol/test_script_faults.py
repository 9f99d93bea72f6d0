"""Every rule of scripts/*.yaml. One row a rule: what is wrong, and exactly what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.protocol.bundles import Row, as_folder, changed, faults_of

POTOO = "scripts/potoo.yaml"

ROWS = [
    Row(
        "a script lacks its slug",
        POTOO,
        "slug: potoo\n",
        "",
        ["scripts/potoo.yaml:1: script lacks 'slug'; required: slug, title and stages"],
    ),
    Row(
        "a script has another slug than its file",
        POTOO,
        "slug: potoo",
        "slug: pootoo",
        ["scripts/potoo.yaml:1: slug is 'pootoo'; expected 'potoo', by which the file is named"],
    ),
    Row(
        "a script lacks its title",
        POTOO,
        ('title: {en: "A bird you have never seen", de: "Ein Vogel, den Sie nie gesehen haben"}\n'),
        "",
        ["scripts/potoo.yaml:1: script lacks 'title'; required: slug, title and stages"],
    ),
    Row(
        "a script lacks its stages",
        POTOO,
        (
            "stages:\n"
            '  - {say: {en: "Begin with a shape: a small upright pillow, rounded at the top.", de: '
            '"Beginnen Sie mit einer Form: ein kleines, aufrechtes Kissen, oben rund."}, hold: '
            "20s}\n"
            '  - {say: {en: "Cover it with brown feathers, speckled like bark.", de: "Bedecken Sie '
            'es mit braunen Federn, gesprenkelt wie Rinde."}, hold: 20s}\n'
            "  - {id: layer_1, rate: vividness, scale: {min: 0, max: 100}}\n"
            '  - {say: {en: "Give it two great round eyes, so dark that they seem to have no '
            'edge.", de: "Geben Sie ihm zwei große runde Augen, so dunkel, dass sie keinen Rand zu '
            'haben scheinen."}, hold: 20s}\n'
            '  - {say: {en: "Let the wide mouth open until it is nearly as broad as the head, pink '
            'inside.", de: "Lassen Sie den breiten Schnabel aufgehen, fast so weit wie der Kopf, '
            'innen rosa."}, hold: 20s}\n'
            "  - {id: layer_2, rate: vividness, scale: {min: 0, max: 100}}\n"
            '  - {id: what_came, report: {en: "What came to you: a picture, words, a feeling, '
            'nothing?", de: "Was kam: ein Bild, Worte, ein Gefühl, nichts?"}, min_words: 0}\n'
            '  - {id: sketch, draw: {en: "Draw it from your imagination.", de: "Zeichnen Sie es '
            'aus der Vorstellung."}, seconds: 120, condition: imagery}\n'
            '  - {id: photo, reveal: media/potoo.png, alt: {en: "A brown bird with large dark eyes '
            'on a branch, drawn in flat shapes", de: "Ein brauner Vogel mit großen dunklen Augen '
            'auf einem Ast, in flachen Formen"}, credit: "Drawn for this example, CC0"}\n'
            '  - {id: match, compare: {en: "How close was what came to you?", de: "Wie nah war, '
            'was Ihnen kam?"}, scale: {min: 0, max: 100}}\n'
        ),
        "",
        ["scripts/potoo.yaml:1: script lacks 'stages'; required: slug, title and stages"],
    ),
    Row(
        "a script has no stages",
        POTOO,
        (
            "stages:\n"
            '  - {say: {en: "Begin with a shape: a small upright pillow, rounded at the top.", de: '
            '"Beginnen Sie mit einer Form: ein kleines, aufrechtes Kissen, oben rund."}, hold: '
            "20s}\n"
            '  - {say: {en: "Cover it with brown feathers, speckled like bark.", de: "Bedecken Sie '
            'es mit braunen Federn, gesprenkelt wie Rinde."}, hold: 20s}\n'
            "  - {id: layer_1, rate: vividness, scale: {min: 0, max: 100}}\n"
            '  - {say: {en: "Give it two great round eyes, so dark that they seem to have no '
            'edge.", de: "Geben Sie ihm zwei große runde Augen, so dunkel, dass sie keinen Rand zu '
            'haben scheinen."}, hold: 20s}\n'
            '  - {say: {en: "Let the wide mouth open until it is nearly as broad as the head, pink '
            'inside.", de: "Lassen Sie den breiten Schnabel aufgehen, fast so weit wie der Kopf, '
            'innen rosa."}, hold: 20s}\n'
            "  - {id: layer_2, rate: vividness, scale: {min: 0, max: 100}}\n"
            '  - {id: what_came, report: {en: "What came to you: a picture, words, a feeling, '
            'nothing?", de: "Was kam: ein Bild, Worte, ein Gefühl, nichts?"}, min_words: 0}\n'
            '  - {id: sketch, draw: {en: "Draw it from your imagination.", de: "Zeichnen Sie es '
            'aus der Vorstellung."}, seconds: 120, condition: imagery}\n'
            '  - {id: photo, reveal: media/potoo.png, alt: {en: "A brown bird with large dark eyes '
            'on a branch, drawn in flat shapes", de: "Ein brauner Vogel mit großen dunklen Augen '
            'auf einem Ast, in flachen Formen"}, credit: "Drawn for this example, CC0"}\n'
            '  - {id: match, compare: {en: "How close was what came to you?", de: "Wie nah war, '
            'was Ihnen kam?"}, scale: {min: 0, max: 100}}\n'
        ),
        "stages: []\n",
        ["scripts/potoo.yaml:5: stages has 0 values; expected 1 to 500"],
    ),
    Row(
        "a script has an unknown key",
        POTOO,
        "about:",
        "summary:",
        [("scripts/potoo.yaml:3: script has the unknown key 'summary'; known: slug, title, about, voice, stages")],
    ),
    Row(
        "a script has a later issue's key",
        POTOO,
        "stages:\n",
        "purpose: training\nstages:\n",
        [("scripts/potoo.yaml:5: script has the unknown key 'purpose'; known: slug, title, about, voice, stages")],
    ),
    Row(
        "a script's text lacks a language",
        POTOO,
        ', de: "Ein Vogel, den Sie nie gesehen haben"',
        "",
        ["scripts/potoo.yaml:2: title lacks de; expected a text for each of en and de"],
    ),
    Row(
        "voice is a word",
        POTOO,
        "{rate: 0.9, pause: 1s}",
        "slow",
        ["scripts/potoo.yaml:4: voice is 'slow'; expected a mapping"],
    ),
    Row(
        "voice's rate is zero",
        POTOO,
        "rate: 0.9",
        "rate: 0",
        [("scripts/potoo.yaml:4: rate is the number 0; expected a number at least 0.25 and at most 4")],
    ),
    Row(
        "voice's pause is below zero",
        POTOO,
        "pause: 1s",
        "pause: -1s",
        [("scripts/potoo.yaml:4: pause is '-1s'; expected a duration of zero or more, such as 90d, 36h, 20m or 15s")],
    ),
    Row(
        "voice's pause is a number",
        POTOO,
        "pause: 1s",
        "pause: 1",
        [
            (
                "scripts/potoo.yaml:4: pause is the number 1; expected a duration of zero or more, "
                "such as 90d, 36h, 20m or 15s"
            )
        ],
    ),
    Row(
        "voice has an unknown key",
        POTOO,
        "pause: 1s",
        "pitch: 1",
        ["scripts/potoo.yaml:4: voice has the unknown key 'pitch'; known: rate, pause"],
    ),
    Row(
        "a stage is of no kind",
        POTOO,
        "- {id: layer_1, rate: vividness, scale",
        "- {id: layer_1, scale",
        [
            (
                "scripts/potoo.yaml:8: stage 'layer_1' has none of its kinds; expected a mapping with "
                "one of say, rate, report, draw, reveal, compare, rest or choose"
            )
        ],
    ),
    Row(
        "a stage is of an unknown kind",
        POTOO,
        "- {id: layer_1, rate: vividness, scale: {min: 0, max: 100}}",
        "- {id: layer_1, sing: la}",
        [
            (
                "scripts/potoo.yaml:8: stage 'layer_1' has none of its kinds; expected a mapping with "
                "one of say, rate, report, draw, reveal, compare, rest or choose"
            )
        ],
    ),
    Row(
        "a stage is of two kinds",
        POTOO,
        "rate: vividness",
        "rate: vividness, say: Now",
        [
            (
                "scripts/potoo.yaml:8: stage 'layer_1' has say and rate of its kinds; expected a "
                "mapping with one of say, rate, report, draw, reveal, compare, rest or choose"
            )
        ],
    ),
    Row(
        "a stage has another kind's key",
        POTOO,
        "{id: layer_1, rate: vividness,",
        "{id: layer_1, rate: vividness, hold: 5s,",
        [("scripts/potoo.yaml:8: stage 'layer_1' has the unknown key 'hold'; known: id, rate, scale")],
    ),
    Row(
        "a stage has a later issue's key",
        POTOO,
        "{id: layer_1, rate: vividness,",
        "{id: layer_1, rate: vividness, na: true,",
        ["scripts/potoo.yaml:8: stage 'layer_1' has the unknown key 'na'; known: id, rate, scale"],
    ),
    Row(
        "a stage's id comes twice",
        POTOO,
        "id: layer_2",
        "id: layer_1",
        ["scripts/potoo.yaml:11: the id 'layer_1' is taken, on line 8; expected another"],
    ),
    Row(
        "a stage's id is no id",
        POTOO,
        "id: layer_2",
        "id: layer-2",
        [
            (
                "scripts/potoo.yaml:11: id of stage is 'layer-2'; expected an id: a small letter, then "
                "small letters, digits or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "a stage's id is one that a place gives",
        POTOO,
        "id: layer_2",
        "id: stage_6",
        ["scripts/potoo.yaml:11: id of stage is 'stage_6', a reserved name; expected another"],
    ),
    Row(
        "a stage's id is another page's field",
        POTOO,
        "id: layer_2",
        "id: reason",
        ["scripts/potoo.yaml:11: id of stage is 'reason', a reserved name; expected another"],
    ),
    Row(
        "a hold is below zero",
        POTOO,
        "hold: 20s",
        "hold: -20s",
        [
            (
                "scripts/potoo.yaml:6: hold of stage is '-20s'; expected a duration of zero or more, "
                "such as 90d, 36h, 20m or 15s"
            )
        ],
    ),
    Row(
        "a hold has no unit",
        POTOO,
        "hold: 20s",
        "hold: 20",
        [
            (
                "scripts/potoo.yaml:6: hold of stage is the number 20; expected a duration of zero or "
                "more, such as 90d, 36h, 20m or 15s"
            )
        ],
    ),
    Row(
        "a hold is above twenty years",
        POTOO,
        "hold: 20s",
        "hold: 9999d",
        ["scripts/potoo.yaml:6: hold of stage is '9999d'; expected at most 7320d"],
    ),
    Row(
        "a say is empty",
        POTOO,
        "stages:\n",
        'stages:\n  - {say: ""}\n',
        [("scripts/potoo.yaml:6: say of stage is empty; expected text, or a map of language to text")],
    ),
    Row(
        "a rating lacks its scale",
        POTOO,
        "rate: vividness, scale: {min: 0, max: 100}",
        "rate: vividness",
        ["scripts/potoo.yaml:8: stage 'layer_1' lacks 'scale'; required: rate and scale"],
    ),
    Row(
        "a rating's scale lacks max",
        POTOO,
        "{min: 0, max: 100}",
        "{min: 0}",
        ["scripts/potoo.yaml:8: scale of stage 'layer_1' lacks 'max'; required: min and max"],
    ),
    Row(
        "a rating's scale is the wrong way round",
        POTOO,
        "{min: 0, max: 100}",
        "{min: 100, max: 0}",
        ["scripts/potoo.yaml:8: max is 0; expected a number above min, which is 100"],
    ),
    Row(
        "a rating's scale has an unknown key",
        POTOO,
        "{min: 0, max: 100}",
        "{min: 0, max: 100, step: 10}",
        [("scripts/potoo.yaml:8: scale of stage 'layer_1' has the unknown key 'step'; known: min, max")],
    ),
    Row(
        "a rating's kind is no id",
        POTOO,
        "rate: vividness",
        "rate: How vivid",
        [
            (
                "scripts/potoo.yaml:8: rate of stage 'layer_1' is 'How vivid'; expected an id: a small "
                "letter, then small letters, digits or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "a report's min_words is below zero",
        POTOO,
        "min_words: 0",
        "min_words: -1",
        [
            (
                "scripts/potoo.yaml:12: min_words of stage 'what_came' is the number -1; expected a "
                "whole number at least 0 and at most 1000"
            )
        ],
    ),
    Row(
        "a report's min_words is a fraction",
        POTOO,
        "min_words: 0",
        "min_words: 0.5",
        [
            (
                "scripts/potoo.yaml:12: min_words of stage 'what_came' is the number 0.5; expected a "
                "whole number at least 0 and at most 1000"
            )
        ],
    ),
    Row(
        "a drawing's seconds are zero",
        POTOO,
        "seconds: 120",
        "seconds: 0",
        [
            (
                "scripts/potoo.yaml:13: seconds of stage 'sketch' is the number 0; expected a whole "
                "number at least 1 and at most 7200"
            )
        ],
    ),
    Row(
        "a drawing's seconds are a duration",
        POTOO,
        "seconds: 120",
        "seconds: 120s",
        [
            (
                "scripts/potoo.yaml:13: seconds of stage 'sketch' is '120s'; expected a whole number "
                "at least 1 and at most 7200"
            )
        ],
    ),
    Row(
        "a drawing's condition is unknown",
        POTOO,
        "condition: imagery",
        "condition: dream",
        [("scripts/potoo.yaml:13: condition of stage 'sketch' is 'dream'; expected imagery, memory or copy")],
    ),
    Row(
        "a drawing lacks its condition",
        POTOO,
        ", condition: imagery",
        "",
        ["scripts/potoo.yaml:13: stage 'sketch' lacks 'condition'; required: draw and condition"],
    ),
    Row(
        "reveal lacks alt",
        POTOO,
        (
            ' alt: {en: "A brown bird with large dark eyes on a branch, drawn in flat shapes", de: '
            '"Ein brauner Vogel mit großen dunklen Augen auf einem Ast, in flachen Formen"},'
        ),
        "",
        ["scripts/potoo.yaml:14: stage 'photo' lacks 'alt'; required: reveal and alt"],
    ),
    Row(
        "reveal's alt is empty",
        POTOO,
        (
            'alt: {en: "A brown bird with large dark eyes on a branch, drawn in flat shapes", de: '
            '"Ein brauner Vogel mit großen dunklen Augen auf einem Ast, in flachen Formen"}'
        ),
        "alt: ''",
        [("scripts/potoo.yaml:14: alt of stage 'photo' is empty; expected text, or a map of language to text")],
    ),
    Row(
        "reveal's alt lacks a language",
        POTOO,
        ', de: "Ein brauner Vogel mit großen dunklen Augen auf einem Ast, in flachen Formen"',
        "",
        [("scripts/potoo.yaml:14: alt of stage 'photo' lacks de; expected a text for each of en and de")],
    ),
    Row(
        "reveal names a missing picture",
        POTOO,
        "media/potoo.png",
        "media/heron.png",
        ["scripts/potoo.yaml:14: names 'media/heron.png', which is missing"],
    ),
    Row(
        "reveal names a picture in other letters",
        POTOO,
        "media/potoo.png",
        "media/Potoo.png",
        ["scripts/potoo.yaml:14: names 'media/Potoo.png', which is missing"],
    ),
    Row(
        "reveal leads out of the bundle",
        POTOO,
        "media/potoo.png",
        "media/../../potoo.png",
        [
            (
                "scripts/potoo.yaml:14: reveal of stage 'photo' is 'media/../../potoo.png', which "
                "leads outside the bundle; expected the path of a picture under media/ (png, jpg, "
                "jpeg, webp, gif)"
            )
        ],
    ),
    Row(
        "reveal is not in media",
        POTOO,
        "media/potoo.png",
        "potoo.png",
        [
            (
                "scripts/potoo.yaml:14: reveal of stage 'photo' is 'potoo.png'; expected the path of a "
                "picture under media/ (png, jpg, jpeg, webp, gif)"
            )
        ],
    ),
    Row(
        "reveal is of an unknown kind",
        POTOO,
        "media/potoo.png",
        "media/potoo.svg",
        [
            (
                "scripts/potoo.yaml:14: reveal of stage 'photo' is 'media/potoo.svg'; expected the "
                "path of a picture under media/ (png, jpg, jpeg, webp, gif)"
            )
        ],
    ),
    Row(
        "reveal is an address",
        POTOO,
        "media/potoo.png",
        "https://example.org/potoo.png",
        [
            (
                "scripts/potoo.yaml:14: reveal of stage 'photo' is 'https://example.org/potoo.png'; "
                "expected the path of a picture under media/ (png, jpg, jpeg, webp, gif)"
            )
        ],
    ),
    Row(
        "a rest is below zero",
        POTOO,
        "stages:\n",
        "stages:\n  - {rest: -1m}\n",
        [
            (
                "scripts/potoo.yaml:6: rest of stage is '-1m'; expected a duration of zero or more, "
                "such as 90d, 36h, 20m or 15s"
            )
        ],
    ),
    Row(
        "a rest is empty",
        POTOO,
        "stages:\n",
        "stages:\n  - {rest: }\n",
        [
            (
                "scripts/potoo.yaml:6: rest of stage is empty; expected a duration of zero or more, "
                "such as 90d, 36h, 20m or 15s"
            )
        ],
    ),
    Row(
        "a choice has no options",
        POTOO,
        "stages:\n",
        "stages:\n  - {choose: Which way, options: []}\n",
        ["scripts/potoo.yaml:6: options of stage has 0 values; expected 1 to 20"],
    ),
    Row(
        "a choice lacks its options",
        POTOO,
        "stages:\n",
        "stages:\n  - {choose: Which way}\n",
        ["scripts/potoo.yaml:6: stage lacks 'options'; required: choose and options"],
    ),
    Row(
        "an option lacks its label",
        POTOO,
        "stages:\n",
        "stages:\n  - {choose: Which way, options: [{goto: sketch}]}\n",
        ["scripts/potoo.yaml:6: option lacks 'label'; required: label"],
    ),
    Row(
        "an option has an unknown key",
        POTOO,
        "stages:\n",
        "stages:\n  - {choose: Which way, options: [{label: On, value: 1}]}\n",
        ["scripts/potoo.yaml:6: option has the unknown key 'value'; known: label, goto"],
    ),
    Row(
        "goto leads nowhere",
        POTOO,
        "stages:\n",
        ("stages:\n  - {id: way, choose: Which way, options: [{label: On}, {label: There, goto: nowhere}]}\n"),
        ["scripts/potoo.yaml:6: goto leads to 'nowhere', which is no stage of this script"],
    ),
    Row(
        "goto leads to itself",
        POTOO,
        "stages:\n",
        ("stages:\n  - {id: way, choose: Which way, options: [{label: On}, {label: There, goto: way}]}\n"),
        ["scripts/potoo.yaml:6: goto leads to 'way', itself; expected a later stage"],
    ),
    Row(
        "goto leads backward",
        POTOO,
        (
            "stages:\n"
            '  - {say: {en: "Begin with a shape: a small upright pillow, rounded at the top.", de: '
            '"Beginnen Sie mit einer Form: ein kleines, aufrechtes Kissen, oben rund."}, hold: '
            "20s}\n"
            '  - {say: {en: "Cover it with brown feathers, speckled like bark.", de: "Bedecken Sie '
            'es mit braunen Federn, gesprenkelt wie Rinde."}, hold: 20s}\n'
            "  - {id: layer_1, rate: vividness, scale: {min: 0, max: 100}}\n"
            '  - {say: {en: "Give it two great round eyes, so dark that they seem to have no '
            'edge.", de: "Geben Sie ihm zwei große runde Augen, so dunkel, dass sie keinen Rand zu '
            'haben scheinen."}, hold: 20s}\n'
            '  - {say: {en: "Let the wide mouth open until it is nearly as broad as the head, pink '
            'inside.", de: "Lassen Sie den breiten Schnabel aufgehen, fast so weit wie der Kopf, '
            'innen rosa."}, hold: 20s}\n'
            "  - {id: layer_2, rate: vividness, scale: {min: 0, max: 100}}\n"
            '  - {id: what_came, report: {en: "What came to you: a picture, words, a feeling, '
            'nothing?", de: "Was kam: ein Bild, Worte, ein Gefühl, nichts?"}, min_words: 0}\n'
            '  - {id: sketch, draw: {en: "Draw it from your imagination.", de: "Zeichnen Sie es '
            'aus der Vorstellung."}, seconds: 120, condition: imagery}\n'
            '  - {id: photo, reveal: media/potoo.png, alt: {en: "A brown bird with large dark eyes '
            'on a branch, drawn in flat shapes", de: "Ein brauner Vogel mit großen dunklen Augen '
            'auf einem Ast, in flachen Formen"}, credit: "Drawn for this example, CC0"}\n'
            '  - {id: match, compare: {en: "How close was what came to you?", de: "Wie nah war, '
            'was Ihnen kam?"}, scale: {min: 0, max: 100}}\n'
        ),
        ("stages:\n  - {id: one, say: One}\n  - {id: way, choose: Which way, options: [{label: Back, goto: one}]}\n"),
        ["scripts/potoo.yaml:7: goto leads to 'one', an earlier stage; expected a later stage"],
    ),
    Row(
        "goto leads backward by place",
        POTOO,
        (
            "stages:\n"
            '  - {say: {en: "Begin with a shape: a small upright pillow, rounded at the top.", de: '
            '"Beginnen Sie mit einer Form: ein kleines, aufrechtes Kissen, oben rund."}, hold: '
            "20s}\n"
            '  - {say: {en: "Cover it with brown feathers, speckled like bark.", de: "Bedecken Sie '
            'es mit braunen Federn, gesprenkelt wie Rinde."}, hold: 20s}\n'
            "  - {id: layer_1, rate: vividness, scale: {min: 0, max: 100}}\n"
            '  - {say: {en: "Give it two great round eyes, so dark that they seem to have no '
            'edge.", de: "Geben Sie ihm zwei große runde Augen, so dunkel, dass sie keinen Rand zu '
            'haben scheinen."}, hold: 20s}\n'
            '  - {say: {en: "Let the wide mouth open until it is nearly as broad as the head, pink '
            'inside.", de: "Lassen Sie den breiten Schnabel aufgehen, fast so weit wie der Kopf, '
            'innen rosa."}, hold: 20s}\n'
            "  - {id: layer_2, rate: vividness, scale: {min: 0, max: 100}}\n"
            '  - {id: what_came, report: {en: "What came to you: a picture, words, a feeling, '
            'nothing?", de: "Was kam: ein Bild, Worte, ein Gefühl, nichts?"}, min_words: 0}\n'
            '  - {id: sketch, draw: {en: "Draw it from your imagination.", de: "Zeichnen Sie es '
            'aus der Vorstellung."}, seconds: 120, condition: imagery}\n'
            '  - {id: photo, reveal: media/potoo.png, alt: {en: "A brown bird with large dark eyes '
            'on a branch, drawn in flat shapes", de: "Ein brauner Vogel mit großen dunklen Augen '
            'auf einem Ast, in flachen Formen"}, credit: "Drawn for this example, CC0"}\n'
            '  - {id: match, compare: {en: "How close was what came to you?", de: "Wie nah war, '
            'was Ihnen kam?"}, scale: {min: 0, max: 100}}\n'
        ),
        ("stages:\n  - {say: One}\n  - {id: way, choose: Which way, options: [{label: Back, goto: stage_1}]}\n"),
        [("scripts/potoo.yaml:7: goto leads to 'stage_1', an earlier stage; expected a later stage")],
    ),
    Row(
        "goto leads to the place of a stage with an id",
        POTOO,
        "stages:\n",
        ("stages:\n  - {id: way, choose: Which way, options: [{label: On}, {label: There, goto: stage_4}]}\n"),
        ["scripts/potoo.yaml:6: goto leads to 'stage_4', which is no stage of this script"],
    ),
    Row(
        "goto is a number",
        POTOO,
        "stages:\n",
        ("stages:\n  - {id: way, choose: Which way, options: [{label: On}, {label: There, goto: 4}]}\n"),
        [
            (
                "scripts/potoo.yaml:6: goto is the number 4; expected an id: a small letter, then "
                "small letters, digits or _, at most 24 characters"
            )
        ],
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=[row.claim for row in ROWS])
def test_a_fault_is_named_with_its_line(row: Row, tmp_path: Path) -> None:
    assert faults_of(as_folder(changed(row.file, row.old, row.new), tmp_path)) == row.faults


def test_no_claim_comes_twice() -> None:
    assert len({row.claim for row in ROWS}) == len(ROWS)
