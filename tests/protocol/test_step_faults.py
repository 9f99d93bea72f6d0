"""Every rule of study.yaml: steps, anchors, windows, strata and arms. One row a rule: what is wrong, and exactly what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.protocol.bundles import Row, as_folder, changed, faults_of

STUDY = "study.yaml"

ROWS = [
    Row(
        "a step lacks its id",
        STUDY,
        "{id: baseline, ",
        "{",
        ["study.yaml:23: step lacks 'id'; required: id, do and instruments"],
    ),
    Row(
        "a step's id is no id",
        STUDY,
        "id: day28",
        "id: day-28",
        [
            (
                "study.yaml:38: id of step is 'day-28'; expected an id: a small letter, then small "
                "letters, digits or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "a step's id is too long",
        STUDY,
        "id: day28",
        "id: twenty_eight_days_later_on",
        [("study.yaml:38: id of step 'twenty_eight_days_later_on' has 26 characters; expected at most 24")],
    ),
    Row(
        "a step's id is a moment's name",
        STUDY,
        "id: day28",
        "id: allocation",
        ["study.yaml:38: id of step is 'allocation', a reserved name; expected another"],
    ),
    Row(
        "a step's id is the other moment's name",
        STUDY,
        "id: day28",
        "id: consent",
        ["study.yaml:38: id of step is 'consent', a reserved name; expected another"],
    ),
    Row(
        "a step's id is a number",
        STUDY,
        "id: day28",
        "id: 28",
        [
            (
                "study.yaml:38: id of step is the number 28; expected an id: a small letter, then "
                "small letters, digits or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "a step lacks do",
        STUDY,
        "{id: day28, do: assess, ",
        "{id: day28, ",
        ["study.yaml:38: step 'day28' lacks 'do'; expected assess or session"],
    ),
    Row(
        "a step's do is unknown",
        STUDY,
        "{id: day28, do: assess",
        "{id: day28, do: ask",
        ["study.yaml:38: do of step 'day28' is 'ask'; expected assess or session"],
    ),
    Row(
        "a step is a task",
        STUDY,
        "do: assess, instruments: [scenes_4]}\nallocation",
        "do: task, task: {kind: rotation}}\nallocation",
        [
            "study.yaml:23: do of step 'baseline' is 'task'; expected assess or session",
            (
                "study.yaml:23: step 'baseline' has the unknown key 'task'; known: id, title, do, "
                "instruments, at, window, remind, between, optional, missed, script"
            ),
        ],
    ),
    Row(
        "an assess step lacks instruments",
        STUDY,
        "{id: day28, do: assess, instruments: [scenes_4]",
        "{id: day28, do: assess",
        ["study.yaml:38: step 'day28' lacks 'instruments'; required: id, do and instruments"],
    ),
    Row(
        "an assess step has no instruments",
        STUDY,
        "{id: day28, do: assess, instruments: [scenes_4]",
        "{id: day28, do: assess, instruments: []",
        ["study.yaml:38: instruments of step 'day28' has 0 values; expected 1 to 50"],
    ),
    Row(
        "an assess step asks an instrument twice",
        STUDY,
        "{id: day28, do: assess, instruments: [scenes_4]",
        "{id: day28, do: assess, instruments: [scenes_4, scenes_4]",
        ["study.yaml:38: instruments of step 'day28' holds 'scenes_4' twice"],
    ),
    Row(
        "an assess step asks an unknown instrument",
        STUDY,
        "{id: day28, do: assess, instruments: [scenes_4]",
        "{id: day28, do: assess, instruments: [vviq]",
        ["study.yaml:38: instruments names 'vviq'; expected a file instruments/vviq.yaml"],
    ),
    Row(
        "an assess step has a script",
        STUDY,
        "{id: day28, do: assess,",
        "{id: day28, do: assess, script: potoo,",
        [
            (
                "study.yaml:38: step 'day28' has the unknown key 'script'; it belongs to do: session; "
                "known: id, title, do, instruments, at, window, remind, between, optional, missed"
            )
        ],
    ),
    Row(
        "a session step lacks its script",
        STUDY,
        "{id: s2, do: session, script: potoo,",
        "{id: s2, do: session,",
        ["study.yaml:31: step 's2' lacks 'script'; required: id, do and script"],
    ),
    Row(
        "a session step's script is unknown",
        STUDY,
        "{id: s2, do: session, script: potoo",
        "{id: s2, do: session, script: heron",
        ["study.yaml:31: script is 'heron'; expected a file scripts/heron.yaml"],
    ),
    Row(
        "a session step has instruments",
        STUDY,
        "{id: s2, do: session,",
        "{id: s2, do: session, instruments: [scenes_4],",
        [
            (
                "study.yaml:31: step 's2' has the unknown key 'instruments'; it belongs to do: assess; "
                "known: id, title, do, script, at, window, remind, between, optional, missed"
            )
        ],
    ),
    Row(
        "a step has an unknown key",
        STUDY,
        "optional: true",
        "optinal: true",
        [
            (
                "study.yaml:38: step 'day28' has the unknown key 'optinal'; did you mean 'optional'? "
                "known: id, title, do, instruments, at, window, remind, between, optional, missed"
            )
        ],
    ),
    Row(
        "a step's title lacks a language",
        STUDY,
        '{en: "First questionnaire", de: "Erster Fragebogen"}',
        '{en: "First questionnaire"}',
        [("study.yaml:23: title of step 'baseline' lacks de; expected a text for each of en and de")],
    ),
    Row(
        "steps are a mapping",
        STUDY,
        "    steps: []",
        "    steps: {}",
        ["study.yaml:35: steps of arm 'questions' is a mapping; expected a list"],
    ),
    Row(
        "a step is a word",
        STUDY,
        "    steps: []",
        "    steps: [s1]",
        ["study.yaml:35: step is 's1'; expected a mapping with do: assess or session"],
    ),
    Row(
        "optional is a word",
        STUDY,
        "optional: true",
        "optional: yes",
        ["study.yaml:38: optional of step 'day28' is 'yes'; expected true or false"],
    ),
    Row(
        "missed is unknown",
        STUDY,
        "optional: true",
        "missed: wait",
        ["study.yaml:38: missed of step 'day28' is 'wait'; expected skip or stop"],
    ),
    Row(
        "a step's id comes twice in before",
        STUDY,
        "before:\n",
        "before:\n  - {id: baseline, do: assess, instruments: [scenes_4]}\n",
        ["study.yaml:24: the id 'baseline' is taken, on line 23; expected another"],
    ),
    Row(
        "a step's id comes twice in an arm",
        STUDY,
        "id: s2",
        "id: s1",
        ["study.yaml:31: the id 's1' is taken, on line 30; expected another"],
    ),
    Row(
        "an arm's step has the id of one of before",
        STUDY,
        "id: s2",
        "id: baseline",
        ["study.yaml:31: the id 'baseline' is taken, on line 23; expected another"],
    ),
    Row(
        "a step of after has the id of an arm's",
        STUDY,
        "id: day28",
        "id: s1",
        ["study.yaml:38: the id 's1' is taken, on line 30; expected another"],
    ),
    Row(
        "a step of after has the id of one of before",
        STUDY,
        "id: day28",
        "id: baseline",
        ["study.yaml:38: the id 'baseline' is taken, on line 23; expected another"],
    ),
    Row(
        "one id is of two kinds in two arms",
        STUDY,
        "    steps: []",
        "    steps:\n      - {id: s1, do: assess, instruments: [scenes_4]}",
        [("study.yaml:36: step 's1' is do: assess, but on line 30 do: session; one id is one timepoint")],
    ),
    Row(
        "at has no duration",
        STUDY,
        'at: "post.due + 28d"',
        "at: post.due",
        [
            (
                "study.yaml:38: at of step 'day28' is 'post.due'; expected an anchor and a duration, "
                "such as 'allocation + 14d' or 's1.due + 1d'"
            )
        ],
    ),
    Row(
        "at has no anchor",
        STUDY,
        'at: "post.due + 28d"',
        'at: "+ 28d"',
        [
            (
                "study.yaml:38: at of step 'day28' is '+ 28d'; expected an anchor and a duration, such "
                "as 'allocation + 14d' or 's1.due + 1d'"
            )
        ],
    ),
    Row(
        "at has no sign",
        STUDY,
        'at: "post.due + 28d"',
        "at: post.due 28d",
        [
            (
                "study.yaml:38: at of step 'day28' is 'post.due 28d'; expected an anchor and a "
                "duration, such as 'allocation + 14d' or 's1.due + 1d'"
            )
        ],
    ),
    Row(
        "at has no unit",
        STUDY,
        'at: "post.due + 28d"',
        "at: post.due + 28",
        [
            (
                "study.yaml:38: at of step 'day28' is 'post.due + 28'; expected an anchor and a "
                "duration, such as 'allocation + 14d' or 's1.due + 1d'"
            )
        ],
    ),
    Row(
        "at has an unknown unit",
        STUDY,
        'at: "post.due + 28d"',
        "at: post.due + 4w",
        [
            (
                "study.yaml:38: at of step 'day28' is 'post.due + 4w'; expected an anchor and a "
                "duration, such as 'allocation + 14d' or 's1.due + 1d'"
            )
        ],
    ),
    Row(
        "at has an unknown moment",
        STUDY,
        'at: "post.due + 28d"',
        "at: post.start + 28d",
        [
            (
                "study.yaml:38: at of step 'day28' is 'post.start + 28d'; expected an anchor and a "
                "duration, such as 'allocation + 14d' or 's1.due + 1d'"
            )
        ],
    ),
    Row(
        "at adds two durations",
        STUDY,
        'at: "post.due + 28d"',
        "at: post.due + 28d + 1h",
        [
            (
                "study.yaml:38: at of step 'day28' is 'post.due + 28d + 1h'; expected an anchor and a "
                "duration, such as 'allocation + 14d' or 's1.due + 1d'"
            )
        ],
    ),
    Row(
        "at is a number",
        STUDY,
        'at: "post.due + 28d"',
        "at: 28",
        [
            (
                "study.yaml:38: at of step 'day28' is the number 28; expected an anchor and a "
                "duration, such as 'allocation + 14d' or 's1.due + 1d'"
            )
        ],
    ),
    Row(
        "at is anchored on an unknown step",
        STUDY,
        'at: "post.due + 28d"',
        "at: nothing + 28d",
        ["study.yaml:38: at is anchored on 'nothing', which is no step of this study"],
    ),
    Row(
        "at is anchored on itself",
        STUDY,
        'at: "post.due + 28d"',
        "at: day28 + 28d",
        ["study.yaml:38: at closes a circle of anchors: day28 -> day28"],
    ),
    Row(
        "at is anchored on a later step",
        STUDY,
        'at: "allocation + 0s"',
        'at: "s2.due + 1d"',
        ["study.yaml:30: at closes a circle of anchors: s1 -> s2 -> s1"],
    ),
    Row(
        "at closes a circle of two",
        STUDY,
        'at: "allocation + 14d"',
        'at: "day28 + 14d"',
        ["study.yaml:37: at closes a circle of anchors: post -> day28 -> post"],
    ),
    Row(
        "at is anchored on a moment of allocation",
        STUDY,
        'at: "allocation + 14d"',
        "at: allocation.due + 14d",
        [("study.yaml:37: at is 'allocation.due + 14d'; allocation is a moment itself and has no .due")],
    ),
    Row(
        "at is anchored on a moment of consent",
        STUDY,
        'at: "allocation + 14d"',
        "at: consent.done + 14d",
        ["study.yaml:37: at is 'consent.done + 14d'; consent is a moment itself and has no .done"],
    ),
    Row(
        "before is anchored on allocation",
        STUDY,
        "do: assess, instruments: [scenes_4]}\nallocation",
        'do: assess, instruments: [scenes_4], at: "allocation + 1d"}\nallocation',
        [("study.yaml:23: at is anchored on allocation, which comes after `before`; expected consent or a step")],
    ),
    Row(
        "before is anchored on an arm's step",
        STUDY,
        "do: assess, instruments: [scenes_4]}\nallocation",
        'do: assess, instruments: [scenes_4], at: "s1 + 1d"}\nallocation',
        ["study.yaml:23: at is anchored on 's1', which comes later; expected an earlier step"],
    ),
    Row(
        "before is anchored on after",
        STUDY,
        "do: assess, instruments: [scenes_4]}\nallocation",
        'do: assess, instruments: [scenes_4], at: "post + 1d"}\nallocation',
        ["study.yaml:23: at is anchored on 'post', which comes later; expected an earlier step"],
    ),
    Row(
        "before is anchored on a later step of before",
        STUDY,
        "before:\n",
        'before:\n  - {id: early, do: assess, instruments: [scenes_4], at: "baseline + 1d"}\n',
        [("study.yaml:23: at is anchored on 'baseline', which comes later; expected an earlier step")],
    ),
    Row(
        "an arm is anchored on after",
        STUDY,
        'at: "s1 + 1d"',
        'at: "post.due + 1d"',
        ["study.yaml:31: at is anchored on 'post', which comes later; expected an earlier step"],
    ),
    Row(
        "an arm is anchored on another arm's step",
        STUDY,
        "    steps: []",
        '    steps:\n      - {id: q1, do: assess, instruments: [scenes_4], at: "s1 + 1d"}',
        [("study.yaml:36: at is anchored on 's1', a step of arm sessions; expected one of its own arm")],
    ),
    Row(
        "after is anchored on what one arm alone has",
        STUDY,
        'at: "allocation + 14d"',
        'at: "s2 + 1d"',
        [
            (
                "study.yaml:37: at is anchored on 's2', which only arm sessions has; a step of `after` "
                "may anchor on what every arm has"
            )
        ],
    ),
    Row(
        ".closed of a step without a window",
        STUDY,
        'at: "allocation + 14d"',
        'at: "baseline.closed + 1d"',
        [("study.yaml:37: at is 'baseline.closed + 1d'; 'baseline' has no window, so it has no .closed")],
    ),
    Row(
        "window is one duration",
        STUDY,
        "window: [-3d, 7d]",
        "window: 7d",
        ["study.yaml:38: window of step 'day28' is '7d'; expected two durations, [open, close]"],
    ),
    Row(
        "window has one end",
        STUDY,
        "window: [-3d, 7d]",
        "window: [7d]",
        [("study.yaml:38: window of step 'day28' has 1 values; expected two durations, [open, close]")],
    ),
    Row(
        "window has three ends",
        STUDY,
        "window: [-3d, 7d]",
        "window: [-3d, 0d, 7d]",
        [("study.yaml:38: window of step 'day28' has 3 values; expected two durations, [open, close]")],
    ),
    Row(
        "window has no unit",
        STUDY,
        "window: [-3d, 7d]",
        "window: [-3, 7]",
        [
            (
                "study.yaml:38: the first value of window of step 'day28' is the number -3; expected a "
                "duration such as 90d, 36h, 20m, 15s or -1d"
            ),
            (
                "study.yaml:38: the second value of window of step 'day28' is the number 7; expected a "
                "duration such as 90d, 36h, 20m, 15s or -1d"
            ),
        ],
    ),
    Row(
        "window closes before it opens",
        STUDY,
        "window: [-3d, 7d]",
        "window: [7d, -3d]",
        [("study.yaml:38: window closes before it opens, from 7d to -3d; expected [open, close], the earlier first")],
    ),
    Row(
        "window closes before it opens in other units",
        STUDY,
        "window: [-3d, 7d]",
        "window: [2d, 36h]",
        [("study.yaml:38: window closes before it opens, from 2d to 36h; expected [open, close], the earlier first")],
    ),
    Row(
        "window closes as it opens",
        STUDY,
        "window: [-3d, 7d]",
        "window: [1d, 24h]",
        [("study.yaml:38: window closes as it opens, from 1d to 24h; expected [open, close], the earlier first")],
    ),
    Row(
        "window is above twenty years",
        STUDY,
        "window: [-3d, 7d]",
        "window: [-3d, 9999d]",
        [("study.yaml:38: the second value of window of step 'day28' is '9999d'; expected at most 7320d")],
    ),
    Row(
        "a reminder is below zero",
        STUDY,
        "remind: [0s, 3d]",
        "remind: [-1d, 3d]",
        [("study.yaml:38: reminder is '-1d'; expected a duration of zero or more, such as 90d, 36h, 20m or 15s")],
    ),
    Row(
        "a reminder has no unit",
        STUDY,
        "remind: [0s, 3d]",
        "remind: [0, 3d]",
        [
            (
                "study.yaml:38: reminder is the number 0; expected a duration of zero or more, such as "
                "90d, 36h, 20m or 15s"
            )
        ],
    ),
    Row(
        "a reminder comes twice",
        STUDY,
        "remind: [0s, 3d]",
        "remind: [3d, 3d]",
        ["study.yaml:38: remind of step 'day28' holds '3d' twice"],
    ),
    Row(
        "reminders are a word",
        STUDY,
        "remind: [0s, 3d]",
        "remind: 3d",
        ["study.yaml:38: remind of step 'day28' is '3d'; expected a list"],
    ),
    Row(
        "a reminder is a fraction",
        STUDY,
        "remind: [0s, 3d]",
        "remind: [1.5d]",
        [("study.yaml:38: reminder is '1.5d'; expected a duration of zero or more, such as 90d, 36h, 20m or 15s")],
    ),
    Row(
        "between is the wrong way round",
        STUDY,
        'remind: [0s, 3d], between: ["09:00", "20:00"]',
        'remind: [0s, 3d], between: ["20:00", "09:00"]',
        ["study.yaml:38: between is 20:00 to 09:00; expected the earlier time first"],
    ),
    Row(
        "between is empty",
        STUDY,
        'remind: [0s, 3d], between: ["09:00", "20:00"]',
        'remind: [0s, 3d], between: ["09:00", "09:00"]',
        ["study.yaml:38: between is 09:00 to 09:00; expected the earlier time first"],
    ),
    Row(
        "between has no minutes",
        STUDY,
        'remind: [0s, 3d], between: ["09:00", "20:00"]',
        'remind: [0s, 3d], between: ["9", "20:00"]',
        [("study.yaml:38: the first value of between of step 'day28' is '9'; expected a time of day such as 09:00")],
    ),
    Row(
        "between has no such hour",
        STUDY,
        'remind: [0s, 3d], between: ["09:00", "20:00"]',
        'remind: [0s, 3d], between: ["09:00", "24:00"]',
        [
            (
                "study.yaml:38: the second value of between of step 'day28' is '24:00'; expected a "
                "time of day such as 09:00"
            )
        ],
    ),
    Row(
        "between has one time",
        STUDY,
        'remind: [0s, 3d], between: ["09:00", "20:00"]',
        'remind: [0s, 3d], between: ["09:00"]',
        [
            (
                "study.yaml:38: between of step 'day28' has 1 values; expected two times of day, such "
                "as ['09:00', '20:00']"
            )
        ],
    ),
    Row(
        "steps lie a century away",
        STUDY,
        "    steps: []",
        (
            "    steps:\n"
            '      - {id: q0, do: assess, instruments: [scenes_4], at: "consent + 7000d"}\n'
            '      - {id: q1, do: assess, instruments: [scenes_4], at: "q0 + 7000d"}\n'
            '      - {id: q2, do: assess, instruments: [scenes_4], at: "q1 + 7000d"}\n'
            '      - {id: q3, do: assess, instruments: [scenes_4], at: "q2 + 7000d"}\n'
            '      - {id: q4, do: assess, instruments: [scenes_4], at: "q3 + 7000d"}\n'
            '      - {id: q5, do: assess, instruments: [scenes_4], at: "q4 + 7000d"}'
        ),
        ["study.yaml:41: lies up to 42000 days after consent; expected at most 36600"],
    ),
    Row(
        "a group's name is no id",
        STUDY,
        "  imagery:\n",
        "  Imagery:\n",
        [
            (
                "study.yaml:19: group id is 'Imagery'; expected an id: a small letter, then small "
                "letters, digits or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "a group lacks its score",
        STUDY,
        "    score: baseline.scenes_4.total\n",
        "",
        ["study.yaml:19: group 'imagery' lacks 'score'; required: score and bands"],
    ),
    Row(
        "a group lacks its bands",
        STUDY,
        "    bands: {none: [4, 4], dim: [5, 8], typical: [9, 18], vivid: [19, 20]}\nbefore",
        "before",
        ["study.yaml:19: group 'imagery' lacks 'bands'; required: score and bands"],
    ),
    Row(
        "a group's score has two parts",
        STUDY,
        "baseline.scenes_4.total",
        "scenes_4.total",
        [("study.yaml:20: score of group 'imagery' is 'scenes_4.total'; expected STEP.INSTRUMENT.SCORE")],
    ),
    Row(
        "a group's score is of an unknown step",
        STUDY,
        "baseline.scenes_4",
        "screening.scenes_4",
        [("study.yaml:20: score is 'screening.scenes_4.total'; expected a step of `before`, not 'screening'")],
    ),
    Row(
        "a group's score is of a step after allocation",
        STUDY,
        "baseline.scenes_4",
        "post.scenes_4",
        [
            (
                "study.yaml:20: score is 'post.scenes_4.total'; expected a step of `before`, not "
                "'post', which comes too late for allocation"
            )
        ],
    ),
    Row(
        "a group's score is of an instrument that the step does not ask",
        STUDY,
        "baseline.scenes_4",
        "baseline.vviq",
        [("study.yaml:20: score is 'baseline.vviq.total'; step 'baseline' does not ask 'vviq'; expected scenes_4")],
    ),
    Row(
        "a group's score is unknown",
        STUDY,
        "scenes_4.total",
        "scenes_4.sum",
        [("study.yaml:20: score is 'baseline.scenes_4.sum'; 'scenes_4' has no score 'sum'; expected total or harbour")],
    ),
    Row(
        "a group has the id of a question",
        STUDY,
        "id: heard",
        "id: imagery",
        ["study.yaml:19: the id 'imagery' is taken, on line 10; expected another"],
    ),
    Row(
        "a group has an unknown key",
        STUDY,
        "    score: base",
        "    title: x\n    score: base",
        ["study.yaml:20: group 'imagery' has the unknown key 'title'; known: score, bands"],
    ),
    Row(
        "a group's band is the stratum without a score",
        STUDY,
        "dim: [5, 8]",
        "missing: [5, 8]",
        ["study.yaml:21: band id is 'missing', a reserved name; expected another"],
    ),
    Row(
        "a group's band's label is no id",
        STUDY,
        "dim: [5, 8]",
        "Dim: [5, 8]",
        [
            (
                "study.yaml:21: band id is 'Dim'; expected an id: a small letter, then small letters, "
                "digits or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "a group's bands overlap",
        STUDY,
        "dim: [5, 8]",
        "dim: [5, 9]",
        [
            (
                "study.yaml:21: band 'typical' [9, 18] overlaps band 'dim' [5, 9]; expected every "
                "value in one band at most"
            )
        ],
    ),
    Row(
        "a group's band is the wrong way round",
        STUDY,
        "dim: [5, 8]",
        "dim: [8, 5]",
        ["study.yaml:21: band 'dim' ends at 5, below its low 8"],
    ),
    Row(
        "a group's band is one number",
        STUDY,
        "dim: [5, 8]",
        "dim: 5",
        ["study.yaml:21: band 'dim' is the number 5; expected two numbers, [low, high]"],
    ),
    Row(
        "a group's band has three numbers",
        STUDY,
        "dim: [5, 8]",
        "dim: [5, 6, 8]",
        ["study.yaml:21: band 'dim' has 3 values; expected two numbers, [low, high]"],
    ),
    Row(
        "a group's band has a word",
        STUDY,
        "dim: [5, 8]",
        "dim: [5, eight]",
        ["study.yaml:21: the second value of band 'dim' is 'eight'; expected a number"],
    ),
    Row(
        "a group's band has a number in quotes",
        STUDY,
        "dim: [5, 8]",
        'dim: [5, "8"]',
        ["study.yaml:21: the second value of band 'dim' is '8'; expected a number"],
    ),
    Row(
        "a group's band is infinite",
        STUDY,
        "dim: [5, 8]",
        "dim: [5, .inf]",
        ["study.yaml:21: holds '.inf'; expected a number between -1e12 and 1e12"],
    ),
    Row(
        "arms without allocation",
        STUDY,
        "allocation: {method: blocks, blocks: [2, 4], by: [imagery]}\n",
        "",
        ["study.yaml:24: arms without allocation; expected both, or neither for a cohort"],
    ),
    Row(
        "allocation without arms",
        STUDY,
        (
            "arms:\n"
            "  sessions:\n"
            "    ratio: 1\n"
            '    title: {en: "Sessions first", de: "Zuerst Übungen"}\n'
            "    steps:\n"
            '      - {id: s1, do: session, script: potoo, at: "allocation + 0s", window: [0s, 7d], '
            'remind: [1d, 3d], between: ["09:00", "20:00"]}\n'
            '      - {id: s2, do: session, script: potoo, at: "s1 + 1d", window: [0s, 7d], remind: '
            '[0s, 2d], between: ["09:00", "20:00"]}\n'
            "  questions:\n"
            "    ratio: 1\n"
            '    title: {en: "Questions first", de: "Zuerst Fragen"}\n'
            "    steps: []\n"
        ),
        "",
        ["study.yaml:24: allocation without arms; expected both, or neither for a cohort"],
    ),
    Row(
        "arms are none",
        STUDY,
        (
            "arms:\n"
            "  sessions:\n"
            "    ratio: 1\n"
            '    title: {en: "Sessions first", de: "Zuerst Übungen"}\n'
            "    steps:\n"
            '      - {id: s1, do: session, script: potoo, at: "allocation + 0s", window: [0s, 7d], '
            'remind: [1d, 3d], between: ["09:00", "20:00"]}\n'
            '      - {id: s2, do: session, script: potoo, at: "s1 + 1d", window: [0s, 7d], remind: '
            '[0s, 2d], between: ["09:00", "20:00"]}\n'
            "  questions:\n"
            "    ratio: 1\n"
            '    title: {en: "Questions first", de: "Zuerst Fragen"}\n'
            "    steps: []\n"
        ),
        "arms: {}\n",
        ["study.yaml:25: arms has 0 keys; expected 1 to 20"],
    ),
    Row(
        "allocation in a cohort",
        STUDY,
        (
            "allocation: {method: blocks, blocks: [2, 4], by: [imagery]}\n"
            "arms:\n"
            "  sessions:\n"
            "    ratio: 1\n"
            '    title: {en: "Sessions first", de: "Zuerst Übungen"}\n'
            "    steps:\n"
            '      - {id: s1, do: session, script: potoo, at: "allocation + 0s", window: [0s, 7d], '
            'remind: [1d, 3d], between: ["09:00", "20:00"]}\n'
            '      - {id: s2, do: session, script: potoo, at: "s1 + 1d", window: [0s, 7d], remind: '
            '[0s, 2d], between: ["09:00", "20:00"]}\n'
            "  questions:\n"
            "    ratio: 1\n"
            '    title: {en: "Questions first", de: "Zuerst Fragen"}\n'
            "    steps: []\n"
        ),
        "",
        [("study.yaml:25: at is anchored on allocation, but the study has no arms; expected consent or a step")],
    ),
    Row(
        "allocation lacks its method",
        STUDY,
        "{method: blocks, blocks",
        "{blocks",
        ["study.yaml:24: allocation lacks 'method'; expected simple or blocks"],
    ),
    Row(
        "allocation's method is unknown",
        STUDY,
        "method: blocks",
        "method: urn",
        ["study.yaml:24: method of allocation is 'urn'; expected simple or blocks"],
    ),
    Row(
        "minimisation comes later",
        STUDY,
        "{method: blocks, blocks: [2, 4], by: [imagery]}",
        "{method: minimisation, by: [imagery], probability: 0.8}",
        [
            "study.yaml:24: method of allocation is 'minimisation'; expected simple or blocks",
            "study.yaml:24: allocation has the unknown key 'probability'; known: method, by, blocks",
        ],
    ),
    Row(
        "blocks are missing",
        STUDY,
        "method: blocks, blocks: [2, 4]",
        "method: blocks",
        ["study.yaml:24: allocation lacks 'blocks'; required: method and blocks"],
    ),
    Row(
        "blocks with the simple method",
        STUDY,
        "method: blocks",
        "method: simple",
        [("study.yaml:24: allocation has the unknown key 'blocks'; it belongs to method: blocks; known: method, by")],
    ),
    Row(
        "blocks are none", STUDY, "[2, 4]", "[]", ["study.yaml:24: blocks of allocation has 0 values; expected 1 to 20"]
    ),
    Row(
        "a block is no multiple of the ratios' sum",
        STUDY,
        "[2, 4]",
        "[2, 3, 5]",
        [
            "study.yaml:24: blocks holds 3; expected multiples of 2, the sum of the arms' ratios",
            "study.yaml:24: blocks holds 5; expected multiples of 2, the sum of the arms' ratios",
        ],
    ),
    Row(
        "a block is no multiple of uneven ratios' sum",
        STUDY,
        '    ratio: 1\n    title: {en: "Q',
        '    ratio: 2\n    title: {en: "Q',
        [
            "study.yaml:24: blocks holds 2; expected multiples of 3, the sum of the arms' ratios",
            "study.yaml:24: blocks holds 4; expected multiples of 3, the sum of the arms' ratios",
        ],
    ),
    Row(
        "a block is zero",
        STUDY,
        "[2, 4]",
        "[0, 4]",
        [("study.yaml:24: block is the number 0; expected a whole number at least 1 and at most 1000")],
    ),
    Row(
        "a block is a fraction",
        STUDY,
        "[2, 4]",
        "[2.5, 4]",
        [("study.yaml:24: block is the number 2.5; expected a whole number at least 1 and at most 1000")],
    ),
    Row(
        "by names nothing known",
        STUDY,
        "by: [imagery]",
        "by: [imagery, sex]",
        ["study.yaml:24: by names 'sex'; expected a group or an eligibility question"],
    ),
    Row(
        "by names a group twice",
        STUDY,
        "by: [imagery]",
        "by: [imagery, imagery]",
        ["study.yaml:24: by of allocation holds 'imagery' twice"],
    ),
    Row(
        "by is a word",
        STUDY,
        "by: [imagery]",
        "by: imagery",
        [
            (
                "study.yaml:24: by of allocation is 'imagery'; expected a list, each value an id: a "
                "small letter, then small letters, digits or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "an arm's name is no id",
        STUDY,
        "  questions:\n",
        "  Questions:\n",
        [
            (
                "study.yaml:32: arm id is 'Questions'; expected an id: a small letter, then small "
                "letters, digits or _, at most 24 characters"
            )
        ],
    ),
    Row(
        "an arm's ratio is zero",
        STUDY,
        '    ratio: 1\n    title: {en: "Q',
        '    ratio: 0\n    title: {en: "Q',
        [
            (
                "study.yaml:33: ratio of arm 'questions' is the number 0; expected a whole number at "
                "least 1 and at most 100"
            )
        ],
    ),
    Row(
        "an arm's ratio is a fraction",
        STUDY,
        '    ratio: 1\n    title: {en: "Q',
        '    ratio: 0.5\n    title: {en: "Q',
        [
            (
                "study.yaml:33: ratio of arm 'questions' is the number 0.5; expected a whole number at "
                "least 1 and at most 100"
            )
        ],
    ),
    Row(
        "an arm has a later issue's key",
        STUDY,
        "    steps: []",
        "    steps: []\n    mask: A",
        ["study.yaml:36: arm 'questions' has the unknown key 'mask'; known: ratio, title, steps"],
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=[row.claim for row in ROWS])
def test_a_fault_is_named_with_its_line(row: Row, tmp_path: Path) -> None:
    assert faults_of(as_folder(changed(row.file, row.old, row.new), tmp_path)) == row.faults


def test_no_claim_comes_twice() -> None:
    assert len({row.claim for row in ROWS}) == len(ROWS)
