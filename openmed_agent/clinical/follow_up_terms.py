"""Words of follow-up statements: specialties, tests, and times to come."""

from typing import Final

SPECIALTIES: Final = (
    r"primary care(?: (?:provider|physician|doctor|team|clinic|office))?|pcp|family (?:doctor|physician|medicine|practice)|internal medicine|"
    r"general practitioner|gp|cardiolog(?:y|ist)|cardiac (?:rehab(?:ilitation)?|surgery|electrophysiology)|electrophysiology|nephrolog(?:y|ist)|neurolog(?:y|ist)|"
    r"pulmonolog(?:y|ist)|pulmonary|pulm|endocrinolog(?:y|ist)|endocrine|gastroenterolog(?:y|ist)|gi|hepatolog(?:y|ist)|hematolog(?:y|ist)|"
    r"hematology/oncology|hem/onc|heme/onc|(?:medical |radiation |surgical |gynecologic )?oncolog(?:y|ist)|radiation therapy|rheumatolog(?:y|ist)|infectious diseases?|"
    r"dermatolog(?:y|ist)|ophthalmolog(?:y|ist)|optometr(?:y|ist)|eye (?:doctor|clinic)|otolaryngolog(?:y|ist)|ent|audiolog(?:y|ist)|urolog(?:y|ist)|"
    r"ob/?gyn|gynecolog(?:y|ist)|obstetrics|maternal[- ]fetal medicine|psychiatr(?:y|ist)|psycholog(?:y|ist)|behavioral health|mental health|"
    r"counsel(?:ing|or)|therapist|orthop(?:a?edic)s?(?: surgery| surgeon)?|ortho|(?:general |vascular |plastic |colorectal |thoracic |bariatric |spine |hand |breast |"
    r"transplant |oral |trauma )?surg(?:ery|eon)(?! on)|neurosurg(?:ery|eon)|podiatr(?:y|ist)|physical therap(?:y|ist)|formal physical therapy|occupational therap(?:y|ist)|"
    r"speech therap(?:y|ist)|pt/ot|physical medicine|physiatr(?:y|ist)|pain (?:management|clinic|medicine)|sleep (?:medicine|clinic|specialist)|"
    r"allerg(?:y|ist)(?:/immunology| and immunology| & immunology)?|immunology|genetic(?:s| counseling| counselor)|nutrition(?:ist)?|dietit?ian|diabetes educat(?:or|ion)|"
    r"wound care(?: clinic)?|wound clinic|home health|hospice|palliative care|social work|case management|dentist|dental|pediatric(?:s|ian)|geriatrics|"
    r"anticoagulation clinic|coumadin clinic|heart failure clinic|pharmacist|surgery clinic|specialist|dialysis"
)
TESTS: Final = (
    r"labs?|lab ?work|blood ?work|blood tests?|bmp|cmp|cbc|lfts?|liver (?:function tests|enzymes?|panel)|lipids?(?: panel)?|lipid profile|cholesterol|hba1c|hgb ?a1c|"
    r"(?:hemoglobin )?a1c|hemoglobin|hematocrit|tsh|thyroid (?:function tests|panel)|inr|pt/inr|psa|bnp|troponins?|creatinine|potassium|magnesium|electrolytes|renal function|"
    r"kidney function|chem(?:istry)? ?[78]?|ferritin|iron studies|vitamin (?:d|b12)(?: levels?)?|b12|esr|crp|ana|uric acid|drug levels?|(?:vancomycin|digoxin|lithium|dilantin|tacrolimus) levels?|"
    r"urinalysis|ua|urine (?:culture|studies|microalbumin|protein)|microalbumin|(?:blood |urine |wound |sputum |stool )?cultures?|stool studies|fit test|cologuard|strep test|"
    r"covid(?:-19)? test|hiv (?:test|screen)|hepatitis (?:panel|serologies)|pap(?: smear)?|hpv(?: test)?|biops(?:y|ies)|pathology(?: results?)?|cytology|"
    r"cxr|chest x-?rays?|chest radiograph|x-?rays?|radiographs?|films|imaging|ct(?: scan)?|cat scan|cta|mri|mra|mrcp|pet(?:/ct| scan)?|ultrasounds?|us|doppler|duplex|bone scan|dexa(?: scan)?|"
    r"bone density(?: scan)?|mammograms?|echo(?:cardiogram)?|tte|tee|stress (?:test|echo)|nuclear stress test|ekg|ecg|electrocardiogram|holter(?: monitor)?|event monitor|"
    r"cardiac (?:cath(?:eterization)?|mri)|coronary cta|abi|carotid (?:ultrasound|doppler|duplex)|pfts?|pulmonary function tests?|spirometry|sleep study|polysomnogram|eeg|emg|"
    r"nerve conduction(?: stud(?:y|ies))?|colonoscopy|endoscopy|egd|sigmoidoscopy|cystoscopy|bronchoscopy|swallow study|eye exam|foot exam|hearing test|genetic testing|"
    r"blood pressure|bp|bp check|glucose|blood sugars?|weight check|hepatitis c antibody|gastric emptying study|tests?"
)
_COUNT: Final = (
    r"(?:[0-9]{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|several|a (?:couple|few)(?: of)?|(?:the next )?few|couple(?: of)?)"
)
_UNIT: Final = r"(?:hours?|hrs?|days?|weeks?|wks?|months?|mos?|mths?|years?|yrs?|d|w|m|y)\b"
DATE: Final = (
    r"(?:[0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2,4})?|[0-9]{4}-[0-9]{2}-[0-9]{2}|(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.? [0-9]{1,2}(?:st|nd|rd|th)?(?:,? [0-9]{4})?|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day(?:,? (?:[0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2,4})?))?)"
)
WHEN: Final = (
    rf"(?:in|within|after|~)\s(?:about |approximately |approx\.? |around |~|the next |another )?{_COUNT}(?:\s?(?:-|–|to|or)\s?{_COUNT})?(?:[\s-]|(?<=[0-9])){_UNIT}(?: (?:time|post[- ]?op(?:eratively)?|after (?:discharge|surgery)))?"
    rf"|{_COUNT}(?:\s?(?:-|–|to|or)\s?{_COUNT})?(?:[\s-]|(?<=[0-9])){_UNIT}(?: (?:from now|post[- ]?op(?:eratively)?|after (?:discharge|surgery)|time))?(?! ago)(?![- ](?:old|history))"
    rf"|(?:on|by|before|until)\s{DATE}(?:,? (?:at )?[0-9]{{1,2}}(?::[0-9]{{2}})?\s?(?:am|pm|a\.m\.|p\.m\.))?"
    rf"|(?:next|this|later this|the following|early next) (?:week|month|year|spring|summer|fall|winter|visit|appointment|monday|tuesday|wednesday|thursday|friday)"
    rf"|tomorrow(?: morning)?|(?:every|q) ?{_COUNT}(?: |(?<=[0-9])){_UNIT}|annually|yearly|in the (?:morning|fall|spring|summer|winter)|as scheduled|as previously scheduled|"
    rf"(?:at|by) (?:the |his |her |your )?(?:next|follow[- ]?up) (?:visit|appointment)|p\.?r\.?n\b|as needed|if needed|asap|as soon as possible|today|{DATE}"
)
