"""Words of the researcher's pages."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from research.sums import Level


def role_word(role: str) -> str:
    """A role as people read it."""
    return {
        "owner": gettext("Owner"),
        "researcher": gettext("Researcher"),
        "coach": gettext("Coach"),
        "data_manager": gettext("Data manager"),
        "observer": gettext("Observer"),
    }[role]


def state_word(state: str) -> tuple[str, str]:
    """Where a study stands in its life as people read it, and the look of its tag."""
    return {
        "draft": (gettext("Draft"), "info"),
        "open": (gettext("Open"), "good"),
        "paused": (gettext("Paused"), "warn"),
        "closed": (gettext("Closed"), ""),
    }[state]


def kind_word(kind: str) -> str:
    """A kind of having or missing an answer as people read it."""
    return {
        "answered": gettext("Answered"),
        "declined": gettext("Rather not say"),
        "skipped": gettext("Passed over"),
        "not_applicable": gettext("Does not apply"),
        "not_reached": gettext("Not reached"),
        "not_due": gettext("Not asked"),
        "lost": gettext("Lost by the product"),
    }[kind]


def fault_word(level: Level) -> str:
    """What of the participant flow does not add up, as a sentence."""
    where = {
        "assessed": gettext("those assessed"),
        "consented": gettext("those who consented"),
        "allocated": gettext("those allocated"),
        "started": gettext("those who started or did not"),
        "ended": gettext("those who completed, left or are in progress"),
    }[level.name]
    if level.group:
        where = gettext("%(where)s, group %(group)s") % {"where": where, "group": level.group}
    if level.unplaced < 0:
        text = ngettext(
            "Counts do not add up: %(n)d person too many (%(where)s).",
            "Counts do not add up: %(n)d people too many (%(where)s).",
            -level.unplaced,
        )
    else:
        text = ngettext(
            "Counts do not add up: %(n)d person unplaced (%(where)s).",
            "Counts do not add up: %(n)d people unplaced (%(where)s).",
            level.unplaced,
        )
    return text % {"n": abs(level.unplaced), "where": where}


def actor_word(actor: str) -> str:
    """Who did something that the audit log holds, where it is no account."""
    return {
        "participant": gettext("The person"),
        "command": gettext("A command"),
        "product": gettext("The product"),
    }.get(actor, actor)


def act_word(action: str) -> str:
    """What was done, as people read it; nothing for an act that has no words yet (its own name stands beside them)."""
    return {
        "consent.give": gettext("Agreed to take part"),
        "contact.change": gettext("Changed an address"),
        "contact.hold": gettext("Held an address that came back"),
        "contact.reveal": gettext("Looked at contact details"),
        "contacts.read": gettext("Fetched contact details"),
        "door.reopen": gettext("Opened the door to someone again"),
        "export.file": gettext("Fetched data"),
        "guess.record": gettext("Guessed a group"),
        "letter.seen": gettext("Read a message"),
        "letter.write": gettext("Wrote a message"),
        "links.again": gettext("Made links again"),
        "links.revoke": gettext("Ended links"),
        "way.choose": gettext("Chose how reminders come"),
        "way.device_off": gettext("Turned reminders off on a device"),
        "way.lost": gettext("Forgot a device that is gone"),
        "mail.resume": gettext("Asked for mails again"),
        "mail.stop": gettext("Asked for no more mails"),
        "message.again": gettext("Sent a mail again"),
        "message.delivered": gettext("Marked a mail as delivered"),
        "need.seen": gettext("Saw a need, did nothing"),
        "note.change": gettext("Changed a note"),
        "note.write": gettext("Wrote a note"),
        "contact.allow": gettext("Asked for messages again"),
        "contact.forget": gettext("Removed contact details whose time was over"),
        "contact.stop": gettext("Asked for no messages at all"),
        "drafts.forget": gettext("Removed unfinished drawings whose time was over"),
        "payment.approve": gettext("Approved a payment"),
        "payment.paid": gettext("Marked a payment as paid"),
        "payments.file": gettext("Fetched the payments"),
        "people.enrol": gettext("Added people"),
        "person.erase": gettext("Erased a person"),
        "answers.import": gettext("Imported answers"),
        "person.invite": gettext("Invited a person"),
        "person.pause": gettext("Paused a person"),
        "person.resume": gettext("Ended a pause"),
        "person.version": gettext("Went over to another version"),
        "person.withdraw": gettext("Left the study"),
        "product.restored": gettext("Went on after a restored backup"),
        "quality.decide": gettext("Decided about a flag"),
        "role.grant": gettext("Gave a role"),
        "role.revoke": gettext("Took a role away"),
        "event.record": gettext("Recorded an adverse event"),
        "event.replace": gettext("Wrote a new version of an adverse event"),
        "safety.alert": gettext("Raised an alert"),
        "safety.escalate": gettext("Passed an alert on: nobody had looked"),
        "safety.listing": gettext("Fetched the listing of adverse events"),
        "safety.look": gettext("Looked at an alert"),
        "safety.report": gettext("Reported something"),
        "safety.seen": gettext("Saw to a report"),
        "script.aside": gettext("Put a draft of a script aside"),
        "script.draft": gettext("Began a draft of a script"),
        "script.file": gettext("Added a file to a draft"),
        "script.publish": gettext("Published a script"),
        "script.take": gettext("Took a draft of a script back"),
        "step.longer": gettext("Gave a step more time"),
        "step.moved": gettext("Moved a step"),
        "step.skipped": gettext("Skipped a step"),
        "study.closed": gettext("Closed the study"),
        "study.furnish": gettext("Furnished the demonstration"),
        "study.move": gettext("Moved people to a version, at their next session"),
        "study.open": gettext("Opened the study"),
        "study.paused": gettext("Paused the study"),
        "study.plan": gettext("Changed the plan"),
        "study.publish": gettext("Stored a version"),
        "study.simulate": gettext("Added simulated people"),
        "test.ahead": gettext("Moved a test person’s clock"),
        "training.leave": gettext("Stopped the training"),
        "token.create": gettext("Made a token"),
        "token.revoke": gettext("Ended a token"),
    }.get(action, "")
