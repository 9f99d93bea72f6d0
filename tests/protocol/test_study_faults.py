"""Every rule of study.yaml: its head, the door and the consent form. One row a rule: what is wrong, and exactly what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.protocol.bundles import Row, as_folder, changed, faults_of

STUDY = "study.yaml"

ROWS = [
    Row(
        "format is missing",
        STUDY,
        "format: 1\n",
        "",
        [
            (
                "study.yaml:1: study lacks 'format'; required: format, slug, title, languages, "
                "timezone, contact, summary and consent"
            )
        ],
    ),
    Row("format is another", STUDY, "format: 1\n", "format: 2\n", ["study.yaml:1: format is the number 2; expected 1"]),
    Row("format is in quotes", STUDY, "format: 1\n", 'format: "1"\n', ["study.yaml:1: format is '1'; expected 1"]),
    Row(
        "format is true",
        STUDY,
        "format: 1\n",
        "format: true\n",
        ["study.yaml:1: format is the truth value true; expected 1"],
    ),
    Row(
        "slug is missing",
        STUDY,
        "slug: small-scenes\n",
        "",
        [
            (
                "study.yaml:1: study lacks 'slug'; required: format, slug, title, languages, timezone, "
                "contact, summary and consent"
            )
        ],
    ),
    Row(
        "slug has a capital",
        STUDY,
        "small-scenes",
        "Small-scenes",
        [
            (
                "study.yaml:2: slug is 'Small-scenes'; expected a slug: a small letter, then small "
                "letters, digits, - or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "slug begins with a digit",
        STUDY,
        "small-scenes",
        "1-scenes",
        [
            (
                "study.yaml:2: slug is '1-scenes'; expected a slug: a small letter, then small "
                "letters, digits, - or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "slug is too long",
        STUDY,
        "small-scenes",
        "small-scenes-that-go-on-and-on",
        [("study.yaml:2: slug 'small-scenes-that-go-on-and-on' has 30 characters; expected at most 24")],
    ),
    Row(
        "slug is a number",
        STUDY,
        "small-scenes",
        "12",
        [
            (
                "study.yaml:2: slug is the number 12; expected a slug: a small letter, then small "
                "letters, digits, - or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "title is missing",
        STUDY,
        'title: {en: "Small scenes: a pilot", de: "Kleine Szenen: eine Pilotstudie"}\n',
        "",
        [
            (
                "study.yaml:1: study lacks 'title'; required: format, slug, title, languages, "
                "timezone, contact, summary and consent"
            )
        ],
    ),
    Row(
        "title is empty",
        STUDY,
        '{en: "Small scenes: a pilot", de: "Kleine Szenen: eine Pilotstudie"}',
        "",
        ["study.yaml:3: title is empty; expected text, or a map of language to text"],
    ),
    Row(
        "title is blank",
        STUDY,
        '{en: "Small scenes: a pilot", de: "Kleine Szenen: eine Pilotstudie"}',
        '"  "',
        ["study.yaml:3: title is empty; expected text, or a map of language to text"],
    ),
    Row(
        "title is a number",
        STUDY,
        '{en: "Small scenes: a pilot", de: "Kleine Szenen: eine Pilotstudie"}',
        "1984",
        [
            (
                "study.yaml:3: title is the number 1984; expected text, or a map of language to text; "
                'put it in quotes: "1984"'
            )
        ],
    ),
    Row(
        "title is a truth value",
        STUDY,
        '{en: "Small scenes: a pilot", de: "Kleine Szenen: eine Pilotstudie"}',
        "true",
        [
            (
                "study.yaml:3: title is the truth value true; expected text, or a map of language to "
                'text; put it in quotes: "true"'
            )
        ],
    ),
    Row(
        "title is a list",
        STUDY,
        '{en: "Small scenes: a pilot", de: "Kleine Szenen: eine Pilotstudie"}',
        "[a, b]",
        ["study.yaml:3: title is a list; expected text, or a map of language to text"],
    ),
    Row(
        "title runs over lines",
        STUDY,
        '{en: "Small scenes: a pilot", de: "Kleine Szenen: eine Pilotstudie"}',
        '"a\\nb"',
        ["study.yaml:3: title runs over several lines; expected one line"],
    ),
    Row(
        "title is too long",
        STUDY,
        '{en: "Small scenes: a pilot", de: "Kleine Szenen: eine Pilotstudie"}',
        (
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        ),
        ["study.yaml:3: title has 301 characters; expected at most 300"],
    ),
    Row(
        "title lacks a language",
        STUDY,
        ', de: "Kleine Szenen: eine Pilotstudie"}',
        "}",
        ["study.yaml:3: title lacks de; expected a text for each of en and de"],
    ),
    Row(
        "title has a language that the study lacks",
        STUDY,
        'de: "Kleine Szenen: eine Pilotstudie"}',
        'de: "Kleine Szenen", fr: "Petites"}',
        ["study.yaml:3: title has a text in 'fr'; the study's languages are en and de"],
    ),
    Row(
        "title is a number in one language",
        STUDY,
        'de: "Kleine Szenen: eine Pilotstudie"}',
        "de: 12}",
        ['study.yaml:3: title in de is the number 12; expected text; put it in quotes: "12"'],
    ),
    Row(
        "title is empty in one language",
        STUDY,
        'de: "Kleine Szenen: eine Pilotstudie"}',
        "de: }",
        ["study.yaml:3: title in de is empty; expected text"],
    ),
    Row(
        "languages are missing",
        STUDY,
        "languages: [en, de]\n",
        "",
        [
            (
                "study.yaml:1: study lacks 'languages'; required: format, slug, title, languages, "
                "timezone, contact, summary and consent"
            )
        ],
    ),
    Row("languages are none", STUDY, "[en, de]", "[]", ["study.yaml:4: languages has 0 values; expected 1 to 50"]),
    Row(
        "languages are a word",
        STUDY,
        "[en, de]",
        "en",
        [("study.yaml:4: languages is 'en'; expected a list, each value a language tag such as en, de-AT or zh-Hant")],
    ),
    Row("a language comes twice", STUDY, "[en, de]", "[en, de, en]", ["study.yaml:4: languages holds 'en' twice"]),
    Row(
        "a language is no tag",
        STUDY,
        "[en, de]",
        "[en, German]",
        [("study.yaml:4: language is 'German'; expected a language tag such as en, de-AT or zh-Hant")],
    ),
    Row(
        "a language is in capitals",
        STUDY,
        "[en, de]",
        "[EN, de]",
        ["study.yaml:4: language is 'EN'; expected a language tag such as en, de-AT or zh-Hant"],
    ),
    Row(
        "timezone is missing",
        STUDY,
        "timezone: Europe/London\n",
        "",
        [
            (
                "study.yaml:1: study lacks 'timezone'; required: format, slug, title, languages, "
                "timezone, contact, summary and consent"
            )
        ],
    ),
    Row(
        "timezone is unknown",
        STUDY,
        "Europe/London",
        "Europe/Atlantis",
        [
            (
                "study.yaml:5: timezone is 'Europe/Atlantis'; expected an IANA time zone with a "
                "region, such as Europe/London, or UTC"
            )
        ],
    ),
    Row(
        "timezone is a fixed offset",
        STUDY,
        "Europe/London",
        "Etc/GMT+5",
        [
            (
                "study.yaml:5: timezone is 'Etc/GMT+5'; expected an IANA time zone with a region, such "
                "as Europe/London, or UTC"
            )
        ],
    ),
    Row(
        "timezone is an abbreviation",
        STUDY,
        "Europe/London",
        "EST",
        [("study.yaml:5: timezone is 'EST'; expected an IANA time zone with a region, such as Europe/London, or UTC")],
    ),
    Row(
        "timezone is the machine's",
        STUDY,
        "Europe/London",
        "localtime",
        [
            (
                "study.yaml:5: timezone is 'localtime'; expected an IANA time zone with a region, such "
                "as Europe/London, or UTC"
            )
        ],
    ),
    Row(
        "timezone is Factory",
        STUDY,
        "Europe/London",
        "Factory",
        [
            (
                "study.yaml:5: timezone is 'Factory'; expected an IANA time zone with a region, such "
                "as Europe/London, or UTC"
            )
        ],
    ),
    Row(
        "timezone is posixrules",
        STUDY,
        "Europe/London",
        "posixrules",
        [
            (
                "study.yaml:5: timezone is 'posixrules'; expected an IANA time zone with a region, "
                "such as Europe/London, or UTC"
            )
        ],
    ),
    Row(
        "timezone is a path",
        STUDY,
        "Europe/London",
        "../Europe/London",
        [
            (
                "study.yaml:5: timezone is '../Europe/London'; expected an IANA time zone with a "
                "region, such as Europe/London, or UTC"
            )
        ],
    ),
    Row(
        "timezone is in small letters",
        STUDY,
        "Europe/London",
        "europe/london",
        [
            (
                "study.yaml:5: timezone is 'europe/london'; expected an IANA time zone with a region, "
                "such as Europe/London, or UTC"
            )
        ],
    ),
    Row(
        "contact is missing",
        STUDY,
        "contact: lab@example.org\n",
        "",
        [
            (
                "study.yaml:1: study lacks 'contact'; required: format, slug, title, languages, "
                "timezone, contact, summary and consent"
            )
        ],
    ),
    Row(
        "contact is a list",
        STUDY,
        "contact: lab@example.org",
        "contact: [lab@example.org]",
        ["study.yaml:6: contact is a list; expected one line of text"],
    ),
    Row(
        "summary is missing",
        STUDY,
        "summary: {en: welcome.md, de: welcome.de.md}\n",
        "",
        [
            (
                "study.yaml:1: study lacks 'summary'; required: format, slug, title, languages, "
                "timezone, contact, summary and consent"
            )
        ],
    ),
    Row(
        "summary names no Markdown file",
        STUDY,
        "welcome.md",
        "welcome.txt",
        [("study.yaml:7: summary in en is 'welcome.txt'; expected the path of a Markdown file, such as welcome.md")],
    ),
    Row(
        "summary names a missing file",
        STUDY,
        "welcome.md",
        "hello.md",
        ["study.yaml:7: names 'hello.md', which is missing"],
    ),
    Row(
        "summary leads out of the bundle",
        STUDY,
        "welcome.md",
        "../welcome.md",
        [
            (
                "study.yaml:7: summary in en is '../welcome.md', which leads outside the bundle; "
                "expected the path of a Markdown file, such as welcome.md"
            )
        ],
    ),
    Row(
        "summary is an absolute path",
        STUDY,
        "welcome.md",
        "/etc/welcome.md",
        [
            (
                "study.yaml:7: summary in en is '/etc/welcome.md', which leads outside the bundle; "
                "expected the path of a Markdown file, such as welcome.md"
            )
        ],
    ),
    Row(
        "summary is a Windows path",
        STUDY,
        "welcome.md",
        "'C:\\welcome.md'",
        [
            (
                "study.yaml:7: summary in en is 'C:\\\\welcome.md', which leads outside the bundle; "
                "expected the path of a Markdown file, such as welcome.md"
            )
        ],
    ),
    Row(
        "summary leads out in the middle",
        STUDY,
        "welcome.md",
        "texts/../../welcome.md",
        [
            (
                "study.yaml:7: summary in en is 'texts/../../welcome.md', which leads outside the "
                "bundle; expected the path of a Markdown file, such as welcome.md"
            )
        ],
    ),
    Row(
        "summary lacks a language",
        STUDY,
        "{en: welcome.md, de: welcome.de.md}",
        "{en: welcome.md}",
        ["study.yaml:7: summary lacks de; expected a text for each of en and de"],
    ),
    Row(
        "consent is missing",
        STUDY,
        (
            "consent:\n"
            '  version: "1.0"\n'
            "  text: {en: consent.md, de: consent.de.md}\n"
            "  statements:\n"
            '    - {id: take_part, text: {en: "I agree to take part.", de: "Ich nehme teil."}, '
            "required: true}\n"
            '    - {id: data, text: {en: "My answers may be stored under a pseudonym and '
            'analysed.", de: "Meine Antworten dürfen unter einem Pseudonym gespeichert und '
            'ausgewertet werden."}, required: true}\n'
            '    - {id: recontact, text: {en: "You may ask me about later studies.", de: "Sie '
            'dürfen mich zu späteren Studien fragen."}, required: false}\n'
        ),
        "",
        [
            (
                "study.yaml:1: study lacks 'consent'; required: format, slug, title, languages, "
                "timezone, contact, summary and consent"
            )
        ],
    ),
    Row(
        "a key is unknown",
        STUDY,
        "contact:",
        "kontact:",
        [
            (
                "study.yaml:1: study lacks 'contact'; required: format, slug, title, languages, "
                "timezone, contact, summary and consent"
            ),
            (
                "study.yaml:6: study has the unknown key 'kontact'; did you mean 'contact'? known: "
                "format, slug, title, languages, timezone, contact, summary, eligibility, consent, "
                "groups, before, allocation, arms, after"
            ),
        ],
    ),
    Row(
        "a key is unknown and like none",
        STUDY,
        "format: 1\n",
        "format: 1\nzebra: 1\n",
        [
            (
                "study.yaml:2: study has the unknown key 'zebra'; known: format, slug, title, "
                "languages, timezone, contact, summary, eligibility, consent, groups, before, "
                "allocation, arms, after"
            )
        ],
    ),
    Row(
        "a later issue's key is unknown for now",
        STUDY,
        "format: 1\n",
        "format: 1\nmasking: {roles: [coach], until: freeze}\n",
        [
            (
                "study.yaml:2: study has the unknown key 'masking'; known: format, slug, title, "
                "languages, timezone, contact, summary, eligibility, consent, groups, before, "
                "allocation, arms, after"
            )
        ],
    ),
    Row(
        "a key comes twice",
        STUDY,
        "slug: small-scenes\n",
        "slug: small-scenes\nslug: other\n",
        ["study.yaml:3: repeats the key 'slug', first on line 2"],
    ),
    Row(
        "eligibility is a mapping",
        STUDY,
        (
            '  - {id: age, ask: {en: "How old are you?", de: "Wie alt sind Sie?"}, type: integer, '
            'require: ">= 18"}\n'
            '  - {id: heard, ask: {en: "How did you hear of us?", de: "Wie haben Sie von uns '
            'gehört?"}, type: choice, choices: [clinic, web, friend]}\n'
        ),
        "  id: age\n",
        ["study.yaml:8: eligibility is a mapping; expected a list"],
    ),
    Row(
        "a question's id comes twice",
        STUDY,
        "id: heard",
        "id: age",
        ["study.yaml:10: the id 'age' is taken, on line 9; expected another"],
    ),
    Row(
        "a question's id is no id",
        STUDY,
        "id: heard",
        "id: Heard",
        [
            (
                "study.yaml:10: id of eligibility question is 'Heard'; expected an id: a small letter, "
                "then small letters, digits or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "a question's id is a page's own field",
        STUDY,
        "id: heard",
        "id: csrfmiddlewaretoken",
        [("study.yaml:10: id of eligibility question is 'csrfmiddlewaretoken', a reserved name; expected another")],
    ),
    Row(
        "a question lacks its id",
        STUDY,
        "{id: heard, ask",
        "{ask",
        ["study.yaml:10: eligibility question lacks 'id'; required: id, ask, type and choices"],
    ),
    Row(
        "a question lacks ask",
        STUDY,
        'ask: {en: "How old are you?", de: "Wie alt sind Sie?"}, ',
        "",
        ["study.yaml:9: eligibility question 'age' lacks 'ask'; required: id, ask and type"],
    ),
    Row(
        "a question lacks its type",
        STUDY,
        "type: integer, ",
        "",
        [("study.yaml:9: eligibility question 'age' lacks 'type'; expected integer, boolean or choice")],
    ),
    Row(
        "a question's type is unknown",
        STUDY,
        "type: integer",
        "type: number",
        [("study.yaml:9: type of eligibility question 'age' is 'number'; expected integer, boolean or choice")],
    ),
    Row(
        "a question has an unknown key",
        STUDY,
        "type: integer,",
        "type: integer, ask_twice: true,",
        [("study.yaml:9: eligibility question 'age' has the unknown key 'ask_twice'; known: id, ask, type, require")],
    ),
    Row(
        "a choice question has no choices",
        STUDY,
        ", choices: [clinic, web, friend]",
        "",
        [("study.yaml:10: eligibility question 'heard' lacks 'choices'; required: id, ask, type and choices")],
    ),
    Row(
        "a choice question has an empty list of choices",
        STUDY,
        "[clinic, web, friend]",
        "[]",
        ["study.yaml:10: choices of eligibility question 'heard' has 0 values; expected 1 to 100"],
    ),
    Row(
        "a choice comes twice",
        STUDY,
        "[clinic, web, friend]",
        "[clinic, web, web]",
        ["study.yaml:10: choices of eligibility question 'heard' holds 'web' twice"],
    ),
    Row(
        "a choice is a number",
        STUDY,
        "[clinic, web, friend]",
        "[clinic, 2]",
        [('study.yaml:10: choice is the number 2; expected text without space around it; put it in quotes: "2"')],
    ),
    Row(
        "a choice has space around it",
        STUDY,
        "[clinic, web, friend]",
        "[clinic, 'web ']",
        ["study.yaml:10: choice is 'web '; expected text without space around it"],
    ),
    Row(
        "choices at an integer question",
        STUDY,
        'require: ">= 18"',
        "choices: [a, b]",
        [
            (
                "study.yaml:9: eligibility question 'age' has the unknown key 'choices'; it belongs to "
                "type: choice; known: id, ask, type, require"
            )
        ],
    ),
    Row(
        "require of an integer question is a number",
        STUDY,
        'require: ">= 18"',
        "require: 18",
        [
            (
                "study.yaml:9: require of eligibility question 'age' is the number 18; expected a "
                "comparison with a number, such as '>= 18'"
            )
        ],
    ),
    Row(
        "require of an integer question is no comparison",
        STUDY,
        'require: ">= 18"',
        'require: "from 18"',
        [
            (
                "study.yaml:9: require of eligibility question 'age' is 'from 18'; expected a "
                "comparison with a number, such as '>= 18'"
            )
        ],
    ),
    Row(
        "require of an integer question is true",
        STUDY,
        'require: ">= 18"',
        "require: true",
        [
            (
                "study.yaml:9: require of eligibility question 'age' is the truth value true; expected "
                "a comparison with a number, such as '>= 18'"
            )
        ],
    ),
    Row(
        "require of a choice question is a word",
        STUDY,
        "choices: [clinic, web, friend]",
        "choices: [clinic, web, friend], require: web",
        [
            (
                "study.yaml:10: require of eligibility question 'heard' is 'web'; expected a list, "
                "each value text without space around it"
            )
        ],
    ),
    Row(
        "require of a choice question names no choice",
        STUDY,
        "choices: [clinic, web, friend]",
        "choices: [clinic, web, friend], require: [radio]",
        ["study.yaml:10: require names 'radio'; expected one of its choices"],
    ),
    Row(
        "require of a choice question is empty",
        STUDY,
        "choices: [clinic, web, friend]",
        "choices: [clinic, web, friend], require: []",
        ["study.yaml:10: require of eligibility question 'heard' has 0 values; expected 1 to 100"],
    ),
    Row(
        "require of a boolean question is a comparison",
        STUDY,
        'type: integer, require: ">= 18"',
        'type: boolean, require: ">= 18"',
        ["study.yaml:9: require of eligibility question 'age' is '>= 18'; expected true or false"],
    ),
    Row(
        "require of a boolean question is in quotes",
        STUDY,
        'type: integer, require: ">= 18"',
        'type: boolean, require: "true"',
        ["study.yaml:9: require of eligibility question 'age' is 'true'; expected true or false"],
    ),
    Row(
        "consent is a file's name",
        STUDY,
        (
            "consent:\n"
            '  version: "1.0"\n'
            "  text: {en: consent.md, de: consent.de.md}\n"
            "  statements:\n"
            '    - {id: take_part, text: {en: "I agree to take part.", de: "Ich nehme teil."}, '
            "required: true}\n"
            '    - {id: data, text: {en: "My answers may be stored under a pseudonym and '
            'analysed.", de: "Meine Antworten dürfen unter einem Pseudonym gespeichert und '
            'ausgewertet werden."}, required: true}\n'
            '    - {id: recontact, text: {en: "You may ask me about later studies.", de: "Sie '
            'dürfen mich zu späteren Studien fragen."}, required: false}\n'
        ),
        "consent: consent.md\n",
        [("study.yaml:11: consent is 'consent.md'; expected a mapping with version, text and statements")],
    ),
    Row(
        "consent lacks its version",
        STUDY,
        '  version: "1.0"\n',
        "",
        ["study.yaml:11: consent lacks 'version'; required: version, text and statements"],
    ),
    Row(
        "consent's version is a number",
        STUDY,
        '  version: "1.0"\n',
        "  version: 1.0\n",
        ['study.yaml:12: version is the number 1; expected text; put it in quotes: "1.0"'],
    ),
    Row(
        "consent lacks its text",
        STUDY,
        "  text: {en: consent.md, de: consent.de.md}\n",
        "",
        ["study.yaml:11: consent lacks 'text'; required: version, text and statements"],
    ),
    Row(
        "consent has a later issue's key",
        STUDY,
        '  version: "1.0"\n',
        '  version: "1.0"\n  reconsent: notify\n',
        [("study.yaml:13: consent has the unknown key 'reconsent'; known: version, text, statements")],
    ),
    Row(
        "consent has no statements",
        STUDY,
        (
            "  statements:\n"
            '    - {id: take_part, text: {en: "I agree to take part.", de: "Ich nehme teil."}, '
            "required: true}\n"
            '    - {id: data, text: {en: "My answers may be stored under a pseudonym and '
            'analysed.", de: "Meine Antworten dürfen unter einem Pseudonym gespeichert und '
            'ausgewertet werden."}, required: true}\n'
            '    - {id: recontact, text: {en: "You may ask me about later studies.", de: "Sie '
            'dürfen mich zu späteren Studien fragen."}, required: false}\n'
        ),
        "  statements: []\n",
        ["study.yaml:14: statements has 0 values; expected 1 to 50"],
    ),
    Row(
        "a statement's id comes twice",
        STUDY,
        "{id: data,",
        "{id: take_part,",
        ["study.yaml:16: the id 'take_part' is taken, on line 15; expected another"],
    ),
    Row(
        "a statement lacks its text",
        STUDY,
        'text: {en: "I agree to take part.", de: "Ich nehme teil."}, ',
        "",
        ["study.yaml:15: statement 'take_part' lacks 'text'; required: id and text"],
    ),
    Row(
        "a statement's required is a word",
        STUDY,
        'teil."}, required: true',
        'teil."}, required: yes',
        ["study.yaml:15: required of statement 'take_part' is 'yes'; expected true or false"],
    ),
    Row(
        "a statement's required is a number",
        STUDY,
        'teil."}, required: true',
        'teil."}, required: 1',
        [("study.yaml:15: required of statement 'take_part' is the number 1; expected true or false")],
    ),
    Row(
        "a statement has an unknown key",
        STUDY,
        'teil."}, required: true',
        'teil."}, requird: true',
        [
            (
                "study.yaml:15: statement 'take_part' has the unknown key 'requird'; did you mean "
                "'required'? known: id, text, required"
            )
        ],
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=[row.claim for row in ROWS])
def test_a_fault_is_named_with_its_line(row: Row, tmp_path: Path) -> None:
    assert faults_of(as_folder(changed(row.file, row.old, row.new), tmp_path)) == row.faults


def test_no_claim_comes_twice() -> None:
    assert len({row.claim for row in ROWS}) == len(ROWS)
