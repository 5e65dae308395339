"""The cues that are phrases, as data, written as `words` makes them: lower case, "not" for every "n't" and "cannot"."""

from functools import cache

from openmed_agent.clinical.assertion_rules import Category, Cue, Direction, Reach, words

_PHRASES: tuple[tuple[Category, Direction, Reach, str], ...] = (
    (
        Category.LISTED,
        Direction.BACKWARD,
        Reach.SEGMENT,
        ("in the past medical history|in his past medical history|in her past medical history|by history"),
    ),
    (
        Category.NEGATED,
        Direction.FORWARD,
        Reach.CLAUSE,
        (
            "insufficient evidence for|insufficient evidence of|little evidence of|little evidence for|"
            "denies that the patient|"
            "denied that the patient|denies that the pt|denied that the pt|"
            "arguing against|argues against|argue against|speaks against|speak against|evidence against|"
            "none involved by|none showing|none with|none positive for|none containing|without c/o|w/o c/o|no c/o|"
            "denies c/o|"
            "failed to disclose|fails to disclose|failed to detect|fails to detect|failed to identify|"
            "failed to find|"
            "failed to document|failed to confirm|not disclose|not yield|not uncover|not document|not elicit|"
            "not confirm|"
            "no|denies|deny|denied|denying|without|w/o|negative for|neg for|no evidence of|no evidence for|"
            "no sign of|no signs of|absence of|free of|lack of|lacks|lacking|never|never had|never has had|"
            "not have|not had|not having|not has|not demonstrate|not demonstrated|not show|not shown|"
            "not reveal|not revealed|not exhibit|not report|not reported|not endorse|not complain of|"
            "not experience|not experiencing|not experienced|not appreciate|not see|not detect|not identify|"
            "not noticed|not notice|not develop|not developed|not note|not find|not suffer from|not suggest|"
            "not indicate|fails to reveal|failed to reveal|fails to show|not aware of|not describe|not any|"
            "not had any|failed to show|failed to demonstrate|rules out|ruled out for|rule out for|"
            "ruled her out for|ruled him out for|neither|nor|none of|nil|zero|no longer has|no longer have|"
            "no longer having|not currently have|no known history of|no history of|no prior history of|"
            "no past history of|no personal history of|no previous history of|not have a history of|"
            "not have any history of|not have history of|without history of|without a history of|no hx of|"
            "no h/o|no known|never had a history of|denies history of|denies a history of|"
            "denies any history of|denies prior history of|denies any prior history of|"
            "denies past history of|"
            "denies h/o|denies hx of|denies any h/o|denies personal history of|denies prior|denies previous|"
            "no prior|no previous|no past|never diagnosed with|not diagnosed with|not been diagnosed with|"
            "never been diagnosed with|negative workup for|negative work up for|negative screen for|"
            "evaluation negative for|pertinent negatives include|pertinent negatives|pertinent negative|"
            "negatives include|negatives|declined|declines|refused|refuses|deferred|not on|not taking|"
            "not take|"
            "not started on|unremarkable for|not consistent with|not compatible with|inconsistent with|"
            "not meet criteria for|not clear evidence of|no suspicion for|no suspicion of|no concern for|"
            "no concerns for|low suspicion for|not concerning for|not suspicious for|not suggestive of|"
            "not evidence of|resolution of|never been told|never told|stopped having|having had no|"
            "denies having had|denied having had|denies ever having|denied ever having|denies having|denied having|"
            "not to have|not known to have|not felt to have|not thought to have|not been found to have|"
            "not carry|stopped experiencing|"
            "no longer experiences|no longer experiencing|no longer suffers from|no longer complains of|"
            "no recurrence of|no recurrent|no residual|excluded|excludes|ruled out|has ruled out|have ruled out|"
            "was ruled out for|were ruled out for|been ruled out for|is ruled out for|uninvolved by|"
            "not involved by|clear of|devoid of|not appear to have|not appear to be|not seem to have|"
            "not seem to be|no complaints of|no complaint of|not complaining of|not associated with|"
            "not diagnosed with|not identify any|nothing to suggest|nothing to indicate|nothing suggesting|"
            "not feel that|not feel this|not feel he|not feel she|not believe|not think|, ruling out|thus ruling out|"
            "thereby ruling out|effectively ruling out|essentially ruling out|never developed|never showed|"
            "at no time did|at no time was|at no time were|at no time has|at no time had|rather than|as opposed to|"
            "instead of|fail to show|fail to reveal|fail to demonstrate|fail to identify|fail to detect|"
            "fails to demonstrate|fails to identify|failing to show|failing to reveal|failing to demonstrate|"
            "not felt to be|not felt to represent|not felt to be due to|not felt to be secondary to|"
            "not felt to be related to|not thought to be|not thought to represent|not thought to be due to|"
            "not thought to be secondary to|not thought to be related to|not due to|not secondary to|not caused by|"
            "not attributed to|not indicative of|no longer suffering from|no longer complaining of|no longer feels|"
            "no longer feeling|but not for|but not by|but not with"
        ),
    ),
    (Category.NEGATED, Direction.FORWARD, Reach.NEAR, "not|non|not in|no longer|not feel"),
    (
        Category.NEGATED,
        Direction.BACKWARD,
        Reach.CLAUSE,
        (
            "no longer seen|no longer present|no longer visible|no longer visualized|no longer identified|"
            "no longer evident|no longer demonstrated|no longer appreciated|no longer noted|can be excluded|"
            "ruled out|was ruled out|were ruled out|been ruled out|is ruled out|are ruled out|was excluded|"
            "were excluded|been excluded|is excluded|excluded|negative|neg|absent|not present|not seen|"
            "not identified|non - reactive|not - reactive|not reactive|nr|"
            "not visualized|not visualised|not appreciated|not detected|not found|"
            "not observed|"
            "not evident|not palpable|not palpated|not noted|not elicited|not demonstrated|not apparent|"
            "not suspected|denied|none|nil|not reported|non reactive|nonreactive|not endorsed|not heard|"
            "not felt|not performed|not done|(-)|[-]|(–)|(−)|-ve|not detectable|undetectable|was not given|"
            "not indicated|not needed|not required|not necessary|not warranted|not recommended|not obtained|"
            "not completed|cancelled|canceled|immune|non immune|nonimmune|"
            "not immune|was disproven|disproved|disproven|not reproducible|declined|refused|never developed|"
            "never occurred|never materialized|never seen|never found|never demonstrated|never documented|"
            "never confirmed|no longer apparent|no longer detected|no longer detectable|no longer palpable|"
            "no longer found|no longer heard|no longer demonstrable|not occur|not materialize|"
            "never a problem|never an issue|not be identified|not be seen|not be found|not be demonstrated|"
            "not be detected|not be palpated|not be appreciated|not be elicited|not be confirmed|is not .|are not .|"
            "was not .|were not ."
        ),
    ),
    (Category.NEGATED, Direction.BACKWARD, Reach.NEAR, "free"),
    (
        Category.NOTHING,
        Direction.BOTH,
        Reach.NEAR,
        (
            "no longer taking|no longer takes|no longer using|no longer uses|no longer on|no longer needs|"
            "no longer requires|"
            "no longer requiring|no longer needing|no longer able|no longer tolerate|no longer tolerates|"
            "no longer responds|"
            "no longer responding|no longer controlled|no longer a|denies that the|denied that the|"
            "denies that his|denies that her|"
            "denied that his|denied that her|"
            "previously described|previously noted|previously seen|previously identified|previously demonstrated|"
            "previously mentioned|previously reported|previously visualized|previously documented|previously known|"
            "without treatment|without therapy|without intervention|without medication|"
            "not only|no increase|no increased|no increase in|no change|no changes|no change in|no changes in|"
            "no significant change|no significant changes|no interval change|no significant interval change|"
            "no decrease|no decrease in|without change|no improvement|no worsening|no significant worsening|"
            "no significant improvement|without improvement|without worsening|not improved|not improve|"
            "not resolved|"
            "not resolve|not improving|not resolving|not worsened|not worsening|not changed|without difficulty|"
            "without any difficulty|without difficulties|without incident|without issue|without issues|"
            "without assistance|without further|gram negative|gram - negative|gram neg|triple negative|"
            "triple - negative|rh negative|rh - negative|her2 negative|her 2 negative|her 2 - negative|er negative|"
            "pr negative|receptor negative|receptor - negative|false negative|false - negative|coagulase negative|"
            "coagulase - negative|net negative|negative balance|negative fluid balance|negative pressure|"
            "negative symptoms|negative margins|no further workup|no doubt|"
            "no deny|not deny|not denying|not without|not absent|not negative for|not drain|no response|no relief|"
            "no benefit|no issues with|no problems with|no problem with|no side effects|no adverse effects|"
            "no complaints|no trouble with|no difficulty with|no difficulty in|no contraindication|"
            "no contraindications|no need for|"
            "no indication for|no indication|no reason for|not tolerate|not tolerated|not tolerating|"
            "not well controlled|not controlled|not at goal|not optimally controlled|not adequately controlled|"
            "not under control|not well managed|not limited to|not just|not simply|not merely|not responding to|"
            "not respond to|not helped|not help|not relieved|not compliant with|not adherent|not taking his|"
            "not taking her|no cause of|no acute change|no acute changes|free t4|free t3|free t|"
            "free water|"
            "free text|free fluid|free air|free testosterone|free kappa|free lambda|sugar free|fat free|"
            "gluten free|"
            "drug free|disease free interval|prior to|prior auth|prior authorization|previously healthy|"
            "previously well|previous note|previous visit|prior visit|prior note|prior exam|prior study|"
            "prior studies|prior imaging|prior ct|previous ct|prior exams|previous study|previous studies|"
            "past family history|history of present illness|history of presenting illness|history and physical|"
            "history and exam|history taking|social history|sexual history|smoking history|clinical history|"
            "birth history|what if|as if|even if|if not|if negative|not certain|risk stratification|rule of|"
            "possible to|possible that he will|as soon as possible|as much as possible|if possible|when possible|"
            "whenever possible|as possible|return to work|return to school|return to baseline|return to normal|"
            "suspect medication|no ?|past few|past several|past week|past weeks|past day|past days|past month|"
            "past months|past year|past two|past three|past 24|past 48|in the past week|in the past few|"
            "in the past month|in the past several|in the past day|in the past year|resolved to|old man|old woman|"
            "old male|old female|old lady|old gentleman|old patient|years old|year old|y o|family medicine|"
            "family practice|family physician|family doctor|family meeting|family member reports|family reports|"
            "family planning|likely to|potential side effects|potential benefits|family states|family at bedside|"
            "previous hospitalization for|risk factors|low risk|high risk|mother tongue|viral load undetectable|"
            "viral load : undetectable|viral load is undetectable|viral load not detected|"
            "viral load : not detected|"
            "vl undetectable|undetectable viral load|undetectable vl|hour history of|hours history of|"
            "day history of|"
            "days history of|week history of|weeks history of|day h/o|week h/o|day hx of|week hx of|"
            "recent history of|natural history of|natural history|likely etiology of|likely cause of|likely source of|"
            "likely explanation for|most likely etiology of|most likely cause of|most likely source of|"
            "most likely explanation for|without doubt|without a doubt|without question|no question that|"
            "probable cause of|possible cause of|possible source of|social hx|hx :|"
            "hx obtained|hx limited|hx from|hx and"
        ),
    ),
    (
        Category.LISTED,
        Direction.FORWARD,
        Reach.CLAUSE,
        (
            "past medical history|past surgical history|past history|medical history significant for|"
            "medical history includes|medical history is significant for|medical history notable for|"
            "medical history is notable for|medical history remarkable for|medical history is remarkable for|"
            "medical history including|medical history consists of|history is significant for|"
            "history significant for|history notable for|history is notable for|history includes|month history of|"
            "months history of|year history of|years history of|month h/o|year h/o|month hx of|year hx of|"
            "long history of|long - standing history of|longstanding history of|lifelong history of|medical hx|"
            "surgical hx|past hx|pmh|pmhx|pmhx of|pmh of|pmh significant for|medical history is positive for|"
            "medical history positive for|history is remarkable for|history remarkable for|history is positive for|"
            "medical problems include|past problems include"
        ),
    ),
    (
        Category.HISTORICAL,
        Direction.FORWARD,
        Reach.CLAUSE,
        (
            "used to have|used to get|used to suffer from|used to experience|"
            "history of|history for|hx of|h/o|past history of|past medical history of|medical history of|"
            "prior history of|previous history of|remote history of|"
            "distant history of|personal history of|known history of|history positive for|histories of|"
            "previously had|in remission from|previously diagnosed with|previously treated for|"
            "recovered from|"
            "had a history of|treated in the past for|previously was diagnosed with|previously been diagnosed with|"
            "hx|past diagnosis of|prior diagnosis of|previous diagnosis of|prior episodes of|prior episode of|"
            "prior bouts of|previous episodes of|previous bouts of|had previously been diagnosed with|"
            "previously suffered from|previously had been treated for"
        ),
    ),
    (
        Category.HISTORICAL,
        Direction.FORWARD,
        Reach.SEGMENT,
        (
            "s/p|status post|status - post|prior|previous|previously|remote|former|formerly|past|resolved|old|"
            "childhood|years ago|"
            "year ago had|in the past|in childhood|as a child|healed|distant|during childhood|post - |"
            "hospitalized previously for|last year for"
        ),
    ),
    (
        Category.HISTORICAL,
        Direction.BACKWARD,
        Reach.SEGMENT,
        (
            "as a boy|as a girl|as a youth|as a toddler|as a young boy|as a young girl|as a young child|"
            "as an adolescent|"
            "did not recur|not recur|not recurred|never recurred|not returned|"
            "before|"
            "resolved|has resolved|have resolved|is resolved|now resolved|in the past|as a child|"
            "in childhood|"
            "in remission|years ago|decades ago|decade ago|long ago|in his youth|in her youth|in his teens|"
            "in her teens|in adolescence|remotely|during childhood|previously|in college|in high school|"
            "at age|"
            "at the age of|as a teenager|as an infant|as a kid|as a baby|in infancy|now healed|history|"
            "as a youngster|as a young adult|as a young man|as a young woman|as a teen|when he was a child|"
            "when she was a child|when he was young|when she was young|when younger|in his twenties|"
            "in her twenties|in his thirties|in her thirties|in his forties|in her forties|in his fifties|"
            "in her fifties|"
            "in his 20 s|in her 20 s|in his 30 s|in her 30 s|in his 40 s|in her 40 s|"
            "has healed|have healed|since healed|has since healed|has since resolved|was cured|is cured|"
            "none since|none thereafter|none since then|none afterwards|no further since|no more since|"
            "no others since|not since|no recurrence since|no recurrence since then|"
            "been cured|in the distant past|in the remote past|earlier in life|has subsided|have subsided|has cleared|"
            "have cleared|has abated|have abated|has gone away|went away|defervesced"
        ),
    ),
    (
        Category.HYPOTHETICAL,
        Direction.FORWARD,
        Reach.CLAUSE,
        (
            "is a risk of|is a risk for|is some risk of|is a potential risk of|is a known risk of|"
            "monitored for|watched for|observed for|could become|may become|might become|"
            "discussion of the possibility of|including the possibility of|aware of the possibility of|"
            "understands the possibility of|informed of the possibility of|"
            "warned about|warned of|warned regarding|cautioned about|cautioned regarding|"
            "at risk for|at risk of|risk for|risk of|risks of|increased risk of|high risk for|high risk of|"
            "prevent|prevents|preventing|to prevent|prevention of|for prevention of|prophylaxis for|"
            "prophylaxis against|to avoid|avoid|to reduce risk of|screen for|screening for|screened for|"
            "monitor for|monitoring for|watch for|watching for|observe for|in case of|may develop|could develop|"
            "might develop|can cause|may cause|could cause|as needed for|prn for|prn|as needed|p.r.n.|p.r.n. for|"
            "fear of|afraid of|predisposed to|precautions for|vaccine for|vaccination for|vaccine against|"
            "vaccination against|vaccinated against|immunized against|signs and symptoms of|warning signs|"
            "predisposition to|susceptible to|potential for|the chance of|vaccinated for|immunized for|"
            "immunised against|vaccine to prevent|chance of|chances of|chance of developing|for evidence of|"
            "for any evidence of|for signs of|for any signs of|for any sign of|for development of|"
            "for the development of|prophylaxis :|ppx :|hold for"
        ),
    ),
    (
        Category.UNCERTAIN,
        Direction.FORWARD,
        Reach.CLAUSE,
        (
            "is doubtful that|is doubtful whether|doubtful that|doubtful whether|doubt that|doubt whether|"
            "considerations include|considerations would include|"
            "possibilities include|possibilities would include|differential would include|etiologies include|"
            "low probability for|intermediate probability for|high probability for|probability for|"
            "difficult to exclude|"
            "hard to exclude|difficult to rule out|hard to rule out|could well be|may well be|might well be|"
            "is a possibility of|"
            "is a concern for|is a concern of|"
            "not diagnostic of|not diagnostic for|nondiagnostic for|be ruled out for|being ruled out for|"
            "rule out|rule - out|r/o|to rule out|ruling out|concern for|concerns for|concerning for|"
            "concerned for|concern about|concerned about|concern of|concerns of|worry about|worried about|"
            "worry for|worrisome for|suspicious for|suspicion for|suspicion of|suspicious of|suggestive of|"
            "suggesting|evaluate for|evaluated for|evaluation for|evaluation of possible|eval for|assess for|"
            "assessment for|to exclude|exclude|be checked for|check for|look for|looking for|may have|might have|"
            "could have|may be|might be|could be|may represent|might represent|could represent|may indicate|"
            "could indicate|may reflect|could reflect|differential includes|differential diagnosis includes|"
            "differential diagnosis|differential|ddx|ddx includes|workup for|work up for|work - up for|"
            "not exclude|not rule out|not be able to rule out|unable to exclude|unable to rule out|"
            "not entirely exclude|not completely exclude|not definitively exclude|not ruled out for|question of|"
            "suspect|suspects|suspected|suspecting|consider|considering|not sure if|unsure if|unsure whether|"
            "unclear if|unclear whether|not certain if|not sure whether|not necessarily|whether|considered|"
            "considered for|was considered for|were considered for|been considered for|is considered for|"
            "being considered for|are considered for|threatened|impending|to look for|testing for|tested for|"
            "test for|to evaluate|to evaluate for|could be due to|may be due to|might be due to|"
            "could be secondary to|may be secondary to|might be secondary to|could be from|may be from|"
            "might be from|may be related to|could be related to|might be related to|possibly due to|"
            "possibly secondary to|possibly from|possibly related to|probably due to|probably secondary to|"
            "likely due to|likely secondary to|likely from|likely related to|possibility of|likelihood of|"
            "probability of|raises concern for|raise concern for|raises suspicion for|fears|fears that|"
            "fearful of|worried that|worries about|worries that|concerned that|concern that|afraid that|"
            "not clear if|not clear whether|likely caused by|is likely caused by|is likely due to|are likely due to|"
            "is likely secondary to|are likely secondary to|is likely related to|are likely related to|"
            "was likely due to|is probably due to|is probably secondary to|is possibly due to|"
            "probably related to|"
            "most likely due to|most likely secondary to|is most likely due to|is most likely secondary to"
        ),
    ),
    (
        Category.UNCERTAIN,
        Direction.FORWARD,
        Reach.SEGMENT,
        (
            "question|"
            "possible|possibly|probable|probably|likely|questionable|presumed|presumptive|potential|potentially|"
            "perhaps|maybe|?|vs|versus|v.|borderline|equivocal for|suspicion|unlikely|less likely|most likely|"
            "unlikely to be|unlikely to have|unlikely to represent|is unlikely to be|is unlikely to have|"
            "is unlikely to represent|doubt|doubtful for|prob|poss|appears to have possible|provisional"
        ),
    ),
    (
        Category.HYPOTHETICAL,
        Direction.FORWARD,
        Reach.SENTENCE,
        (
            "if|should she|should he|should they|should the patient|should you|should patient|should pt|"
            "should symptoms|should any|should there be|unless|return for|return if|return with|return to ed for|"
            "return to ed if|return to er for|return to er if|return to the ed for|return to the er for|"
            "return to the emergency department for|return to emergency department for|"
            "return to the hospital for|return to clinic for|return to clinic if|return precautions|call for|"
            "call if|call with|call your doctor for|call the office for|call our office for|call 911 for|"
            "call us for|contact us for|seek care for|seek medical attention for|seek immediate care for|"
            "seek medical care for|come back for|come back if|go to the ed for|go to er for|go to the er for|"
            "go to ed for|notify for|notify if|in the event of|instructed to return|advised to return|"
            "told to return|report any|in case|when necessary for|present to ed for|red flags|red flag symptoms|"
            "precautions given for|alarm symptoms|risks including|risks include|risks such as|risks , including|"
            "risks are|complications including|complications include|complications such as|"
            "side effects including|side effects include|side effects such as|adverse effects including|"
            "adverse effects include|adverse effects such as|possible complications|potential complications|"
            "risks discussed include|risks were explained including"
        ),
    ),
    (
        Category.HYPOTHETICAL,
        Direction.BACKWARD,
        Reach.SEGMENT,
        (
            "is a potential complication|is a possible complication|is a known complication|is a known risk|"
            "is a risk|is a possible side effect|is a potential side effect|is a potential risk|risk|prophylaxis|"
            "prophylaxis :|ppx :|"
            "ppx|screening|screen|precautions|vaccine|vaccination|prevention"
        ),
    ),
    (
        Category.UNCERTAIN,
        Direction.BACKWARD,
        Reach.SEGMENT,
        (
            "difficult to exclude|hard to exclude|difficult to rule out|hard to rule out|"
            "be ruled out|being ruled out|"
            "?|vs|versus|v.|possible|is possible|is suspected|are suspected|was suspected|suspected|unlikely|"
            "less likely|is unlikely|not excluded|not be excluded|not ruled out|not be ruled out|"
            "not been ruled out|to be ruled out|not been excluded|not yet excluded|not yet ruled out|"
            "not entirely excluded|not completely excluded|not definitively ruled out|not be entirely excluded|"
            "not be completely excluded|not be definitively excluded|is in the differential|in the differential|"
            "on the differential|remains on the differential|is a possibility|is a concern|is a consideration|"
            "considered|is considered|was considered|were considered|been considered|questionable|equivocal|"
            "is likely|is probable|likely|probable|workup|work up|is of concern|is doubtful|is presumed|"
            "be considered|protocol|is less likely|pending|rule out|rule - out|r/o|cannot be assessed|"
            "is questioned|not certain|remains a possibility|remains a concern|remains a consideration|"
            "remains possible|remains in the differential|remains suspected|remains of concern"
        ),
    ),
)


Phrases = tuple[tuple[tuple[str, ...], tuple[Cue, ...]], ...]  # the words of each, and what it may be


@cache
def cues() -> dict[str, Phrases]:
    """Return the cues by their first word, longest phrase first."""
    collected: dict[tuple[str, ...], list[Cue]] = {}
    for category, direction, reach, phrases in _PHRASES:
        for phrase in phrases.split("|"):
            forms = tuple(word.form for word in words(phrase, 0, len(phrase)))
            collected.setdefault(forms, []).append(Cue(category, direction, reach))
    by_first: dict[str, list[tuple[tuple[str, ...], tuple[Cue, ...]]]] = {}
    for forms, found in collected.items():
        by_first.setdefault(forms[0], []).append((forms, tuple(found)))
    return {first: tuple(sorted(entries, key=lambda entry: -len(entry[0]))) for first, entries in by_first.items()}
