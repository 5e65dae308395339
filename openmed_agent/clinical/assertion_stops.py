"""The words that end the reach of a cue, and those that decide on which side of it its mentions stand."""

from openmed_agent.clinical.assertion_words import word_set

# Words that end every reach except that of a condition ("if ... but").
HARD_STOPS = word_set("but however except although though yet nevertheless whereas despite ; aside apart besides")
HARD_STOP_PHRASES = (("other", "than"), ("with", "the", "exception"), ("in", "spite"), ("then",))
# Words that end a clause's reach: they open a statement about something else.
SOFT_STOPS = word_set(
    "who which now currently because since while after following until when here today secondary due "
    "on from despite presenting presents presented"
)
# Short forms of "due to", "because", "secondary to", "presents with" and "complains of", as `words` makes them.
SOFT_STOP_PHRASES = (("d", "/", "t"), ("b", "/", "c"), ("2", "/", "2"), ("p", "/", "w"), ("c", "/", "o"))
# Verbs of affirmation: they open a clause, which starts at the boundary (comma, and) before its subject.
VERBS = word_set(
    "has have had is was are were reports reported endorses endorsed admits complains complained notes "
    "noted states stated describes described developed develops remains continues continued shows "
    "showed shown reveals revealed demonstrates demonstrated takes started admitted underwent received "
    "positive pos using uses found feels appears seems became came went gets got lives works smokes "
    "drinks treated improved improving worsened worsening recently trace stable mild slight minimal "
    "occasional"
)
# After "is" and its like, these report and do not affirm: "no fever or chills are reported".
REPORTING = word_set(
    "reported noted seen present identified appreciated found observed endorsed described evident "
    "elicited demonstrated visualized detected palpable not no negative absent ruled excluded unlikely "
    "possible suspected denied"
)
# Cues only where nothing follows in the segment: "rubella immune", "HIV NR", not "immune thrombocytopenia".
LAST_ONLY = frozenset(("immune", "nr", "before"))
# Before "before", these compare or count: "worse than before", "the night before".
COMPARING = word_set("than as like the day night week month year evening morning days weeks months years shortly just")
# A negation that names these denies a history: "no prior stroke".
PAST_WORDS = word_set("history histories hx prior previous past h")
# "with" after these does not open what a patient with a history comes in with now.
BEFORE_WITH = word_set("problems problem trouble difficulty issues diagnosed hospitalized treated associated along")
# Boxes of a checklist: what stands behind one is present or absent.
CHECKED = frozenset(("x", "X", "✓", "✔"))
TICKED_MARKS = frozenset(("☑", "☒", "✓", "✔", "✅"))
EMPTY_MARKS = frozenset(("☐", "□"))
# Between a cue and its clause's verb: "denies that she has had any".
LIGHT_WORDS = word_set(
    "that he she they the patient pt any you i we me us to his her ever she's currently this it there"
)
# First words of cues that open the condition of something to do, which doubts nothing.
CONDITIONS = frozenset(("if", "should", "unless"))
BOUNDARIES = frozenset((",", "and", "or", "with", "-", "–", ":"))

# One of these follows where "should" opens a condition: "should bleeding occur".
OCCURRING = word_set("occur occurs develop develops recur recurs arise worsen happen appear persist return increase")
# Stops only before "to": "secondary to", "due to"; not "secondary hypertension".
STOPS_BEFORE_TO = frozenset(("secondary", "due"))
# After "excluded", these tell when or how; what was excluded then stands before it.
MANNERS = word_set(
    "yesterday today recently previously initially earlier this on during after via using through since so "
    "clinically radiographically already last there to for when prior at following again"
)
# Behind what was not seen, these open where: "no stone was seen in the duct".
PLACING = word_set("in at within along over near inside throughout among")
# A list behind these is the subject of the verb after it: "the risks of bleeding, infection and death were explained".
SUBJECTS_OF_RISK = word_set("risk risks")
SUBJECTS = word_set("patient pt he she i we patient's")
# Between a statement and its subject: "edema is not present".
AUXILIARIES = word_set(
    "has have had is was were are be been being not also now already since then itself appears seems"
)
# Before a participle: "is not demonstrated".
BEING = word_set("is are was were be been")
# These too, before a predicate: "was felt to be unlikely".
_JUDGING = word_set("felt thought considered deemed judged believed noted found said very highly quite most to")


def is_passed_over(form: str) -> bool:
    """Return whether a word may stand between a statement and its subject: "has now completely resolved"."""
    return form in AUXILIARIES or form in _JUDGING or (len(form) > 4 and form.endswith("ly"))  # noqa: PLR2004
