"""Every rule of instruments/*.yaml. One row a rule: what is wrong, and exactly what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.protocol.bundles import Row, as_folder, changed, faults_of

SCENES = "instruments/scenes_4.yaml"

ROWS = [
    Row(
        "an instrument lacks its id",
        SCENES,
        "id: scenes_4\n",
        "",
        [
            (
                "instruments/scenes_4.yaml:1: instrument lacks 'id'; required: id, title, source, "
                "licence, scale, sections and scores"
            )
        ],
    ),
    Row(
        "an instrument has another id than its file",
        SCENES,
        "id: scenes_4",
        "id: scenes_5",
        [("instruments/scenes_4.yaml:1: id is 'scenes_5'; expected 'scenes_4', by which the file is named")],
    ),
    Row(
        "an instrument's id is no id",
        SCENES,
        "id: scenes_4",
        "id: scenes-4",
        [
            (
                "instruments/scenes_4.yaml:1: id is 'scenes-4'; expected an id: a small letter, then "
                "small letters, digits or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "an instrument lacks its title",
        SCENES,
        'title: {en: "Four small scenes", de: "Vier kleine Szenen"}\n',
        "",
        [
            (
                "instruments/scenes_4.yaml:1: instrument lacks 'title'; required: id, title, source, "
                "licence, scale, sections and scores"
            )
        ],
    ),
    Row(
        "an instrument lacks its source",
        SCENES,
        (
            'source: "Own items, made as an example; the 1 to 5 vividness scale follows the '
            'structure of Marks (1973), British Journal of Psychology 64, 17-24."\n'
        ),
        "",
        [
            (
                "instruments/scenes_4.yaml:1: instrument lacks 'source'; required: id, title, source, "
                "licence, scale, sections and scores"
            )
        ],
    ),
    Row(
        "an instrument lacks its licence",
        SCENES,
        "licence: CC0-1.0\n",
        "",
        [
            (
                "instruments/scenes_4.yaml:1: instrument lacks 'licence'; required: id, title, source, "
                "licence, scale, sections and scores"
            )
        ],
    ),
    Row(
        "an instrument lacks its scale",
        SCENES,
        (
            "scale:\n"
            "  min: 1\n"
            "  max: 5\n"
            "  step: 1\n"
            "  direction: higher_is_more\n"
            "  labels:\n"
            '    en: {1: "Nothing appears; I only know that I think of it", 2: "Dim and vague", 3: '
            '"Fairly clear", 4: "Clear and lively", 5: "As clear as seeing it"}\n'
            '    de: {1: "Nichts erscheint; ich weiß nur, dass ich daran denke", 2: "Matt und '
            'vage", 3: "Mäßig klar", 4: "Klar und lebhaft", 5: "So klar wie gesehen"}\n'
        ),
        "",
        [
            (
                "instruments/scenes_4.yaml:1: instrument lacks 'scale'; required: id, title, source, "
                "licence, scale, sections and scores"
            )
        ],
    ),
    Row(
        "an instrument lacks its sections",
        SCENES,
        (
            "sections:\n"
            "  - id: harbour\n"
            '    title: {en: "A harbour at dusk", de: "Ein Hafen in der Dämmerung"}\n'
            '    lead: {en: "Think of a small harbour as the lamps come on.", de: "Denken Sie an '
            'einen kleinen Hafen, wenn die Lampen angehen."}\n'
            "    items:\n"
            '      - {id: h1, text: {en: "The outline of the boats against the sky", de: "Der '
            'Umriss der Boote vor dem Himmel"}}\n'
            '      - {id: h2, text: {en: "The colours of the lamps on the water", de: "Die Farben '
            'der Lampen auf dem Wasser"}}\n'
            "  - id: desk\n"
            '    title: {en: "Your desk", de: "Ihr Schreibtisch"}\n'
            '    lead: {en: "Think of the desk or table at which you sit most.", de: "Denken Sie '
            'an den Tisch, an dem Sie am häufigsten sitzen."}\n'
            "    items:\n"
            '      - {id: d1, text: {en: "The colour of the nearest thing on it", de: "Die Farbe '
            'des nächsten Dings darauf"}}\n'
            '      - {id: d2, text: {en: "How the light falls across it", de: "Wie das Licht '
            'darüber fällt"}}\n'
        ),
        "",
        [
            (
                "instruments/scenes_4.yaml:1: instrument lacks 'sections'; required: id, title, "
                "source, licence, scale, sections and scores"
            )
        ],
    ),
    Row(
        "an instrument lacks its scores",
        SCENES,
        (
            "scores:\n"
            "  total: {of: all, how: sum, missing: {allow: 1, how: prorate}}\n"
            "  harbour: {of: [harbour], how: mean, missing: {allow: 0, how: none}}\n"
        ),
        "",
        [
            (
                "instruments/scenes_4.yaml:1: instrument lacks 'scores'; required: id, title, source, "
                "licence, scale, sections and scores"
            )
        ],
    ),
    Row(
        "an instrument has an unknown key",
        SCENES,
        "licence:",
        "license:",
        [
            (
                "instruments/scenes_4.yaml:1: instrument lacks 'licence'; required: id, title, source, "
                "licence, scale, sections and scores"
            ),
            (
                "instruments/scenes_4.yaml:5: instrument has the unknown key 'license'; did you mean "
                "'licence'? known: id, title, about, source, licence, scale, sections, shuffle, "
                "scores, bands, norms"
            ),
        ],
    ),
    Row(
        "an instrument has a later issue's key",
        SCENES,
        "shuffle: none",
        "eyes: closed",
        [
            (
                "instruments/scenes_4.yaml:27: instrument has the unknown key 'eyes'; known: id, "
                "title, about, source, licence, scale, sections, shuffle, scores, bands, norms"
            )
        ],
    ),
    Row(
        "an instrument's source is a map",
        SCENES,
        (
            'source: "Own items, made as an example; the 1 to 5 vividness scale follows the '
            'structure of Marks (1973), British Journal of Psychology 64, 17-24."\n'
        ),
        "source: {en: Marks, de: Marks}\n",
        ["instruments/scenes_4.yaml:4: source is a mapping; expected text"],
    ),
    Row(
        "an instrument's text lacks a language",
        SCENES,
        ', de: "Vier kleine Szenen"',
        "",
        ["instruments/scenes_4.yaml:2: title lacks de; expected a text for each of en and de"],
    ),
    Row(
        "a scale lacks min",
        SCENES,
        "  min: 1\n",
        "",
        ["instruments/scenes_4.yaml:6: scale lacks 'min'; required: min, max and direction"],
    ),
    Row(
        "a scale lacks max",
        SCENES,
        "  max: 5\n",
        "",
        ["instruments/scenes_4.yaml:6: scale lacks 'max'; required: min, max and direction"],
    ),
    Row(
        "a scale lacks direction",
        SCENES,
        "  direction: higher_is_more\n",
        "",
        ["instruments/scenes_4.yaml:6: scale lacks 'direction'; required: min, max and direction"],
    ),
    Row(
        "a scale's direction is unknown",
        SCENES,
        "higher_is_more",
        "up",
        [("instruments/scenes_4.yaml:10: direction is 'up'; expected higher_is_more or higher_is_less")],
    ),
    Row(
        "a scale's min is in quotes",
        SCENES,
        "min: 1",
        "min: '1'",
        ["instruments/scenes_4.yaml:7: min is '1'; expected a number"],
    ),
    Row(
        "a scale's max is not above min",
        SCENES,
        "max: 5",
        "max: 1",
        ["instruments/scenes_4.yaml:8: max is 1; expected a number above min, which is 1"],
    ),
    Row(
        "a scale's max is not a number",
        SCENES,
        "max: 5",
        "max: .nan",
        ["instruments/scenes_4.yaml:8: holds '.nan'; expected a number between -1e12 and 1e12"],
    ),
    Row(
        "a scale's step is zero",
        SCENES,
        "step: 1",
        "step: 0",
        ["instruments/scenes_4.yaml:9: step is the number 0; expected a number above 0"],
    ),
    Row(
        "a scale's step is below zero",
        SCENES,
        "step: 1",
        "step: -1",
        ["instruments/scenes_4.yaml:9: step is the number -1; expected a number above 0"],
    ),
    Row(
        "a scale's step does not lead to max",
        SCENES,
        "step: 1",
        "step: 3",
        ["instruments/scenes_4.yaml:9: step is 3, which does not lead from min 1 to max 5 evenly"],
    ),
    Row(
        "a scale has too many points",
        SCENES,
        "step: 1",
        "step: 0.001",
        ["instruments/scenes_4.yaml:9: the scale has 4001 points; expected at most 1001"],
    ),
    Row(
        "a label is of a point off the scale",
        SCENES,
        '5: "As clear as seeing it"}',
        '5: "As clear as seeing it", 6: "Clearer"}',
        [
            ("instruments/scenes_4.yaml:12: labels the point 6, which the scale from 1 to 5 by 1 lacks"),
            "instruments/scenes_4.yaml:13: labels in de lacks the label of 6",
        ],
    ),
    Row(
        "a label is of a point between two",
        SCENES,
        "step: 1",
        "step: 2",
        [
            ("instruments/scenes_4.yaml:12: labels the point 2, which the scale from 1 to 5 by 2 lacks"),
            ("instruments/scenes_4.yaml:12: labels the point 4, which the scale from 1 to 5 by 2 lacks"),
            ("instruments/scenes_4.yaml:13: labels the point 2, which the scale from 1 to 5 by 2 lacks"),
            ("instruments/scenes_4.yaml:13: labels the point 4, which the scale from 1 to 5 by 2 lacks"),
        ],
    ),
    Row(
        "a label is of a word",
        SCENES,
        'en: {1: "Nothing',
        'en: {one: "Nothing',
        [
            ("instruments/scenes_4.yaml:12: labels in en has the key 'one'; expected a point of the scale, a number"),
            "instruments/scenes_4.yaml:12: labels in en lacks the label of 1",
        ],
    ),
    Row(
        "a label is a number",
        SCENES,
        '2: "Dim and vague"',
        "2: 2",
        [('instruments/scenes_4.yaml:12: label of 2 is the number 2; expected text; put it in quotes: "2"')],
    ),
    Row(
        "a label comes twice",
        SCENES,
        '2: "Dim and vague"',
        '1: "Dim and vague"',
        [
            "instruments/scenes_4.yaml:12: repeats the key '1', first on line 12",
            "instruments/scenes_4.yaml:12: labels in en lacks the label of 2",
        ],
    ),
    Row(
        "a label comes twice, once in quotes",
        SCENES,
        '2: "Dim and vague"',
        '"1": "Dim and vague"',
        [
            "instruments/scenes_4.yaml:12: repeats the key '1', first on line 12",
            "instruments/scenes_4.yaml:12: labels in en lacks the label of 2",
        ],
    ),
    Row(
        "labels lack a language",
        SCENES,
        "    de: {1:",
        "    fr: {1:",
        [
            "instruments/scenes_4.yaml:11: labels lacks de; expected a text for each of en and de",
            ("instruments/scenes_4.yaml:13: labels has a text in 'fr'; the study's languages are en and de"),
        ],
    ),
    Row(
        "labels of a point to map lack a language",
        SCENES,
        (
            "  labels:\n"
            '    en: {1: "Nothing appears; I only know that I think of it", 2: "Dim and vague", 3: '
            '"Fairly clear", 4: "Clear and lively", 5: "As clear as seeing it"}\n'
            '    de: {1: "Nichts erscheint; ich weiß nur, dass ich daran denke", 2: "Matt und '
            'vage", 3: "Mäßig klar", 4: "Klar und lebhaft", 5: "So klar wie gesehen"}\n'
        ),
        "  labels:\n    1: {en: Nothing}\n    5: {en: Clear, de: Klar}\n",
        [("instruments/scenes_4.yaml:12: label of 1 lacks de; expected a text for each of en and de")],
    ),
    Row(
        "labels mix points and languages",
        SCENES,
        (
            "  labels:\n"
            '    en: {1: "Nothing appears; I only know that I think of it", 2: "Dim and vague", 3: '
            '"Fairly clear", 4: "Clear and lively", 5: "As clear as seeing it"}\n'
            '    de: {1: "Nichts erscheint; ich weiß nur, dass ich daran denke", 2: "Matt und '
            'vage", 3: "Mäßig klar", 4: "Klar und lebhaft", 5: "So klar wie gesehen"}\n'
        ),
        "  labels:\n    1: Nothing\n    en: {5: Clear}\n",
        [
            "instruments/scenes_4.yaml:11: labels lacks de; expected a text for each of en and de",
            ("instruments/scenes_4.yaml:12: labels has a text in '1'; the study's languages are en and de"),
        ],
    ),
    Row(
        "labels lack a point in one language",
        SCENES,
        '5: "So klar wie gesehen"',
        '4.5: "So klar wie gesehen"',
        [
            "instruments/scenes_4.yaml:12: labels in en lacks the label of 4.5",
            "instruments/scenes_4.yaml:13: labels in de lacks the label of 5",
            ("instruments/scenes_4.yaml:13: labels the point 4.5, which the scale from 1 to 5 by 1 lacks"),
        ],
    ),
    Row(
        "labels are a list",
        SCENES,
        (
            "  labels:\n"
            '    en: {1: "Nothing appears; I only know that I think of it", 2: "Dim and vague", 3: '
            '"Fairly clear", 4: "Clear and lively", 5: "As clear as seeing it"}\n'
            '    de: {1: "Nichts erscheint; ich weiß nur, dass ich daran denke", 2: "Matt und '
            'vage", 3: "Mäßig klar", 4: "Klar und lebhaft", 5: "So klar wie gesehen"}\n'
        ),
        "  labels: [Nothing, Clear]\n",
        [
            (
                "instruments/scenes_4.yaml:11: labels is a list; expected a mapping of point to text, "
                "or of language to point to text"
            )
        ],
    ),
    Row(
        "labels of a language are a word",
        SCENES,
        (
            'en: {1: "Nothing appears; I only know that I think of it", 2: "Dim and vague", 3: '
            '"Fairly clear", 4: "Clear and lively", 5: "As clear as seeing it"}'
        ),
        "en: Nothing",
        [("instruments/scenes_4.yaml:12: labels in en is 'Nothing'; expected a mapping of point to text")],
    ),
    Row(
        "an instrument has no sections",
        SCENES,
        (
            "sections:\n"
            "  - id: harbour\n"
            '    title: {en: "A harbour at dusk", de: "Ein Hafen in der Dämmerung"}\n'
            '    lead: {en: "Think of a small harbour as the lamps come on.", de: "Denken Sie an '
            'einen kleinen Hafen, wenn die Lampen angehen."}\n'
            "    items:\n"
            '      - {id: h1, text: {en: "The outline of the boats against the sky", de: "Der '
            'Umriss der Boote vor dem Himmel"}}\n'
            '      - {id: h2, text: {en: "The colours of the lamps on the water", de: "Die Farben '
            'der Lampen auf dem Wasser"}}\n'
            "  - id: desk\n"
            '    title: {en: "Your desk", de: "Ihr Schreibtisch"}\n'
            '    lead: {en: "Think of the desk or table at which you sit most.", de: "Denken Sie '
            'an den Tisch, an dem Sie am häufigsten sitzen."}\n'
            "    items:\n"
            '      - {id: d1, text: {en: "The colour of the nearest thing on it", de: "Die Farbe '
            'des nächsten Dings darauf"}}\n'
            '      - {id: d2, text: {en: "How the light falls across it", de: "Wie das Licht '
            'darüber fällt"}}\n'
        ),
        "sections: []\n",
        ["instruments/scenes_4.yaml:14: sections has 0 values; expected 1 to 100"],
    ),
    Row(
        "a section lacks its id",
        SCENES,
        "  - id: desk\n    title",
        "  - title",
        ["instruments/scenes_4.yaml:21: section lacks 'id'; required: id and items"],
    ),
    Row(
        "a section has no items",
        SCENES,
        (
            "    items:\n"
            '      - {id: d1, text: {en: "The colour of the nearest thing on it", de: "Die Farbe '
            'des nächsten Dings darauf"}}\n'
            '      - {id: d2, text: {en: "How the light falls across it", de: "Wie das Licht '
            'darüber fällt"}}\n'
        ),
        "    items: []\n",
        ["instruments/scenes_4.yaml:24: items of section 'desk' has 0 values; expected 1 to 500"],
    ),
    Row(
        "a section lacks its items",
        SCENES,
        (
            "    items:\n"
            '      - {id: d1, text: {en: "The colour of the nearest thing on it", de: "Die Farbe '
            'des nächsten Dings darauf"}}\n'
            '      - {id: d2, text: {en: "How the light falls across it", de: "Wie das Licht '
            'darüber fällt"}}\n'
        ),
        "",
        ["instruments/scenes_4.yaml:21: section 'desk' lacks 'items'; required: id and items"],
    ),
    Row(
        "a section has an unknown key",
        SCENES,
        '    lead: {en: "Think of the desk',
        '    intro: {en: "Think of the desk',
        [("instruments/scenes_4.yaml:23: section 'desk' has the unknown key 'intro'; known: id, title, lead, items")],
    ),
    Row(
        "an item's id comes twice",
        SCENES,
        "{id: h2",
        "{id: h1",
        ["instruments/scenes_4.yaml:20: the id 'h1' is taken, on line 19; expected another"],
    ),
    Row(
        "an item's id comes twice in two sections",
        SCENES,
        "{id: d2",
        "{id: h1",
        ["instruments/scenes_4.yaml:26: the id 'h1' is taken, on line 19; expected another"],
    ),
    Row(
        "a section's id comes twice",
        SCENES,
        "- id: desk",
        "- id: harbour",
        ["instruments/scenes_4.yaml:21: the id 'harbour' is taken, on line 15; expected another"],
    ),
    Row(
        "an item has the id of a section",
        SCENES,
        "{id: d2",
        "{id: harbour",
        ["instruments/scenes_4.yaml:26: the id 'harbour' is taken, on line 15; expected another"],
    ),
    Row(
        "an item's id is no id",
        SCENES,
        "{id: d2",
        "{id: D2",
        [
            (
                "instruments/scenes_4.yaml:26: id of item is 'D2'; expected an id: a small letter, "
                "then small letters, digits or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "an item's id is a page's own field",
        SCENES,
        "{id: d2",
        "{id: csrfmiddlewaretoken",
        [("instruments/scenes_4.yaml:26: id of item is 'csrfmiddlewaretoken', a reserved name; expected another")],
    ),
    Row(
        "an item lacks its text",
        SCENES,
        ('{id: h1, text: {en: "The outline of the boats against the sky", de: "Der Umriss der Boote vor dem Himmel"}}'),
        "{id: h1}",
        ["instruments/scenes_4.yaml:19: item 'h1' lacks 'text'; required: id and text"],
    ),
    Row(
        "an item has an unknown key",
        SCENES,
        ('{en: "The outline of the boats against the sky", de: "Der Umriss der Boote vor dem Himmel"}}'),
        (
            '{en: "The outline of the boats against the sky", de: "Der Umriss der Boote vor dem '
            'Himmel"}, reversed: true}'
        ),
        [
            (
                "instruments/scenes_4.yaml:19: item 'h1' has the unknown key 'reversed'; did you mean "
                "'reverse'? known: id, text, reverse, optional, scale"
            )
        ],
    ),
    Row(
        "an item of a type comes later",
        SCENES,
        ('{en: "The outline of the boats against the sky", de: "Der Umriss der Boote vor dem Himmel"}}'),
        ('{en: "The outline of the boats against the sky", de: "Der Umriss der Boote vor dem Himmel"}, type: choice}'),
        [
            (
                "instruments/scenes_4.yaml:19: item 'h1' has the unknown key 'type'; known: id, text, "
                "reverse, optional, scale"
            )
        ],
    ),
    Row(
        "an item's reverse is a word",
        SCENES,
        ('{en: "The outline of the boats against the sky", de: "Der Umriss der Boote vor dem Himmel"}}'),
        ('{en: "The outline of the boats against the sky", de: "Der Umriss der Boote vor dem Himmel"}, reverse: yes}'),
        ["instruments/scenes_4.yaml:19: reverse of item 'h1' is 'yes'; expected true or false"],
    ),
    Row(
        "an item's optional is a number",
        SCENES,
        ('{en: "The outline of the boats against the sky", de: "Der Umriss der Boote vor dem Himmel"}}'),
        ('{en: "The outline of the boats against the sky", de: "Der Umriss der Boote vor dem Himmel"}, optional: 1}'),
        [("instruments/scenes_4.yaml:19: optional of item 'h1' is the number 1; expected true or false")],
    ),
    Row(
        "an item's own scale lacks max",
        SCENES,
        ('{en: "The outline of the boats against the sky", de: "Der Umriss der Boote vor dem Himmel"}}'),
        (
            '{en: "The outline of the boats against the sky", de: "Der Umriss der Boote vor dem '
            'Himmel"}, scale: {min: 0}}'
        ),
        ["instruments/scenes_4.yaml:19: scale of item 'h1' lacks 'max'; required: min and max"],
    ),
    Row(
        "an item's own scale is the wrong way round",
        SCENES,
        ('{en: "The outline of the boats against the sky", de: "Der Umriss der Boote vor dem Himmel"}}'),
        (
            '{en: "The outline of the boats against the sky", de: "Der Umriss der Boote vor dem '
            'Himmel"}, scale: {min: 10, max: 0}}'
        ),
        ["instruments/scenes_4.yaml:19: max is 0; expected a number above min, which is 10"],
    ),
    Row(
        "an item's own scale labels a point that it lacks",
        SCENES,
        ('{en: "The outline of the boats against the sky", de: "Der Umriss der Boote vor dem Himmel"}}'),
        (
            '{en: "The outline of the boats against the sky", de: "Der Umriss der Boote vor dem '
            'Himmel"}, scale: {min: 0, max: 10, labels: {11: X}}}'
        ),
        [("instruments/scenes_4.yaml:19: labels the point 11, which the scale from 0 to 10 by 1 lacks")],
    ),
    Row(
        "shuffle is unknown",
        SCENES,
        "shuffle: none",
        "shuffle: all",
        ["instruments/scenes_4.yaml:27: shuffle is 'all'; expected none, items or sections"],
    ),
    Row(
        "shuffle is a truth value",
        SCENES,
        "shuffle: none",
        "shuffle: true",
        [("instruments/scenes_4.yaml:27: shuffle is the truth value true; expected none, items or sections")],
    ),
    Row(
        "scores are none",
        SCENES,
        (
            "scores:\n"
            "  total: {of: all, how: sum, missing: {allow: 1, how: prorate}}\n"
            "  harbour: {of: [harbour], how: mean, missing: {allow: 0, how: none}}\n"
        ),
        "scores: {}\n",
        ["instruments/scenes_4.yaml:28: scores has 0 keys; expected 1 to 100"],
    ),
    Row(
        "a score's name is no id",
        SCENES,
        "  harbour: {of",
        "  Harbour: {of",
        [
            (
                "instruments/scenes_4.yaml:30: score id is 'Harbour'; expected an id: a small letter, "
                "then small letters, digits or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "a score lacks of",
        SCENES,
        "{of: all, how: sum,",
        "{how: sum,",
        ["instruments/scenes_4.yaml:29: score 'total' lacks 'of'; required: of and how"],
    ),
    Row(
        "a score lacks how",
        SCENES,
        "{of: all, how: sum,",
        "{of: all,",
        ["instruments/scenes_4.yaml:29: score 'total' lacks 'how'; required: of and how"],
    ),
    Row(
        "a score's how is unknown",
        SCENES,
        "how: sum",
        "how: median",
        ["instruments/scenes_4.yaml:29: how of score 'total' is 'median'; expected sum or mean"],
    ),
    Row(
        "a score's of is another word",
        SCENES,
        "of: all",
        "of: every",
        [
            (
                "instruments/scenes_4.yaml:29: of of score 'total' is 'every'; expected all, or a list "
                "of items and sections"
            )
        ],
    ),
    Row(
        "a score's of is empty",
        SCENES,
        "of: [harbour]",
        "of: []",
        ["instruments/scenes_4.yaml:30: of of score 'harbour' has 0 values; expected 1 to 500"],
    ),
    Row(
        "a score's of names nothing known",
        SCENES,
        "of: [harbour]",
        "of: [harbor]",
        [("instruments/scenes_4.yaml:30: of names 'harbor'; expected an item or a section of this instrument")],
    ),
    Row(
        "a score's of names an item twice",
        SCENES,
        "of: [harbour]",
        "of: [h1, h1]",
        ["instruments/scenes_4.yaml:30: of of score 'harbour' holds 'h1' twice"],
    ),
    Row(
        "a score's of counts an item twice through its section",
        SCENES,
        "of: [harbour]",
        "of: [harbour, h1]",
        ["instruments/scenes_4.yaml:30: of counts the item 'h1' twice"],
    ),
    Row(
        "a score has an unknown key",
        SCENES,
        "of: all, how: sum,",
        "of: all, how: sum, weight: 2,",
        [("instruments/scenes_4.yaml:29: score 'total' has the unknown key 'weight'; known: of, how, missing")],
    ),
    Row(
        "allow is above the score's items",
        SCENES,
        "of: [harbour], how: mean, missing: {allow: 0",
        "of: [harbour], how: mean, missing: {allow: 3",
        [("instruments/scenes_4.yaml:30: allow is 3; expected at most the number of the score's items, 2")],
    ),
    Row(
        "allow is below zero",
        SCENES,
        "allow: 1",
        "allow: -1",
        [
            (
                "instruments/scenes_4.yaml:29: allow of missing of score 'total' is the number -1; "
                "expected a whole number at least 0 and at most 500"
            )
        ],
    ),
    Row(
        "allow is a fraction above one",
        SCENES,
        "allow: 1",
        "allow: 1.5",
        [
            (
                "instruments/scenes_4.yaml:29: allow of missing of score 'total' is the number 1.5; "
                "expected a number above 0 and below 1"
            )
        ],
    ),
    Row(
        "allow is a fraction below zero",
        SCENES,
        "allow: 1",
        "allow: -0.2",
        [
            (
                "instruments/scenes_4.yaml:29: allow of missing of score 'total' is the number -0.2; "
                "expected a number above 0 and below 1"
            )
        ],
    ),
    Row(
        "allow is a word",
        SCENES,
        "allow: 1",
        "allow: one",
        [
            (
                "instruments/scenes_4.yaml:29: allow of missing of score 'total' is 'one'; expected a "
                "whole number of items, or a fraction of them from 0 to below 1"
            )
        ],
    ),
    Row(
        "missing's how is unknown",
        SCENES,
        "how: prorate",
        "how: impute",
        [("instruments/scenes_4.yaml:29: how of missing of score 'total' is 'impute'; expected prorate or none")],
    ),
    Row(
        "missing has an unknown key",
        SCENES,
        "how: prorate",
        "how: prorate, max: 2",
        [("instruments/scenes_4.yaml:29: missing of score 'total' has the unknown key 'max'; known: allow, how")],
    ),
    Row(
        "bands are of an unknown score",
        SCENES,
        "bands:\n  total:",
        "bands:\n  sum:",
        [("instruments/scenes_4.yaml:32: bands of 'sum'; expected a score of this instrument: total or harbour")],
    ),
    Row(
        "bands overlap",
        SCENES,
        "dim: [5, 8]",
        "dim: [4, 8]",
        [
            (
                "instruments/scenes_4.yaml:32: band 'dim' [4, 8] overlaps band 'none' [4, 4]; expected "
                "every value in one band at most"
            )
        ],
    ),
    Row(
        "a band is within another",
        SCENES,
        "dim: [5, 8]",
        "dim: [10, 11]",
        [
            (
                "instruments/scenes_4.yaml:32: band 'dim' [10, 11] overlaps band 'typical' [9, 18]; "
                "expected every value in one band at most"
            )
        ],
    ),
    Row(
        "a band is the wrong way round",
        SCENES,
        "dim: [5, 8]",
        "dim: [8, 5]",
        ["instruments/scenes_4.yaml:32: band 'dim' ends at 5, below its low 8"],
    ),
    Row(
        "a band's label is no id",
        SCENES,
        "dim: [5, 8]",
        "very dim: [5, 8]",
        [
            (
                "instruments/scenes_4.yaml:32: band id is 'very dim'; expected an id: a small letter, "
                "then small letters, digits or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "a band's label comes twice",
        SCENES,
        "dim: [5, 8]",
        "none: [5, 8]",
        ["instruments/scenes_4.yaml:32: repeats the key 'none', first on line 32"],
    ),
    Row(
        "a norm is of an unknown score",
        SCENES,
        "- {score: total, population",
        "- {score: sum, population",
        [("instruments/scenes_4.yaml:34: norm of 'sum'; expected a score of this instrument: total or harbour")],
    ),
    Row(
        "a norm lacks its source",
        SCENES,
        ', source: "invented for the example"',
        "",
        [
            (
                "instruments/scenes_4.yaml:34: norm lacks 'source'; required: score, population, n, "
                "mean, sd, reliability, kind and source"
            )
        ],
    ),
    Row(
        "a norm's source is empty",
        SCENES,
        'source: "invented for the example"',
        'source: ""',
        ["instruments/scenes_4.yaml:34: source is empty; expected text"],
    ),
    Row(
        "a norm lacks its sd",
        SCENES,
        " sd: 3.0,",
        "",
        [
            (
                "instruments/scenes_4.yaml:34: norm lacks 'sd'; required: score, population, n, mean, "
                "sd, reliability, kind and source"
            )
        ],
    ),
    Row(
        "a norm's sd is zero",
        SCENES,
        " sd: 3.0,",
        " sd: 0,",
        ["instruments/scenes_4.yaml:34: sd is the number 0; expected a number above 0"],
    ),
    Row(
        "a norm's reliability is one",
        SCENES,
        "reliability: 0.85",
        "reliability: 1",
        [("instruments/scenes_4.yaml:34: reliability is the number 1; expected a number at least 0 and below 1")],
    ),
    Row(
        "a norm's reliability is below zero",
        SCENES,
        "reliability: 0.85",
        "reliability: -0.1",
        [("instruments/scenes_4.yaml:34: reliability is the number -0.1; expected a number at least 0 and below 1")],
    ),
    Row(
        "a norm's n is a fraction",
        SCENES,
        "n: 100",
        "n: 99.5",
        ["instruments/scenes_4.yaml:34: n is the number 99.5; expected a whole number at least 1"],
    ),
    Row(
        "a norm's n is zero",
        SCENES,
        "n: 100",
        "n: 0",
        ["instruments/scenes_4.yaml:34: n is the number 0; expected a whole number at least 1"],
    ),
    Row(
        "a norm's kind is unknown",
        SCENES,
        "kind: retest",
        "kind: omega",
        ["instruments/scenes_4.yaml:34: kind is 'omega'; expected alpha or retest"],
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=[row.claim for row in ROWS])
def test_a_fault_is_named_with_its_line(row: Row, tmp_path: Path) -> None:
    assert faults_of(as_folder(changed(row.file, row.old, row.new), tmp_path)) == row.faults


def test_no_claim_comes_twice() -> None:
    assert len({row.claim for row in ROWS}) == len(ROWS)
