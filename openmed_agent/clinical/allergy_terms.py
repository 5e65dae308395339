"""Words of allergy statements: allergens, reactions, severities, and what is no allergen."""

from typing import Final


def _patterns(words: str) -> tuple[str, ...]:
    """Return the patterns of a list of words; an underscore stands for a space inside one."""
    return tuple(word.replace("_", " ") for word in words.split())


DRUG_CLASSES: Final = _patterns(
    "penicillins? pcn sulfas? sulfonamides? sulfa_(?:drugs?|antibiotics?) cephalosporins? "
    "macrolides? quinolones? fluoroquinolones? "
    "tetracyclines? aminoglycosides? nsaids? opioids? opiates? narcotics? statins? ace_inhibitors? "
    "acei? arbs? beta_?blockers? "
    "barbiturates? benzodiazepines? contrast(?:_(?:dye|media|material|agents?))? iv_(?:contrast|"
    "dye) iodine iodinated_contrast dye "
    "gadolinium codeine morphine aspirin asa ibuprofen amoxicillin augmentin keflex cephalexin "
    "bactrim septra "
    "ciprofloxacin cipro levaquin levofloxacin vancomycin erythromycin azithromycin clindamycin "
    "doxycycline lisinopril "
    "heparin tramadol hydrocodone oxycodone percocet vicodin demerol dilaudid fentanyl lidocaine "
    "novocaine epinephrine "
    "metformin ceftriaxone ampicillin tetracycline metronidazole flagyl macrobid nitrofurantoin "
    "prednisone phenytoin dilantin "
    "carbamazepine lamotrigine allopurinol gabapentin atorvastatin simvastatin naproxen toradol "
    "ketorolac compazine "
    "reglan phenergan zofran anesthesia local_anesthetics? general_anesthesia propofol "
    "succinylcholine vaccines? "
    "flu_(?:shot|vaccine) influenza_vaccine tetanus_toxoid insulin antibiotics? mycins?"
)
FOODS: Final = _patterns(
    "peanuts? tree_nuts? nuts? almonds? cashews? walnuts? pecans? shellfish shrimp crab lobster "
    "fish seafood eggs? milk dairy lactose "
    "wheat gluten soy soybeans? sesame strawberr(?:y|ies) kiwi bananas? avocados? tomato(?:es)? "
    "citrus oranges? pineapples? mango(?:es)? "
    "chocolate corn msg red_dye food_dyes? sulfites? mushrooms? coconut foods? casein melons? "
    "cinnamon"
)
ENVIRONMENT: Final = _patterns(
    "seasonal environmental pollens? tree_pollens? ragweed grass(?:es)? weeds? trees? dust "
    "dust_mites? mold mould cats? dogs? "
    "horses? animals? pet_dander animal_dander dander pets? cat_hair hay bee_(?:stings?|venom) "
    "bees? wasps? wasp_stings? hornets? insect_(?:bites?|stings?) "
    "fire_ants? spring fall summer poison_ivy poison_oak cockroach(?:es)? feathers? fragrances? "
    "perfumes? outdoor smoke sun "
    "mosquitos? mosquito_bites?"
)
MATERIALS: Final = _patterns(
    "latex adhesives? adhesive_tape tape medical_tape nickel metals? rubber betadine chlorhexidine "
    "chloraprep silk_tape "
    "band-?aids? wool bleach detergents? soaps? cobalt gold silver neosporin"
)
REACTIONS: Final = (
    r"anaphyla(?:xis|ctic(?:[ ]shock|[ ]reaction)?|ctoid)|angio-?o?edema|(?:skin|itchy|"
    r"maculopapular|morbilliform|drug|body|diffuse)?[ ]?rash(?:es)?|hives|urticaria|welts|"
    r"(?:(?:facial|face|lip|lips|tongue|throat|mouth|eye|leg|local|airway|"
    r"hand)[ ])?swelling(?:[ ]of[ ](?:the[ ])?(?:face|lips?|tongue|throat|mouth|eyes?))?|"
    r"(?:throat|airway)[ ](?:closing|closes|closure|tightness|tightening)|oedema|edema|itch(?:ing|"
    r"iness|y)?|pruritus|redness|erythema|flushing|"
    r"red[ ]?man(?:[ ]syndrome)?|stevens[- ]johnson(?:[ ]syndrome)?|sjs|ten|dress|blister(?:s|ing)?|"
    r"peeling|dermatitis|contact[ ]dermatitis|eczema|"
    r"nauseated|sick to (?:his|her|my) stomach|"
    r"nausea(?:[ ]?(?:and|/|&)[ ]?vomiting)?|n/v(?:/d)?|vomiting|emesis|diarrhea|(?:gi|stomach|"
    r"gastrointestinal)[ ](?:upset|distress|intolerance|bleed(?:ing)?|issues)|"
    r"upset[ ]stomach|abdominal[ ](?:pain|cramps|cramping)|stomach[ ](?:pain|ache|cramps)|"
    r"constipation|heartburn|"
    r"short(?:ness)?[ ]of[ ]breath|sob|dyspnea|(?:difficulty|trouble)[ ]breathing|"
    r"respiratory[ ](?:distress|arrest|depression)|wheez(?:ing|e)|bronchospasm|"
    r"cough(?:ing)?|asthma[ ](?:attack|exacerbation)|headaches?|migraines?|dizz(?:iness|y)|"
    r"lightheaded(?:ness)?|hypotension|low[ ]blood[ ]pressure|syncope|passed[ ]out|"
    r"faint(?:ing|ed)|confusion|altered[ ]mental[ ]status|ams|delirium|hallucinat(?:ions?|ing)|"
    r"agitation|jittery|tremors?|seizures?|"
    r"palpitations|tachycardia|bradycardia|arrhythmia|qt[ ]prolongation|fevers?|chills|myalgias?|"
    r"muscle[ ](?:aches?|pains?|cramps|spasms|weakness)|"
    r"joint[ ]pain|arthralgias?|leg[ ]cramps|cramps|rhabdo(?:myolysis)?|myopathy|bleeding|"
    r"thrombocytopenia|hit|neutropenia|agranulocytosis|"
    r"hepatitis|elevated[ ](?:lfts|liver[ ]enzymes)|liver[ ](?:injury|failure)|"
    r"(?:acute[ ])?(?:kidney|renal)[ ](?:injury|failure)|aki|nephritis|"
    r"hyperkalemia|hyponatremia|drowsiness|sedation|somnolence|insomnia|nightmares|dystonia|"
    r"dystonic[ ]reaction|extrapyramidal[ ]symptoms|"
    r"tardive[ ]dyskinesia|serotonin[ ]syndrome|malignant[ ]hyperthermia|weakness|numbness|tingling|"
    r"yeast[ ]infections?|c\.?[ ]diff|"
    r"runny[ ]nose|sneezing|watery[ ]eyes|itchy[ ]eyes|congestion|rhinitis|rhinorrhea|shock|"
    r"cardiac[ ]arrest|burning|ulcers?|"
    r"unknown(?:[ ]reaction)?|reaction[ ]unknown|(?:does[ ]not|doesn't)[ ]remember|"
    r"childhood[ ]reaction|sick|not[ ]specified"
)
SEVERITY: Final = (
    (r"life[- ]threatening|severe(?:ly)?|anaphyla(?:xis|ctic)|high", "severe"),
    (r"moderate(?:ly)?|medium", "moderate"),
    (r"mild(?:ly)?|minor|low", "mild"),
)

# A list entry that begins with, or consists of, one of these names no allergen.
NOT_ALLERGENS: Final = frozenset(
    [
        "allergen",
        "allergens",
        "allergy",
        "allergies",
        "reaction",
        "reactions",
        "severity",
        "type",
        "status",
        "active",
        "comments",
        "comment",
        "noted",
        "onset",
        "date",
        "substance",
        "agent",
        "drug",
        "medication",
        "medications",
        "none",
        "reviewed",
        "updated",
        "verified",
        "confirmed",
        "unknown",
        "see",
        "listed",
        "below",
        "above",
        "list",
        "as",
        "the",
        "patient",
        "he",
        "she",
        "they",
        "pt",
        "no",
        "not",
        "denies",
        "carries",
        "uses",
        "tolerates",
        "tolerated",
        "reports",
        "states",
        "has",
        "and",
        "or",
        "to",
        "with",
        "intolerances",
        "adverse",
        "per",
        "n/a",
        "na",
        "known",
        "current",
        "currently",
        "on",
        "takes",
        "taking",
        "as",
        "past",
        "family",
        "social",
        "history",
        "is",
        "was",
        "documented",
        "recorded",
        "at",
        "on",
        "from",
        "it",
        "this",
        "we",
        "i",
        "mild",
        "moderate",
        "severe",
        "high",
        "low",
        "discussed",
        "included",
        "yes",
        "unable",
    ]
)
